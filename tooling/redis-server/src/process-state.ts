import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The state of a process as one letter: `T` where it is stopped, `Z` where it is dead and nobody asked yet. */
export function processState(pid: number): string | undefined {
  try {
    if (existsSync('/proc/self/stat')) return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim()[0];
  } catch {
    return undefined;
  }
}
