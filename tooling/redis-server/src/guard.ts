import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/**
 * Ends what a process started when that process is no more, however it ended, SIGKILL included: the system closes
 * its end of the pipe, the loop sees the end of its input.
 */
const SCRIPT = `
trap '' HUP INT TERM
servers=' '
while read -r what pid; do
  case $what in
    started) servers="$servers$pid " ;;
    ended) servers="\${servers%% $pid *} \${servers#* $pid }" ;;
  esac
done
for pid in $servers; do kill -KILL "$pid" 2>/dev/null; done
for attempt in 1 2 3 4 5; do
  rm -rf -- "$1" 2>/dev/null && exit
  sleep 0.1
done
`;

interface Guard {
  readonly folder: string;
  readonly input: Writable;
}

let guard: Guard | undefined;

function start(): Guard {
  const folder = mkdtempSync(join(tmpdir(), 'redis-server-'));
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'redis-guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  // It neither keeps this process alive nor ends before it.
  const { stdin } = child;
  (stdin as Writable & { unref(): void }).unref();
  return { folder, input: stdin };
}

/** The folder of everything this process starts. It is removed when the process ends. */
export function temporaryFolder(): string {
  guard ??= start();
  return guard.folder;
}

/** Ends `child` when this process ends. */
export function guarded(child: ChildProcess): void {
  guard ??= start();
  const { input } = guard;
  input.write(`started ${child.pid}\n`);
  child.once('exit', () => input.write(`ended ${child.pid}\n`));
}
