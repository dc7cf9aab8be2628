import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
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

test('a SIGTERM ends a proxy though clients keep their connections, busy or silent', async () => {
  await using program = await startProxyProgram();
  const { port } = program;
  const silent = connect(port, '127.0.0.1');
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let answered = 0;
  let ended = false;
  const busy = (async () => {
    while (!ended) {
      await new Promise<void>((resolve) => {
        get({ port, host: '127.0.0.1', agent }, (response) => response.resume().on('close', resolve)).on('error', () =>
          resolve(),
        );
      });
      answered += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await expect.poll(() => answered).toBeGreaterThan(20);
  expect(await program.stop()).toBe(0);
  ended = true;
  await busy;
  agent.destroy();
  silent.destroy();
});
