/** The runtimes that are programs: where they are, and what they print. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Of Node. */
export const majors = ['20', '22', '24', '26'] as const;
/** Runs a file without any permission; more may follow. */
export const DENO: readonly string[] = ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual'];

/** @param name `bun`, `deno` or `node-20` */
export function executable(name: string): string {
  if (name.startsWith('node-')) return join(dirname(require.resolve(`${name}/package.json`)), 'bin/node');
  return join(import.meta.dirname, '../node_modules/.bin', name);
}

/** What a program printed. A warning is an error: of listeners that pile up, of what is experimental. */
export async function outputOf(command: string, args: readonly string[], directory: string): Promise<string> {
  const { stdout, stderr } = await run(command, args, {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
  });
  if (stderr !== '') throw new Error(stderr);
  return stdout.trim();
}
