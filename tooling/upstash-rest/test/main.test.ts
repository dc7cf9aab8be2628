import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test.for([
  [{ PORT: 'eighty' }, 'PORT must be a number up to 65535'],
  [{ PORT: '65536' }, 'PORT must be a number up to 65535'],
  [{ REDIS_URL: '127.0.0.1:6379' }, 'REDIS_URL must be one like redis://127.0.0.1:6379'],
  [{ REDIS_URL: 'redis://:secret@127.0.0.1:1' }, 'the server at REDIS_URL does not serve (ECONNREFUSED)'],
] as const)('started by hand with %o it says on one line what is wrong', async ([given, wrong]) => {
  const program = spawn(process.execPath, [MAIN], { env: { ...process.env, PORT: '', REDIS_URL: '', ...given } });
  const [output, [code]] = await Promise.all([text(program.stderr), once(program, 'exit')]);
  expect(output).toMatch(/^upstash: .*\.\n$/);
  expect(output).toContain(wrong);
  expect(output).not.toContain('secret');
  expect(code).toBe(1);
});

test.for(['--help', '-h'])('%s prints how it is used, and starts nothing', async (argument) => {
  const program = spawn(process.execPath, [MAIN, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, [code]] = await Promise.all([text(program.stdout), once(program, 'exit')]);
  expect(output).toMatch(/PORT[\s\S]*REDIS_URL/);
  expect(output).not.toContain('UPSTASH_REDIS_REST_URL=');
  expect(code).toBe(0);
});

test('an argument that it does not have is told', async () => {
  const program = spawn(process.execPath, [MAIN, '--port=80'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, [code]] = await Promise.all([text(program.stderr), once(program, 'exit')]);
  expect(output).toMatch(/^upstash: "--port=80" is no argument: .*PORT.*\.\n$/);
  expect(code).toBe(1);
});

test('started by hand it prints what a client needs, and ends with Ctrl-C, its server with it', async () => {
  const program = spawn(process.execPath, [MAIN], {
    env: { ...process.env, PORT: '', REDIS_URL: '' },
  });
  const exited = once(program, 'exit');
  let output = '';
  program.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const value = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(output)?.[1] ?? '';
  await vi.waitFor(() => expect(output).toMatch(/Ctrl-C/), { timeout: 20_000 });
  const url = value('UPSTASH_REDIS_REST_URL');
  const response = await fetch(`${url}/ping?_token=${value('UPSTASH_REDIS_REST_TOKEN')}`);
  expect(await response.json()).toEqual({ result: 'PONG' });
  program.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow();
});
