import { changesBetween } from './backend.ts';
import type { Backend, BackendRegistry, RegistryEvent } from './contract.ts';
import { isFinal, type RegistryError, toRegistryError } from './error.ts';
import { readDuration, readPollInterval, readWait } from './input.ts';
import { ignorable, Ready, tell } from './ready.ts';
import { readSnapshot } from './snapshot.ts';
import { NO_EPOCH } from './table.ts';
import { backoff, closedError, Ending, sleep, startTimer, whenAborted } from './timing.ts';

/**
 * - `starting`: nothing has been seen yet, and the view is empty;
 * - `fresh`: the store has answered the last look, and nothing was missed until then;
 * - `stale`: the store does not answer, or was not asked since the view began with a snapshot, or the view was closed after it had seen the registry: what
 *   was seen last still stands;
 * - `held`: the store has lost its data: what was seen before stands, together with what has come back.
 */
export type ViewState = 'starting' | 'fresh' | 'stale' | 'held';

export interface ViewOptions {
  /**
   * Whether the view follows the registry by itself. Where nothing may go on in the background, as on an edge runtime, say `false`: then it looks when
   * {@link View.refresh} is called, and starts no timer. Default `true`.
   */
  readonly follow?: boolean;
  /**
   * What {@link View.snapshot} of another view of the same registry gave: to begin with, and `stale` until the store was asked. Nothing in it says which registry it
   * is of: keep each under a key of its own. One that is older than the longest lease (`holdMs`) holds nothing once the store was asked. One from the future is as old
   * as the clocks differ. What is no snapshot goes to `onError`, and the view begins empty.
   */
  readonly snapshot?: string;
  /**
   * Longest time between two looks at the store; changes that ring the bell are seen at once. Of a view that does not follow, the longest pause after looks that
   * have failed. Default 1,000.
   */
  readonly pollIntervalMs?: number;
  /**
   * How long backends that vanished with the store's data are kept for, while they register again: the longest lease among them. Default: the handle's
   * heartbeat timeout.
   */
  readonly holdMs?: number;
  /**
   * Told once when the store stops answering, of each look of {@link View.refresh} that fails, of a snapshot that is none, and of what a listener throws, as the `cause` of
   * an error that names the listener. What it throws itself is ignored.
   */
  readonly onError?: (error: RegistryError) => void;
}

/** What has changed in a view. */
export interface ViewChange {
  readonly state: ViewState;
  readonly previousState: ViewState;
  readonly added: readonly Backend[];
  readonly updated: readonly Backend[];
  /** As they were seen last; those whose lease has ended with the status `expired`. */
  readonly removed: readonly Backend[];
}

/** A live copy of a registry in this process. Reading it is a property access: no network, no promise, no allocation. */
export interface View extends AsyncDisposable {
  /** Resolves once there is something to show: the registry was seen, or a snapshot was taken in. Rejects if the view or its registry is closed before. Safe to ignore. */
  readonly ready: Promise<void>;
  /** Everything registered, sorted by id: a frozen array, the same one until something changes, then built at the first reading. */
  readonly backends: readonly Backend[];
  /** The healthy ones among them. */
  readonly routable: readonly Backend[];
  /** Whether what it shows is what the store has: `starting`, `fresh`, `stale` or `held`, see {@link ViewState}. */
  readonly state: ViewState;
  /** The state is `stale`. */
  readonly stale: boolean;
  /**
   * When the view heard from the store last, in milliseconds since the epoch by this process's clock: a change, or that nothing was missed. While
   * `fresh`, a view that follows has asked the store since, no longer ago than the poll interval. `null` while `starting`.
   */
  readonly asOf: number | null;
  /** The newest version seen; `null` while `starting`. */
  readonly version: string | null;
  /**
   * Looks at the store, unless the view has heard from it within so many milliseconds. Where the store does not answer,
   * it still resolves: what was seen last stands, the state is `stale`, and the failure goes to `onError`. Rejects only if nothing was ever seen, or after
   * `close`.
   *
   * A store that does not answer is not asked by every caller: after a look that failed there is none for 50 ms, twice as long each time up to `pollIntervalMs`. Until
   * then it ends at once like the one that failed.
   *
   * @param options.maxAgeMs default 0: look in any case, also right after one that failed
   */
  refresh(options?: { readonly maxAgeMs?: number }): Promise<void>;
  /**
   * What the view shows, as JSON with its `asOf`: to be kept in a cache or a key-value store, and given to another view as the option `snapshot`. Keep those of a
   * `fresh` view: who begins with that of a `held` one does not know how long to hold.
   */
  snapshot(): string;
  /** Calls back after each change of the backends or the state; returns how to stop. What a listener throws, or its promise rejects with, goes to `onError`. */
  subscribe(listener: (change: ViewChange) => unknown): () => void;
  /** Stops following. What was seen last stays readable. */
  close(): Promise<void>;
}

/**
 * Follows a registry and keeps what a proxy needs on its request path in this process.
 *
 * ```ts
 * await using view = createView(registry);
 * await view.ready;
 * const backend = view.routable[0];
 * ```
 */
export function createView(registry: BackendRegistry, options: ViewOptions = {}): View {
  return new LiveView(registry, options);
}

const FIRST_RETRY_MS = 50;

class LiveView implements View {
  readonly #registry: BackendRegistry;
  readonly #options: ViewOptions;
  readonly #pollIntervalMs: number;
  readonly #holdMs: number;
  /** No `AbortController`: on some runtimes one belongs to the request that made it, and a view may be used by many. */
  readonly #stop = new Ending();
  /** Nothing where the view does not follow. */
  readonly #running: Promise<void> | undefined;
  readonly #listeners = new Set<{ listener(change: ViewChange): unknown }>();
  readonly #current = new Map<string, Backend>();
  /** Ids that the store has lost and that are kept for now. */
  readonly #held = new Set<string>();
  #heldUntil = 0;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #ready = new Ready();
  /** Whether the store is not heard, and why where that is known. */
  #unreachable: RegistryError | boolean = false;
  /** How often a look on demand has failed in a row, and until when no other one is due. */
  #failures = 0;
  #pausedUntil = 0;
  #state: ViewState = 'starting';
  #asOf: number | null = null;
  #version: string | null = null;
  #epoch = NO_EPOCH;
  /** What is still to be told. */
  #changes: { added: Backend[]; updated: Backend[]; removed: Backend[] } = { added: [], updated: [], removed: [] };
  #order: string[] | undefined;
  #backends: readonly Backend[] | undefined;
  #routable: readonly Backend[] | undefined;

  constructor(registry: BackendRegistry, options: ViewOptions) {
    this.#registry = registry;
    this.#options = options;
    this.#pollIntervalMs = readPollInterval(options);
    this.#holdMs = readDuration(options, 'holdMs', registry.capabilities.heartbeatTimeoutMs);
    if (options.snapshot !== undefined) this.#begin(options.snapshot);
    this.#running = options.follow === false ? undefined : this.#run();
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get backends(): readonly Backend[] {
    if (this.#backends === undefined) {
      this.#order ??= [...this.#current.keys()].sort();
      this.#backends = Object.freeze(this.#order.map((id) => this.#current.get(id) as Backend));
    }
    return this.#backends;
  }

  get routable(): readonly Backend[] {
    this.#routable ??= Object.freeze(this.backends.filter(({ status }) => status === 'healthy'));
    return this.#routable;
  }

  get state(): ViewState {
    return this.#state;
  }

  get stale(): boolean {
    return this.#state === 'stale';
  }

  get asOf(): number | null {
    return this.#asOf;
  }

  get version(): string | null {
    return this.#version;
  }

  async refresh(options?: { readonly maxAgeMs?: number }): Promise<void> {
    const maxAgeMs = readWait(options ?? {}, 'maxAgeMs', 0);
    // Also where the clock was set back, which says nothing of an age.
    const isYoung = this.#asOf !== null && Math.abs(Date.now() - this.#asOf) < maxAgeMs;
    const isPaused = () => this.#unreachable && performance.now() < this.#pausedUntil;
    if (!isYoung && !(maxAgeMs > 0 && isPaused()) && !this.#stop.aborted) {
      try {
        // The first event of a watch is all there is.
        await this.#watch(() => true);
        if (this.#heldUntil <= performance.now()) this.#release();
      } catch (error) {
        const failure = toRegistryError(error, 'view');
        // Of looks that fail together, one counts.
        if (!isPaused()) this.#pause(failure);
        this.#lost(failure);
      }
    }
    if (this.#stop.aborted) throw closedError('view');
    if (this.#asOf === null) throw this.#unreachable;
  }

  /** After a look on demand that has failed. */
  #pause(failure: RegistryError): void {
    this.#failures += 1;
    const failures = this.#failures;
    const pauseMs = backoff(failures, FIRST_RETRY_MS, this.#pollIntervalMs);
    this.#pausedUntil = performance.now() + pauseMs;
    // Who follows may have missed nothing, and would not say that the store answers again.
    if (this.#options.follow !== false && !isFinal(failure))
      void sleep(pauseMs, this.#stop).then(() => {
        if (this.#failures !== failures) return;
        this.#pausedUntil = 0;
        void ignorable(this.refresh());
      });
  }

  snapshot(): string {
    return JSON.stringify({ asOf: this.#asOf, epoch: this.#epoch, version: this.#version, backends: this.backends });
  }

  subscribe(listener: (change: ViewChange) => unknown): () => void {
    // One function can listen twice.
    const own = { listener };
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#holdTimer);
    this.#ready.reject(closedError('view'));
    await this.#running;
    this.#publish();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Takes in a snapshot of another view. */
  #begin(text: string): void {
    try {
      const { asOf, epoch, version, backends } = readSnapshot(text);
      if (asOf === null) return;
      // Where one of the clocks is wrong, as old as they differ.
      const age = Math.abs(Date.now() - asOf);
      this.#asOf = Date.now() - age;
      // Whom a lost store would have lost by then, nobody waits for: their leases had ended.
      this.#epoch = this.#holdMs < age ? NO_EPOCH : epoch;
      this.#version = version;
      this.#unreachable = true;
      this.#load(backends, false);
      this.#ready.resolve();
    } catch (error) {
      tell(this.#options.onError, toRegistryError(error, 'view'));
    }
  }

  /** Takes in events, until one of them is enough. */
  async #watch(isEnough: () => boolean): Promise<void> {
    const abort = new AbortController();
    const release = whenAborted(this.#stop, () => abort.abort());
    const options = {
      signal: abort.signal,
      pollIntervalMs: this.#pollIntervalMs,
      push: this.#options.follow !== false,
      metrics: true,
    };
    try {
      for await (const event of this.#registry.watch(options)) {
        this.#apply(event);
        if (isEnough()) return;
      }
    } finally {
      release();
    }
    // It ends by itself only when its registry was closed, or this view.
    throw closedError('view');
  }

  async #run(): Promise<void> {
    const signal = this.#stop;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.#watch(() => {
          failures = 1;
          return false;
        });
      } catch (error) {
        if (signal.aborted) return;
        const failure = toRegistryError(error, 'view');
        if (failures === 1) this.#lost(failure);
        if (isFinal(failure)) return this.#ready.reject(failure);
        await sleep(backoff(failures, FIRST_RETRY_MS, this.#pollIntervalMs), signal);
      }
    }
  }

  #apply(event: RegistryEvent): void {
    if (event.type === 'stale') {
      this.#lost(event.error);
      return;
    }
    this.#asOf = Date.now();
    this.#version = event.version;
    this.#unreachable = false;
    this.#failures = 0;
    const epoch = this.#epoch;
    // Where nothing was registered at first, the first one that is names it.
    if ('epoch' in event) this.#epoch = event.epoch;
    if (event.type === 'snapshot') {
      // A watch that begins anew does not know what an earlier one has seen.
      const lost = epoch !== NO_EPOCH && epoch !== event.epoch;
      this.#load(event.backends, lost);
      this.#ready.resolve();
    } else {
      if (event.type === 'removed') this.#remove(event.backend.id, event.backend);
      else if (event.type !== 'fresh') this.#put(event.backend);
      this.#publish();
    }
  }

  #load(backends: readonly Backend[], lost: boolean): void {
    const missing = new Set(this.#current.keys());
    for (const backend of backends) {
      missing.delete(backend.id);
      this.#put(backend);
    }
    for (const id of missing) {
      if (lost) this.#held.add(id);
      else if (!this.#held.has(id)) this.#remove(id);
    }
    if (lost && this.#held.size > 0) {
      clearTimeout(this.#holdTimer);
      this.#heldUntil = performance.now() + this.#holdMs;
      if (this.#running && !this.#stop.aborted) this.#holdTimer = startTimer(this.#holdMs, () => this.#release());
    }
    this.#publish();
  }

  /** What has not come back is not held any longer. */
  #release(): void {
    for (const id of this.#held) this.#remove(id);
    this.#publish();
  }

  #put(backend: Backend): void {
    const known = this.#current.get(backend.id);
    this.#held.delete(backend.id);
    // One that a snapshot has brought is another object.
    if (known?.version === backend.version && changesBetween(known, backend).length === 0) return;
    this.#current.set(backend.id, backend);
    this.#backends = undefined;
    this.#routable = undefined;
    if (known !== undefined) {
      this.#changes.updated.push(backend);
    } else {
      this.#order = undefined;
      this.#changes.added.push(backend);
    }
  }

  #remove(id: string, last = this.#current.get(id)): void {
    this.#held.delete(id);
    if (last === undefined || !this.#current.delete(id)) return;
    this.#order = undefined;
    this.#backends = undefined;
    this.#routable = undefined;
    this.#changes.removed.push(last);
  }

  #lost(error: RegistryError): void {
    this.#unreachable = error;
    this.#publish();
    tell(this.#options.onError, error);
  }

  /** Tells what has changed since the last time. */
  #publish(): void {
    if (this.#held.size === 0) clearTimeout(this.#holdTimer);
    const previousState = this.#state;
    this.#state =
      this.#asOf === null
        ? 'starting'
        : this.#unreachable || this.#stop.aborted
          ? 'stale'
          : this.#held.size > 0
            ? 'held'
            : 'fresh';
    const { added, updated, removed } = this.#changes;
    if (added.length + updated.length + removed.length === 0 && previousState === this.#state) return;
    this.#changes = { added: [], updated: [], removed: [] };
    const change: ViewChange = Object.freeze({ state: this.#state, previousState, added, updated, removed });
    const thrown = (error: unknown) => tell(this.#options.onError, toRegistryError(error, 'a listener'));
    for (const { listener } of this.#listeners) tell(listener, change, thrown);
  }
}
