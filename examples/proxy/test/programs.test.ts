import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ask } from './helpers.ts';

test('a backend as a process of its own serves, and a SIGTERM ends it in order', async () => {
  await using program = await start('run-backend.ts', ['--name', 'a'], /listening on http:\/\/127\.0\.0\.1:(\d+)/);
  expect((await ask(program.port)).body).toBe('a\n');
  expect(await program.stop()).toBe(0);
  expect(program.output()).toMatch(/a: registered\n.*a: draining\na: closed\n$/s);
});

test('a proxy as a process of its own serves, and a SIGTERM ends it in order', async () => {
  await using program = await start('run-proxy.ts', ['--port', '0'], /Listening on http:\/\/127\.0\.0\.1:(\d+)/);
  expect((await ask(program.port)).status).toBe(503);
  expect(await program.stop()).toBe(0);
});

interface Program extends AsyncDisposable {
  readonly port: number;
  output(): string;
  /** Its exit code after a SIGTERM. */
  stop(): Promise<number | null>;
}

/** Resolves when it has printed where it listens. */
async function start(file: string, args: readonly string[], listening: RegExp): Promise<Program> {
  const path = fileURLToPath(new URL(`../src/${file}`, import.meta.url));
  const { REGISTRY_TYPE: _type, ...env } = process.env;
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, [path, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      const found = listening.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('close', () => reject(new Error(`${file} ended early: ${output}`)));
  });
  return {
    port,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      return (await closed)[0];
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
