import { setImmediate } from 'node:timers/promises';

const EVERY_MS = 20;

/** How late this process was with its timers: what is to be settled in time must not be blamed for that. */
export class Lag {
  readonly #late: { readonly at: number; readonly ms: number }[] = [];

  constructor() {
    let last = performance.now();
    setInterval(() => {
      const at = performance.now();
      const ms = at - last - EVERY_MS;
      if (ms > EVERY_MS) this.#late.push({ at, ms });
      last = at;
    }, EVERY_MS).unref();
  }

  /** How long something has taken that began then, by `performance.now()`, what this process was late aside. */
  async took(began: number): Promise<number> {
    const took = performance.now() - began;
    // The timer that finds out may come after the one that has ended it.
    await setImmediate();
    return took - this.#late.reduce((sum, { at, ms }) => (at > began ? sum + ms : sum), 0);
  }
}
