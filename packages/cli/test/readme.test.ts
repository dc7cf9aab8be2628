import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROGRAM } from './program.ts';

/** Each is a session: commands after `$`, and what they print. They are run one after the other on one registry. */
const SESSIONS = [
  ...readFileSync(join(import.meta.dirname, '../README.md'), 'utf8').matchAll(/^```console\n(.*?)^```$/gms),
].map(([, text = '']) => text);

let server: RedisServer;
let folder: string;

beforeAll(async () => {
  server = await startStandalone();
  folder = mkdtempSync(join(tmpdir(), 'backend-registry-readme-'));
  const command = join(folder, 'backend-registry');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
  chmodSync(command, 0o755);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server[Symbol.asyncDispose]();
});

/** Without what differs from run to run: times, ages, names that are random; and the spaces that these take. */
function stable(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d{13,16}\b/g, 'NUMBER')
    .replace(/(?<![\w-])[\w-]{24}(?![\w-])/g, 'NAME')
    .replace(/\b\d+(\.\d+)?(ms|s|m|h)\b/g, 'AGE')
    .replace(/ +/g, ' ');
}

function shell(command: string): Promise<string> {
  const child = spawn('bash', ['-c', `exec 2>&1; ${command}`], {
    // A bash whose input is a socket would read the files of the user first.
    stdio: ['ignore', 'pipe', 'inherit'],
    // However slow the machine is, no lease ends before its session does.
    env: { PATH: `${folder}:${process.env.PATH}`, REDIS_URL: server.url, BACKEND_HEARTBEAT_TIMEOUT: '3600' },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(printed));
  });
}

test('the README has sessions', () => {
  expect(SESSIONS.length).toBeGreaterThan(4);
});

test.each(SESSIONS)('a session of the README prints what it shows: %#', async (session) => {
  for (const block of session.split(/^\$ /m).slice(1)) {
    const [command = '', ...printed] = block.split('\n');
    expect(stable(await shell(command)).trimEnd(), command).toBe(stable(printed.join('\n')).trimEnd());
  }
});
