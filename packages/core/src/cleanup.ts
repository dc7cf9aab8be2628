import type { BackendRegistry, CleanupResult } from './contract.ts';
import { type RegistryError, toRegistryError } from './error.ts';
import { readDuration, readWait } from './input.ts';
import { Ready, tell } from './ready.ts';
import { backoff, closedError, sleep } from './timing.ts';

/**
 * - `running`: removes what expires;
 * - `holding`: so many expired together, or while the store was out of reach, that the fault is more likely in between than in the backends: they are
 *   kept for now;
 * - `failing`: the last call failed, and it is being tried again;
 * - `closed`: it was closed, or its registry was.
 */
export type CleanupState = 'running' | 'holding' | 'failing' | 'closed';

/** Why removals are held back: a mass eviction, or the store was out of reach less than `holdMs` ago. */
export interface CleanupHold {
  /** Backends whose lease has ended and that are still there, and those that were removed for that within the last `holdMs`. */
  readonly expired: number;
  /** Backends there would be without those removals. */
  readonly total: number;
  readonly holdMs: number;
}

export interface StartCleanupOptions {
  /**
   * How long removals are held back for, and how far back expiries count as together. Default: the handle's heartbeat timeout.
   */
  readonly holdMs?: number;
  /** Waits up to this long more than it must, so that several proxies do not act in step. Default 10. */
  readonly jitterMs?: number;
  /** Told of what each run removed, when it removed anything. What it throws is ignored. */
  readonly onRemoved?: (result: CleanupResult) => void;
  /** Told when removals begin to be held back. What it throws is ignored. */
  readonly onHold?: (hold: CleanupHold) => void;
  /** Told of every failed call. What it throws is ignored. */
  readonly onError?: (error: RegistryError) => void;
}

export interface Cleanup extends AsyncDisposable {
  /** Resolves after the first run. Rejects if it is closed before. Safe to ignore. */
  readonly ready: Promise<void>;
  /** Whether it removes, holds or fails: see {@link CleanupState}. */
  readonly state: CleanupState;
  /** Stops. Never rejects. */
  close(): Promise<void>;
}

/** More than half of at least this many is a mass eviction. */
const MASS = 5;
const FIRST_RETRY_MS = 50;

/**
 * Removes backends whose lease has ended, exactly when the next one is due. Any number of proxies may run it on one registry.
 *
 * Exact for every lease at least as long as the handle's own heartbeat timeout; a shorter one, given out while this sleeps, is removed at most
 * one such timeout late.
 *
 * ```ts
 * await using cleanup = startCleanup(registry);
 * ```
 */
export function startCleanup(registry: BackendRegistry, options: StartCleanupOptions = {}): Cleanup {
  return new Cleaner(registry, options);
}

class Cleaner implements Cleanup {
  readonly #registry: BackendRegistry;
  readonly #options: StartCleanupOptions;
  readonly #leaseMs: number;
  readonly #holdMs: number;
  readonly #jitterMs: number;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  /** Backends that anybody removed because they expired, by id, with the time at which this process knew. */
  readonly #gone = new Map<string, number>();
  #heldSince: number | undefined;
  /** Until then, whoever has expired may just not have reached the store again. */
  #doubtfulUntil = 0;
  readonly #ready = new Ready();
  readonly ready: Promise<void> = this.#ready.promise;
  #state: CleanupState = 'running';

  constructor(registry: BackendRegistry, options: StartCleanupOptions) {
    this.#registry = registry;
    this.#options = options;
    this.#leaseMs = registry.capabilities.heartbeatTimeoutMs;
    this.#holdMs = readDuration(options, 'holdMs', this.#leaseMs);
    this.#jitterMs = readWait(options, 'jitterMs', 10);
    this.#running = Promise.all([this.#clean(), this.#follow()]);
  }

  get state(): CleanupState {
    return this.#state;
  }

  async close(): Promise<void> {
    this.#end();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(): void {
    this.#stop.abort();
    this.#state = 'closed';
    this.#ready.reject(closedError('cleanup'));
  }

  async #clean(): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      let pauseMs: number;
      try {
        pauseMs = await this.#run();
        failures = 0;
        this.#ready.resolve();
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toRegistryError(thrown, 'cleanup');
        tell(this.#options.onError, error);
        if (error.code === 'CLOSED') return this.#end();
        failures += 1;
        this.#state = 'failing';
        this.#doubtfulUntil = Number.POSITIVE_INFINITY;
        pauseMs = backoff(failures, FIRST_RETRY_MS, this.#leaseMs);
      }
      await sleep(pauseMs + Math.random() * this.#jitterMs, signal);
    }
  }

  /** Removes what may be removed, and says how long there is nothing to do. */
  async #run(): Promise<number> {
    const waitMs = await this.#guard();
    if (this.#stop.signal.aborted) return 0;
    this.#state = waitMs > 0 ? 'holding' : 'running';
    if (waitMs > 0) return waitMs;
    const result = await this.#registry.cleanupExpiredBackends();
    for (const { id } of result.removed) this.#gone.set(id, performance.now());
    if (result.removed.length + result.corrupt.length > 0) tell(this.#options.onRemoved, result);
    return Math.min(result.nextExpiryInMs ?? Number.POSITIVE_INFINITY, this.#leaseMs);
  }

  /** How long removals must still be held back; 0 when they need not, or were long enough. */
  async #guard(): Promise<number> {
    const backends = await this.#registry.listBackends();
    const now = performance.now();
    // The store was out of reach until now: a hold begins, whatever was held before.
    if (this.#doubtfulUntil === Number.POSITIVE_INFINITY) {
      this.#doubtfulUntil = now + this.#holdMs;
      this.#heldSince = undefined;
    }
    for (const [id, at] of this.#gone) if (at + this.#holdMs <= now) this.#gone.delete(id);
    for (const { id } of backends) this.#gone.delete(id);
    const waiting = backends.filter(({ status }) => status === 'expired').length;
    const expired = waiting + this.#gone.size;
    const total = backends.length + this.#gone.size;
    if (waiting === 0 || (now >= this.#doubtfulUntil && (total < MASS || expired * 2 <= total))) {
      this.#heldSince = undefined;
      return 0;
    }
    if (this.#heldSince === undefined) {
      this.#heldSince = now;
      tell(this.#options.onHold, { expired, total, holdMs: this.#holdMs });
    }
    const leftMs = this.#heldSince + this.#holdMs - now;
    // It looks again before the hold is over, for backends that have come back meanwhile.
    return leftMs <= 0 ? 0 : Math.min(leftMs, this.#holdMs / 10);
  }

  /** Learns what other proxies remove: the guard counts it too. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        for await (const event of this.#registry.watch({ signal })) {
          if (event.type === 'removed' && event.reason === 'expired')
            this.#gone.set(event.backend.id, performance.now());
          else if (event.type === 'stale') this.#doubtfulUntil = Number.POSITIVE_INFINITY;
          failures = 1;
        }
        // It ends by itself only when its registry was closed.
        return this.#end();
      } catch {
        // The other loop meets the same failure and reports it.
        await sleep(backoff(failures, FIRST_RETRY_MS, this.#leaseMs), signal);
      }
    }
  }
}
