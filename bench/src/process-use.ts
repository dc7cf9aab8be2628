/** What processes use, as Linux counts it. */
import { readFileSync } from 'node:fs';

/** `USER_HZ`, which is 100 wherever Linux runs. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

/** Time on a processor, of all threads, in milliseconds. */
export function processorMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}

/** Memory in use, in bytes. */
export function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    return sum + Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  }, 0);
}
