import { misconfigured } from '../error.ts';
import { Space } from './space.ts';

/** Lets a test or a demo see what a program does when its store fails. Both may be asynchronous; what they throw is the failure. */
export interface MemoryFaults {
  /** Runs before a call reaches the store: throw to be down, wait to be slow or frozen. */
  before?(operation: string): void | Promise<void>;
  /** Runs after the store applied a call: throw to lose the reply. */
  after?(operation: string): void | Promise<void>;
}

export interface MemoryStoreOptions {
  /** The clock of the store, in milliseconds since the epoch. Default: the system's, immune to its being set. */
  readonly now?: () => number;
  /** Default none. */
  readonly faults?: MemoryFaults;
  /** How many removals are remembered for watchers that are behind; one that missed more gets a new snapshot. Default 10,000. */
  readonly maxTombstones?: number;
}

/** What registries in one process share: give the same store to several `MemoryBackendRegistry`. */
export class MemoryStore {
  readonly now: () => number;
  readonly faults: MemoryFaults | undefined;
  readonly #maxTombstones: number;
  readonly #spaces = new Map<string, Space>();

  constructor(options: MemoryStoreOptions = {}) {
    const { now = systemTime, faults, maxTombstones = 10_000 } = options;
    if (typeof now !== 'function') throw misconfigured('now', now, 'it must be a function');
    if (!(maxTombstones >= 0)) throw misconfigured('maxTombstones', maxTombstones, 'it must be 0 or more');
    this.now = now;
    this.faults = faults;
    this.#maxTombstones = maxTombstones;
  }

  /** Loses every registry in this store, as a restart without persistence does: watchers see a new epoch. */
  clear(): void {
    for (const space of this.#spaces.values()) space.reset();
  }

  /** @internal */
  space(keyPrefix: string): Space {
    const space = this.#spaces.get(keyPrefix) ?? new Space(this.#maxTombstones);
    this.#spaces.set(keyPrefix, space);
    return space;
  }
}

function systemTime(): number {
  return performance.timeOrigin + performance.now();
}
