import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

test('started by hand it prints what a client needs, and ends with Ctrl-C, its server with it', async () => {
  const program = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
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
