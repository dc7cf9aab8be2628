/** Runs the built program, as a shell does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const PROGRAM: string = join(import.meta.dirname, '../dist/main.js');

export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Looks on while it runs, and may send it signals. */
  until?(child: ChildProcess): Promise<void>;
}

/** With an environment of its own: nothing of the one of the test run. */
export function runProgram(args: readonly string[], { env, input, cwd, until }: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env.PATH, ...env }, cwd });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    until?.(child).catch(reject);
    child.on('close', (exit) =>
      resolve({ exit, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}
