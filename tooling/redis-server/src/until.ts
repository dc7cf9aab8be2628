import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `condition` gives something other than `undefined` or `false`, and returns it.
 * An error thrown by the condition counts as "not yet" and becomes the cause of the final error.
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 15_000, everyMs = 10 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`, { cause });
    await sleep(everyMs);
  }
}
