import type {
  Backend,
  BackendMetrics,
  BackendRegistration,
  BackendRegistry,
  HeartbeatResult,
  UpdateResult,
} from './contract.ts';
import { invalid, isFinal, misconfigured, RegistryError, toRegistryError } from './error.ts';
import { METRICS, readDuration, readRegistration, readWait } from './input.ts';
import { randomName } from './random.ts';
import { ignorable, Ready, tell } from './ready.ts';
import { anyOf, Bell, backoff, closedError, Ending, jittered, orOver, sleep, startTimer } from './timing.ts';

/**
 * - `starting`: not registered yet;
 * - `registered`: the store has the newest data;
 * - `unreachable`: the last call failed, and it is being tried again; the backend may still be registered;
 * - `draining`: registered, and proxies are asked to send nothing new;
 * - `superseded`: another life of this address was registered, so this one has stopped for good;
 * - `failed`: the registry cannot take this backend as it is, or was closed: stopped for good;
 * - `closed`: unregistered, or left to the end of its lease where the store could not be told.
 */
export type AnnouncementState =
  | 'starting'
  | 'registered'
  | 'unreachable'
  | 'draining'
  | 'superseded'
  | 'failed'
  | 'closed';

export interface AnnounceOptions {
  /**
   * Longest time between heartbeats, and between tries while the store is down; it varies, so that many do not act in step. No more than two thirds of the
   * lease, so that a late one does no harm. Default: a third of the lease.
   */
  readonly heartbeatIntervalMs?: number;
  /** Requests in flight in this process, so that a drain can end as soon as they are done. Where it throws, none are. */
  readonly inFlight?: () => number;
  /** How long a drain may wait for them. Default 10,000. */
  readonly drainDeadlineMs?: number;
  /** How long proxies are given to notice a drain, before it can end. Default 1,000, the longest poll of a watch by default. */
  readonly drainNoticeMs?: number;
  /** Told of every failed call. What it throws is ignored. */
  readonly onError?: (error: RegistryError) => void;
  /** Told of every new state. What it throws is ignored. */
  readonly onState?: (state: AnnouncementState) => void;
}

/** What may change in the life of a backend. */
export type AnnouncementUpdate = Partial<BackendMetrics> &
  Pick<BackendRegistration, 'health' | 'weight' | 'zone' | 'metadata'>;

/** Keeps one backend registered until it is closed. */
export interface Announcement extends AsyncDisposable {
  /** Resolves once the backend is registered. Rejects if that can never be. Safe to ignore. */
  readonly ready: Promise<void>;
  /** Whether the backend is registered, and if not, why: see {@link AnnouncementState}. */
  readonly state: AnnouncementState;
  /** As the registry answered the last registration; `null` before the first one. Later updates and drains do not show here. */
  readonly backend: Backend | null;
  /** The name of this life, for fenced calls. */
  readonly incarnation: string;
  /**
   * Changes what is announced: at once, or as soon as the store answers; a later update overtakes an earlier one. Throws
   * `INVALID_BACKEND` for a wrong field, and nothing changes. Resolves when the store has it; safe to ignore.
   */
  update(change: AnnouncementUpdate): Promise<void>;
  /**
   * Asks proxies to send nothing new, and resolves when they had time to notice and nothing is in flight, or when the deadline is over.
   * Heartbeats go on. Never rejects; throws `CONFIGURATION` for a deadline that is none.
   */
  drain(options?: { readonly deadlineMs?: number }): Promise<void>;
  /**
   * Drains (unless that was asked for), unregisters and frees everything: at once with a deadline of 0. If the store cannot be reached, the
   * lease ends by itself. Never rejects.
   */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/** First pause after a failed call; it doubles up to 0.7 of the heartbeat interval. */
const FIRST_RETRY_MS = 100;
const IN_FLIGHT_POLL_MS = 20;

/**
 * Keeps a backend registered: registers it, sends its heartbeats, registers it again with its newest data when the store has lost it, and
 * drains and unregisters it at the end. One call is under way at a time: nothing queues up while the store is down.
 *
 * ```ts
 * await using announcement = announce(registry, { url: 'http://10.0.0.7', port: 8001 });
 * ```
 */
export function announce(
  registry: BackendRegistry,
  backend: BackendRegistration,
  options: AnnounceOptions = {},
): Announcement {
  return new Announcer(registry, backend, options);
}

/** A drain that can be ended early. */
interface Drain {
  readonly over: Ending;
  readonly done: Promise<void>;
}

/** What is told to the store in one call. */
type Part = 'registration' | 'health' | 'metrics' | 'drain';

/** What may change, and what it is a part of. */
const CHANGEABLE: ReadonlyMap<string, Part> = new Map([
  ['health', 'health'],
  ...['weight', 'zone', 'metadata'].map((field) => [field, 'registration'] as const),
  ...METRICS.map((field) => [field, 'metrics'] as const),
]);

class Announcer implements Announcement {
  readonly incarnation: string;
  readonly #registry: BackendRegistry;
  readonly #options: AnnounceOptions;
  readonly #intervalMs: number;
  readonly #drainDeadlineMs: number;
  readonly #drainNoticeMs: number;
  readonly #bell = new Bell();
  readonly #stop = new Ending();
  readonly #running: Promise<void>;
  readonly #ready = new Ready();
  readonly ready: Promise<void> = this.#ready.promise;
  #newest: BackendRegistration & { readonly incarnation: string };
  #state: AnnouncementState = 'starting';
  #backend: Backend | null = null;
  #registered = false;
  #draining = false;
  /** What is still to be told to the store. */
  #pending = new Set<Part>(['registration']);
  #waiting: { resolve(): void; reject(error: RegistryError): void }[] = [];
  #closing: Promise<void> | undefined;
  /** The drain under way. */
  #drain: Drain | undefined;
  /** Who was registered after this time, by the store's clock, is a successor: after whom it found at first, and once it is registered, after itself. */
  #since: number | undefined;

  constructor(registry: BackendRegistry, backend: BackendRegistration, options: AnnounceOptions) {
    // Everything but the scheme can be checked before the registry is asked.
    const leaseMs = readRegistration(backend, registry.capabilities).heartbeatTimeoutMs;
    this.#registry = registry;
    this.#options = options;
    this.#intervalMs = readDuration(options, 'heartbeatIntervalMs', leaseMs / 3);
    if (this.#intervalMs > (leaseMs * 2) / 3) {
      throw misconfigured(
        'heartbeatIntervalMs',
        this.#intervalMs,
        `it must be at most two thirds of the lease of ${leaseMs} ms`,
      );
    }
    this.#drainDeadlineMs = readWait(options, 'drainDeadlineMs', 10_000);
    this.#drainNoticeMs = readWait(options, 'drainNoticeMs', 1_000);
    this.incarnation = backend.incarnation ?? randomName();
    this.#newest = { ...backend, incarnation: this.incarnation };
    this.#running = this.#run();
  }

  get state(): AnnouncementState {
    return this.#state;
  }

  get backend(): Backend | null {
    return this.#backend;
  }

  update(change: AnnouncementUpdate): Promise<void> {
    const newest = { ...this.#newest };
    const parts = new Set<Part>();
    for (const [field, value] of Object.entries(change)) {
      const part = CHANGEABLE.get(field);
      if (part === undefined) throw invalid(field, value, 'it cannot change in the life of a backend');
      if (value === undefined) continue;
      // Of a backend that was read after its lease had ended the health is not taken: now it is known.
      Object.assign(newest, { [field]: value }, part === 'health' && { status: undefined });
      parts.add(part);
    }
    readRegistration(newest, this.#registry.capabilities);
    if (this.#stop.aborted) return ignorable(Promise.reject(closedError('update')));
    this.#newest = newest;
    for (const part of parts) this.#pending.add(part);
    return this.#told();
  }

  drain(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    const deadlineMs = readWait(options, 'deadlineMs', this.#drainDeadlineMs);
    this.#drain ??= this.#startDrain();
    const { over, done } = this.#drain;
    // The earliest deadline that anybody gave ends it.
    const timer = startTimer(deadlineMs, () => over.abort());
    return done.finally(() => clearTimeout(timer));
  }

  close(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    const deadlineMs = readWait(options, 'deadlineMs', this.#drainDeadlineMs);
    if (this.#closing === undefined) this.#closing = this.#close(deadlineMs);
    else if (this.#drain !== undefined) void this.drain({ deadlineMs });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #hasGivenUp(): boolean {
    return this.#state === 'superseded' || this.#state === 'failed';
  }

  /** Resolves when everything pending now is in the store. */
  #told(): Promise<void> {
    this.#bell.ring();
    return ignorable(new Promise((resolve, reject) => this.#waiting.push({ resolve, reject })));
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.aborted) {
      let pauseMs = jittered(this.#intervalMs * 0.9);
      const waiting = this.#waiting;
      this.#waiting = [];
      try {
        await this.#sync();
        failures = 0;
        for (const { resolve } of waiting) resolve();
      } catch (thrown) {
        this.#waiting = [...waiting, ...this.#waiting];
        const error = toRegistryError(thrown, 'announce');
        this.#report(error);
        if (isFinal(error)) this.#enter('failed');
        if (this.#hasGivenUp || this.#stop.aborted) return this.#end(error);
        failures += 1;
        this.#enter('unreachable');
        pauseMs = backoff(failures, FIRST_RETRY_MS, this.#intervalMs * 0.7);
      }
      // A store that does not answer is not asked at once for each update.
      if (failures > 0) await sleep(Math.min(FIRST_RETRY_MS, this.#intervalMs * 0.1), this.#stop);
      await this.#bell.wait(pauseMs, this.#stop);
    }
  }

  /** Tells the store what is pending, or that this backend is alive; again if it turns out to be lost meanwhile. */
  async #sync(): Promise<void> {
    do {
      // Registering is not fenced: ask first whether this life is still the one that is there.
      if (this.#registered)
        await (this.#pending.has('registration')
          ? this.#answer(this.#registry.heartbeat(this.#newest))
          : this.#refresh());
      if (!this.#registered || this.#pending.has('registration')) await this.#register();
    } while (!this.#registered && !this.#stop.aborted);
    this.#enter(this.#draining ? 'draining' : 'registered');
    this.#ready.resolve();
  }

  async #register(): Promise<void> {
    const pending = this.#pending;
    this.#pending = new Set(this.#draining ? ['drain'] : []);
    try {
      await this.#yieldToSuccessor();
      const { backend } = await this.#registry.register(this.#newest);
      this.#backend = backend;
      this.#since = backend.registeredAt - 1;
      this.#registered = true;
      if (this.#draining) await this.#refresh();
    } catch (error) {
      this.#pending = pending.add('registration');
      throw error;
    }
  }

  /**
   * Registering takes the place of whoever is there, which is meant for those that were there before, and no other: after a lost reply or a loss of data, a
   * newer life can have come meanwhile. Those before can be there again: a failover, or an old snapshot, takes the store back to before this life.
   *
   * @param fenced somebody is there, also where that cannot be read
   */
  async #yieldToSuccessor(fenced = false): Promise<void> {
    const there = await this.#registry.getBackend(this.#newest);
    this.#since ??= there?.registeredAt ?? 0;
    // Until its own first registration is answered, one that has expired may as well be back from before.
    const yields = there
      ? there.registeredAt > this.#since &&
        there.incarnation !== this.incarnation &&
        (this.#backend || there.status !== 'expired')
      : fenced;
    if (!yields) return;
    if (there) this.#enter('superseded');
    throw new RegistryError('REFUSED', `announce: another process has registered ${this.#newest.url}.`);
  }

  async #refresh(): Promise<void> {
    const registry = this.#registry;
    // Each tells what is newest then: an update may come between two of them.
    const alive =
      (await this.#write('health', () => registry.updateBackendHealth(this.#newest, this.#newest.health ?? true))) &&
      (await this.#write('metrics', () => registry.updateBackendMetrics(this.#newest, this.#newest))) &&
      (await this.#write('drain', () => registry.drain(this.#newest, true)));
    if (alive) await this.#answer(registry.heartbeat(this.#newest));
  }

  /** Tells the store a part if it is pending; whether this life is still registered. What was not told stays pending. */
  async #write(part: Part, call: () => Promise<UpdateResult>): Promise<boolean> {
    if (!this.#pending.delete(part)) return true;
    try {
      return await this.#answer(call());
    } catch (error) {
      this.#pending.add(part);
      throw error;
    }
  }

  /** Whether this life is still registered, by what the store answered. Where another one is, of whom nothing can be read, it is asked again. */
  async #answer(call: Promise<UpdateResult | HeartbeatResult>): Promise<boolean> {
    const { status } = await call;
    if (status === 'fenced') await this.#yieldToSuccessor(true);
    this.#registered = status !== 'unknown' && status !== 'fenced';
    return this.#registered;
  }

  #startDrain(): Drain {
    const over = new Ending();
    const done = this.#drainUntil(over).finally(() => {
      this.#drain = undefined;
    });
    return { over, done };
  }

  async #drainUntil(deadline: Ending): Promise<void> {
    if (this.#stop.aborted) return;
    this.#draining = true;
    this.#pending.add('drain');
    const { signal, release } = anyOf([deadline, this.#stop]);
    await orOver(
      this.#told().catch(() => undefined),
      signal,
    );
    await sleep(this.#drainNoticeMs, signal);
    while (!signal.aborted && this.#inFlight() > 0) await sleep(IN_FLIGHT_POLL_MS, signal);
    release();
  }

  #inFlight(): number {
    try {
      return this.#options.inFlight?.() ?? 0;
    } catch (error) {
      this.#report(toRegistryError(error, 'inFlight'));
      return 0;
    }
  }

  async #close(deadlineMs: number): Promise<void> {
    if (!this.#stop.aborted) {
      // A backend that was never registered has nothing to drain.
      if (this.#drain !== undefined || (this.#backend !== null && !this.#draining)) await this.drain({ deadlineMs });
      this.#end(closedError('announce'));
    }
    await this.#running;
    if (this.#hasGivenUp) return;
    try {
      // Also after a registration whose reply was lost.
      await this.#registry.unregister(this.#newest);
    } catch (error) {
      this.#report(toRegistryError(error, 'unregister'));
    }
    this.#enter('closed');
  }

  #end(error: RegistryError): void {
    this.#stop.abort();
    this.#ready.reject(error);
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }

  #enter(state: AnnouncementState): void {
    if (this.#state === state) return;
    this.#state = state;
    tell(this.#options.onState, state);
  }

  #report(error: RegistryError): void {
    tell(this.#options.onError, error);
  }
}
