/** Processes that keep backends registered, so that they can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { guarded } from '@backend-registry/redis-server';
import type { SessionOptions, System } from './systems/system.ts';

export interface Announcer {
  /** What its client threw where nobody could catch it. */
  readonly faults: number;
  /** Whether the process has ended by itself. */
  readonly ended: boolean;
  /** With SIGKILL. */
  kill(): void;
  close(): Promise<unknown>;
}

const PROGRAM = fileURLToPath(new URL('programs/announcer.ts', import.meta.url));

/** Resolves when all of them are registered. */
export async function startAnnouncer(
  { name, module }: System,
  endpoint: string,
  { space, leaseMs, durable = false }: SessionOptions,
  numbers: readonly number[],
): Promise<Announcer> {
  const args = [PROGRAM, module, name, endpoint, space, String(leaseMs), String(durable), ...numbers.map(String)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  guarded(child);
  const exited = once(child, 'exit');
  let faults = 0;
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
  const ready = new Promise<void>((resolve) =>
    lines.on('line', (line) => {
      if (line === 'ready') resolve();
      if (line.startsWith('fault')) faults += 1;
    }),
  );
  await Promise.race([
    ready,
    exited.then(() => Promise.reject(new Error(`${name}: a process ended before it was registered`))),
  ]);
  return {
    get faults() {
      return faults;
    },
    get ended() {
      return child.exitCode !== null;
    },
    kill: () => void child.kill('SIGKILL'),
    close() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}
