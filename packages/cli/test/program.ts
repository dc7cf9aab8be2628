/** Runs the built program, as a shell does. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const PROGRAM: string = join(import.meta.dirname, '../dist/main.js');

export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Lines, as they come. */
export interface Lines {
  /** Rejects when the program has ended and there is no other one. */
  next(): Promise<string>;
}

export interface Running {
  /** Of its stdout. */
  readonly lines: Lines;
  readonly errors: Lines;
  kill(signal: NodeJS.Signals): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Another Node. Default: the one that runs the tests. */
  readonly node?: string;
  /** While it runs. What it throws ends the program. */
  during?(running: Running): Promise<void>;
}

/** With an environment of its own: nothing of the one of the test run. */
export async function runProgram(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { env, input, cwd, node = process.execPath, during } = options;
  const child = spawn(node, [PROGRAM, ...args], { env: { PATH: process.env.PATH, ...env }, cwd });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end(input);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) =>
      resolve({ exit, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
  if (during !== undefined) {
    try {
      await during({
        lines: linesOf(child.stdout),
        errors: linesOf(child.stderr),
        kill: (signal) => child.kill(signal),
      });
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
  }
  return ended;
}

function linesOf(stream: NodeJS.ReadableStream): Lines {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await lines.next();
      if (done) throw new Error('The program has ended.');
      return value;
    },
  };
}
