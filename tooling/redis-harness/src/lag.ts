import { setImmediate } from 'node:timers/promises';

const EVERY_MS = 20;

/**
 * How late this process was with its timers because it was not run: what is to be settled in time must not be blamed for that. While it works, it is not late: code that holds
 * up everything else is a fault.
 */
export class Lag {
  readonly #late: { readonly at: number; readonly ms: number }[] = [];

  constructor() {
    let last = performance.now();
    let used = process.cpuUsage();
    setInterval(() => {
      const at = performance.now();
      const { user, system } = process.cpuUsage(used);
      const ms = at - last - EVERY_MS - (user + system) / 1_000;
      if (ms > EVERY_MS) this.#late.push({ at, ms });
      last = at;
      used = process.cpuUsage();
    }, EVERY_MS).unref();
  }

  /** How long something has taken that began then, by `performance.now()`, what this process was late aside. */
  async took(began: number): Promise<number> {
    const took = performance.now() - began;
    // The timer that finds out may come after the one that has ended it.
    await setImmediate();
    return took - this.#late.reduce((sum, { at, ms }) => sum + Math.max(0, Math.min(ms, at - began)), 0);
  }
}
