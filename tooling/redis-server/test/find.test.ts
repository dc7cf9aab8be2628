import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findServer } from '../src/index.ts';

const START = `
  import { startStandalone } from ${JSON.stringify(fileURLToPath(new URL('../src/index.ts', import.meta.url)))};
  await startStandalone().then(async (server) => console.log(await server.cli('PING')), (error) => console.log(error.message));
`;

async function startWith(env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', START], { env });
  return stdout;
}

test('finds a server that runs', async () => {
  const { stdout } = await promisify(execFile)(await findServer(), ['--version']);
  expect(stdout).toMatch(/^(Redis|Valkey) server v=/);
});

test('finds it without a PATH', async () => {
  expect(await startWith({})).toBe('PONG\n');
});

test('takes the one that the environment names', async () => {
  expect(await startWith({ REDIS_SERVER: await findServer() })).toBe('PONG\n');
  expect(await startWith({ REDIS_SERVER: '/nowhere/redis-server' })).toMatch(/did not start.*ENOENT/s);
});
