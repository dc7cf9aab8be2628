import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** One of the programs that are deployed, as a process of its own. */
export interface Program extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  output(): string;
  /** Its exit code after a SIGTERM. */
  stop(): Promise<number | null>;
}

/** Starts a backend, and resolves when it is registered. */
export function startBackendProgram(name: string, env: Record<string, string> = {}): Promise<Program> {
  return start('run-backend.ts', ['--name', name], env, /listening on http:\/\/127\.0\.0\.1:(\d+)/);
}

/** Starts a proxy, and resolves when it listens. */
export function startProxyProgram(env: Record<string, string> = {}): Promise<Program> {
  return start('run-proxy.ts', ['--port', '0'], env, /Listening on http:\/\/127\.0\.0\.1:(\d+)/);
}

async function start(
  file: string,
  args: readonly string[],
  variables: Record<string, string>,
  listening: RegExp,
): Promise<Program> {
  const path = fileURLToPath(new URL(`../src/${file}`, import.meta.url));
  const { REGISTRY_TYPE: _type, ...env } = process.env;
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [path, ...args], {
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      const found = listening.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('close', () => reject(new Error(`${file} ended early: ${output}${errors}`)));
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
