import { expect, test } from 'vitest';
import { ask } from './helpers.ts';
import { startBackendProgram, startProxyProgram } from './program.ts';

test('a backend as a process of its own serves, and a SIGTERM ends it in order', async () => {
  await using program = await startBackendProgram('a');
  expect((await ask(program.port)).body).toBe('a\n');
  expect(await program.stop()).toBe(0);
  expect(program.output()).toMatch(/a: registered\n.*a: draining\na: closed\n$/s);
});

test('a proxy as a process of its own serves, and a SIGTERM ends it in order', async () => {
  await using program = await startProxyProgram();
  expect((await ask(program.port)).status).toBe(503);
  expect(await program.stop()).toBe(0);
});
