/**
 * What is left of the leases of the backends on a screen. A list does not say it, so each of those is asked for by itself: once a second, or less often where
 * each request is paid for; in between, it is what was left less the time since.
 */
import type { Backend, BackendRegistry } from '@backend-registry/core';

const EVERY_MS = 1_000;
const SPARING_MS = 5_000;

interface Lease {
  readonly expiresInMs: number;
  readonly at: number;
}

export class Leases {
  readonly #registry: BackendRegistry;
  readonly #everyMs: number;
  #known: ReadonlyMap<string, Lease> = new Map();
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking = false;

  constructor(registry: BackendRegistry, sparing: boolean) {
    this.#registry = registry;
    this.#everyMs = sparing ? SPARING_MS : EVERY_MS;
  }

  /** Asks for these, where it is time to, or where one of them was never asked for. */
  ask(backends: readonly Backend[]): void {
    const due = performance.now() - this.#askedAt >= this.#everyMs;
    if (this.#asking || (!due && backends.every(({ id }) => this.#known.has(id)))) return;
    this.#asking = true;
    this.#askedAt = performance.now();
    void this.#ask(backends).finally(() => {
      this.#asking = false;
    });
  }

  /** In milliseconds, by id, now. */
  left(): ReadonlyMap<string, number> {
    const now = performance.now();
    return new Map([...this.#known].map(([id, { expiresInMs, at }]) => [id, Math.max(0, expiresInMs - (now - at))]));
  }

  async #ask(backends: readonly Backend[]): Promise<void> {
    try {
      // Calls of one turn go out together.
      const details = await Promise.all(backends.map(({ url, port }) => this.#registry.getBackend({ url, port })));
      const at = performance.now();
      // One that has left meanwhile has no lease that is known; it leaves the screen with the next look, or is held while its store has lost its data.
      this.#known = new Map(
        backends.flatMap(({ id }, n) => {
          const expiresInMs = details[n]?.expiresInMs;
          return expiresInMs === undefined ? [] : [[id, { expiresInMs, at }] as const];
        }),
      );
    } catch {
      // What the view says of the store counts; what was known goes on ending.
    }
  }
}
