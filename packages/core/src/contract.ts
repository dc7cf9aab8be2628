/**
 * The contract that every adapter keeps. It holds types only; the doc comments are the specification, and each sentence that
 * promises something is a case of the conformance suite.
 *
 * Units: every duration ends in `Ms` and is in milliseconds; every time is milliseconds since the Unix epoch by the clock of
 * the store (see {@link RegistryCapabilities.clock}); latencies are milliseconds.
 */
import type { RegistryError } from './error.ts';

/**
 * Where a backend listens.
 *
 * `{ url: 'http://api.example.com:8001' }` and `{ url: 'http://api.example.com', port: 8001 }` are the same address. Addresses are
 * canonical by the WHATWG URL rules: lower-case scheme and host, no default port in `url`, no trailing slash, no credentials,
 * query or fragment. Without any port, the port is the scheme's default.
 *
 * An address that is not one fails with `INVALID_BACKEND`, naming the field.
 */
export interface BackendAddress {
  /** Scheme and host, optionally with a port and a path: `http://10.0.0.7`, `https://api.example.com:8443`, `http://[::1]:8001`. */
  readonly url: string;
  /** 1 … 65535. A port in `url` that contradicts it is an error. */
  readonly port?: number;
}

/**
 * A backend to act on. With `incarnation` the call is *fenced*: it does nothing and answers `fenced` when another life of
 * the same address is registered. Without it the call is an operator's word and acts on whichever life is there.
 */
export interface BackendRef extends BackendAddress {
  readonly incarnation?: string;
}

/** A backend whose heartbeat is sent. */
export interface HeartbeatRef extends BackendRef {
  /** How long this heartbeat lasts. Default: the handle's {@link RegistryOptions.heartbeatTimeoutMs}. */
  readonly heartbeatTimeoutMs?: number;
}

/** The load a backend reports about itself; the three signals of Prequal. Finite and ≥ 0. */
export interface BackendMetrics {
  /** Requests in flight. */
  readonly inFlightRequests: number;
  /** Latency of requests that ran near the current number in flight, in milliseconds. */
  readonly rifAvgLatency: number;
  /** Latency over all requests, in milliseconds. */
  readonly overallAvgLatency: number;
}

/**
 * What a backend declares when it registers.
 *
 * What describes the backend (`weight`, `zone`, `metadata`) is declared anew by each registration: left out means its default.
 * What describes its state (`health` and the metrics) is kept when left out and the same life is registered already, so that a
 * registration which the network delivers twice takes nothing back. A {@link Backend} that was read can be registered as it is.
 */
export interface BackendRegistration extends BackendAddress, Partial<BackendMetrics> {
  /** Default `true` for a new life. */
  readonly health?: boolean;
  /** Share of traffic relative to other backends, finite and ≥ 0. Default 1. */
  readonly weight?: number;
  /** Where the backend runs. Default none (`null`). */
  readonly zone?: string | null;
  /** Free text by name, well-formed Unicode. Default `{}`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Names one life of one backend process. Default: kept if the address is registered, else random. Never empty. */
  readonly incarnation?: string;
  /** How long this registration lasts without a heartbeat. Default: the handle's {@link RegistryOptions.heartbeatTimeoutMs}. */
  readonly heartbeatTimeoutMs?: number;
}

/** The first that applies of `expired`, `draining`, `unhealthy`, `healthy`. */
export type BackendStatus = 'healthy' | 'unhealthy' | 'draining' | 'expired';

/** One registered backend as a reader sees it: a frozen copy, never a live reference into the store. */
export interface Backend extends BackendMetrics {
  /** `{url}:{port}` of the canonical address: a name. Requests go to `url` with its port set to `port`, which is not the same where the url has a path. */
  readonly id: string;
  /** Canonical, without the port. */
  readonly url: string;
  readonly port: number;
  /** Effective: the health reported last, and the heartbeat has not expired. */
  readonly health: boolean;
  readonly status: BackendStatus;
  /** When a metric of this life last changed; `null` while none was reported. */
  readonly metricsUpdatedAt: number | null;
  readonly weight: number;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly incarnation: string;
  /** When this life was registered. */
  readonly registeredAt: number;
  /** Position of this backend's last change in the history of changes: decimal digits, comparable as numbers within an epoch. */
  readonly version: string;
}

/** One backend with its lease, as {@link BackendRegistry.getBackend} returns it. */
export interface BackendDetail extends Backend {
  /** When it was registered or sent a heartbeat last. */
  readonly lastHeartbeatAt: number;
  /** What is left of its lease; 0 once it has expired. */
  readonly expiresInMs: number;
}

/**
 * - `registered`: the address was absent;
 * - `replaced`: another incarnation was there, whose state is gone;
 * - `updated`: this life was there, and something changed;
 * - `renewed`: this life was there, and nothing changed but its lease.
 */
export interface RegisterResult {
  readonly status: 'registered' | 'replaced' | 'updated' | 'renewed';
  readonly backend: Backend;
}

/** `unknown`: the registry has lost it or never had it: register again. `fenced`: another life is registered. */
export interface HeartbeatResult {
  readonly status: 'renewed' | 'unknown' | 'fenced';
}

export interface UpdateResult {
  readonly status: 'updated' | 'unchanged' | 'unknown' | 'fenced';
}

export interface UnregisterResult {
  readonly status: 'unregistered' | 'unknown' | 'fenced';
}

export interface CleanupOptions {
  /** Remove no more than this many, those expired longest first. A whole number ≥ 1. Default: all. */
  readonly limit?: number;
}

export interface CleanupResult {
  /** As they were when they were removed: `expired`. Those that expired first come first. */
  readonly removed: readonly Backend[];
  /** Ids of rows that could not be read and were removed. */
  readonly corrupt: readonly string[];
  /** Until the next lease ends if nobody renews it: 0 when `limit`, or the time that was left, left some; `null` when nothing is registered. */
  readonly nextExpiryInMs: number | null;
}

/** All the conditions must hold. */
export interface BackendFilter {
  /** One status, or any of several. */
  readonly status?: BackendStatus | readonly BackendStatus[];
  readonly zone?: string;
  /** Each of these entries is in the backend's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface WatchOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Longest time between two looks at the store, with ±10 % jitter. Changes that ring the bell are seen at once. Default 1,000. */
  readonly pollIntervalMs?: number;
  /**
   * Hear of changes at once where the store pushes them. `false`: only look, at the poll interval; where nothing may go on in the background, no connection
   * that listens is left open. Default `true`.
   */
  readonly push?: boolean;
  /** Deliver updates in which only metrics changed. They do not ring the bell: they come with the next look. Default `false`. */
  readonly metrics?: boolean;
}

/** `registration`: weight, zone, metadata, or when it was registered. `health`: what was reported. `expiry`: its lease ran out, or it came back in time. */
export type BackendChange = 'registration' | 'health' | 'drain' | 'expiry' | 'metrics';

/** How a backend left. `replaced`: another life registered over it, or left and came back as another, between two looks. */
export type RemovalReason = 'unregistered' | 'expired' | 'replaced';

/**
 * What a watcher is told. It follows states, not a log: changes between two looks at the store are conflated into the newest
 * state, and what it cannot see is not told (a change of health or drain of a backend that stays expired).
 */
export type RegistryEvent =
  /**
   * Always the first event. `resync`: history that the watcher missed is gone, and this is the whole state. `reset`: the store
   * lost its data and this is what has come back so far.
   */
  | {
      readonly type: 'snapshot';
      readonly cause: 'initial' | 'resync' | 'reset';
      readonly backends: readonly Backend[];
      /** Names one life of the store's data. `none` where nothing was registered yet. */
      readonly epoch: string;
      readonly version: string;
    }
  /** `epoch`: that of the snapshot before, or the first one after `none`. */
  | { readonly type: 'registered'; readonly backend: Backend; readonly epoch: string; readonly version: string }
  | {
      readonly type: 'updated';
      readonly backend: Backend;
      /** As this watcher was told last. */
      readonly previous: Backend;
      readonly changed: readonly BackendChange[];
      readonly version: string;
    }
  /** `backend` is as this watcher was told last, its status `expired` where that is the reason. */
  | { readonly type: 'removed'; readonly backend: Backend; readonly reason: RemovalReason; readonly version: string }
  /** One look at the store has failed; what was seen last still stands. Told once, until `fresh`. `since`: when the store answered last. */
  | { readonly type: 'stale'; readonly since: number; readonly error: RegistryError }
  /** The store answers again; everything missed has been told before this. */
  | { readonly type: 'fresh'; readonly version: string };

/** What this handle on this store promises beyond the contract, or leaves out. */
export interface RegistryCapabilities {
  /** The kind of store, for people: `memory`, `redis`. */
  readonly store: string;
  /**
   * Whose clock decides when a lease ends. `client` only where the store cannot tell the time, which is known once it has answered: until the first call it is
   * `store`.
   */
  readonly clock: 'store' | 'client';
  /** Who can share the registry: other handles in this process, or everyone who reaches the store. */
  readonly scope: 'process' | 'network';
  /** How a change reaches a watcher: rung at once, or found by the next poll. */
  readonly watch: 'push' | 'poll';
  /** The handle's {@link RegistryOptions.heartbeatTimeoutMs}. */
  readonly heartbeatTimeoutMs: number;
}

/** A row that cannot be read, or was not written by a registry. */
export interface CorruptRow {
  /** Id of the row, or the key where there is no id. */
  readonly id: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** What every registry can be told. A value out of range is a `CONFIGURATION` error that names the option. */
export interface RegistryOptions {
  /**
   * How long a registration or a heartbeat lasts. Whoever registers or beats decides it, the store keeps the expiry, and readers and
   * cleaners obey that: a handle with a shorter setting cannot evict another's backends. Finite and > 0. Default 60,000.
   */
  readonly heartbeatTimeoutMs?: number;
  /**
   * Separates registries that share one store. Two prefixes share nothing, whatever they look like; only in Redis, where its keys are named by it, one that is the other
   * followed by `backend:` or `heartbeat:` can spell a key of that other one. Default `''`.
   */
  readonly keyPrefix?: string;
  /** Deadline of one call, however many requests it takes; after it the call rejects with `TIMEOUT`. Finite and > 0. Default 2,000. */
  readonly commandTimeoutMs?: number;
  /** Schemes that an address may have. Those without a default port need one. Default `['http', 'https']`. */
  readonly schemes?: readonly string[];
  /** Told of each unreadable row, once for each reason until it can be read or is gone. What it throws is ignored. */
  readonly onCorrupt?: (row: CorruptRow) => void;
}

/**
 * A registry of backends. Get one from an adapter, from `new MemoryBackendRegistry()` or from `createRegistry()`.
 *
 * What holds for every method:
 * - **Safe to repeat.** A network can lose the reply after the store applied the write; a call sent again leaves the same state as once.
 * - **Down is not empty.** A store that cannot be reached gives a {@link RegistryError} within `commandTimeoutMs`, never an empty answer.
 * - **Exact lease.** A lease lives while `now < expiresAt` by the clock of the store: no backend is healthy later, or expired earlier.
 * - **No resurrection.** After a removal only {@link register} makes the backend appear again, and only `register` and heartbeats extend a lease.
 * - **Quiet.** Heartbeats and writes that change nothing make no version and no event.
 * - **Cost follows the registry**, not what else is in the store.
 *
 * Errors: a wrong address or field is `INVALID_BACKEND` and nothing is stored; an argument of a wrong kind altogether is a
 * `TypeError`; after {@link close} every method rejects with `CLOSED`; the store's failures are `UNAVAILABLE`, `TIMEOUT`, `REFUSED` or
 * `CORRUPT_REPLY`. Methods report failures by rejecting, never by throwing.
 */
export interface BackendRegistry extends AsyncDisposable {
  /** Which store this is, by whose clock leases end, who shares it, and how watchers hear. */
  readonly capabilities: RegistryCapabilities;

  /** Makes the backend known and starts its lease. Safe to repeat: a second time it answers `renewed`. */
  register(backend: BackendRegistration): Promise<RegisterResult>;

  /** Like {@link register} for each, in this order. If one of them is invalid, none is registered. */
  registerAll(backends: readonly BackendRegistration[]): Promise<RegisterResult[]>;

  /**
   * Renews the lease from now on, and changes nothing else. An expired backend that nobody has removed yet is renewed and comes back; a
   * removed one is `unknown`.
   */
  heartbeat(backend: HeartbeatRef): Promise<HeartbeatResult>;

  /**
   * Like {@link heartbeat} for each, in as few round trips as the store allows: over Redis, 500 with the same lease share a script. Answers in the same order. If one of
   * them is invalid, none is renewed.
   */
  heartbeatAll(backends: readonly HeartbeatRef[]): Promise<HeartbeatResult[]>;

  /** Reports health. Does not extend the lease, and touches no other field. */
  updateBackendHealth(backend: BackendRef, health: boolean): Promise<UpdateResult>;

  /**
   * Reports the metrics given and keeps the others; several writers never undo each other's fields. Does not extend the lease. Without
   * any metric it is a `TypeError`.
   */
  updateBackendMetrics(backend: BackendRef, metrics: Partial<BackendMetrics>): Promise<UpdateResult>;

  /** Asks proxies to send nothing new; `drain(backend, false)` takes it back. Does not extend the lease, and touches no other field. */
  drain(backend: BackendRef, draining?: boolean): Promise<UpdateResult>;

  /** Removes the backend, whatever its state. */
  unregister(backend: BackendRef): Promise<UnregisterResult>;

  /** One backend with its lease, `null` if it is not registered. Writes nothing. */
  getBackend(address: BackendAddress): Promise<BackendDetail | null>;

  /**
   * Every registered backend that matches, sorted by id; expired ones that nobody has removed are among them, with health `false`. The
   * array is the caller's own. Writes nothing.
   */
  listBackends(filter?: BackendFilter): Promise<Backend[]>;

  /**
   * Removes what has expired by the clock of the store, and rows that cannot be read. Any number of proxies may run it. Where the deadline leaves no time for all,
   * it removes as many as it can.
   */
  cleanupExpiredBackends(options?: CleanupOptions): Promise<CleanupResult>;

  /**
   * Follows the registry: a `snapshot` first, then each change once.
   *
   * - Every way out of the registry is one `removed` with its reason, also where no keyspace notification exists.
   * - A lease that runs out is `updated` with `expiry` even where nobody cleans up; where the store pushes, when it ends, not with the poll.
   * - Within an epoch, versions never go back. After any fault, once it settles, the watcher's state equals {@link listBackends}.
   * - It never rejects for a store that goes down: it says `stale`, keeps trying, and catches up before `fresh`. Only the first look rejects.
   * - It ends without an error when `signal` aborts, when the consumer leaves the loop, and when the registry is closed.
   * - A slow consumer costs no memory: what it misses meanwhile is conflated.
   */
  watch(options?: WatchOptions): AsyncIterable<RegistryEvent>;

  /** Resolves if the store answers. */
  ping(): Promise<void>;

  /**
   * Ends watches, settles calls in flight (they may reject with `CLOSED`) and frees every timer and connection of this handle. The
   * backends stay registered. Closing twice is fine.
   */
  close(): Promise<void>;
}
