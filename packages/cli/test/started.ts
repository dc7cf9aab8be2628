/** Starts the built program and lets a test see it run. */
import { spawn } from 'node:child_process';
import { type Outcome, PROGRAM, type RunOptions } from './program.ts';

interface Started {
  readonly ended: Promise<Outcome>;
  interrupt(): void;
}

export function startProgram(args: readonly string[], { env }: RunOptions = {}): Started {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env.PATH, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, stdout, stderr }));
  });
  return { ended, interrupt: () => void child.kill('SIGINT') };
}
