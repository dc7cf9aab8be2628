/** What the cases do again and again. */
import type { Backend, BackendRegistration, BackendRegistry, RegistryEvent, WatchOptions } from '../contract.ts';
import { equal, eventually, fail, ok, pause } from './assert.ts';
import type { ConformanceFaults, ConformanceFixture } from './harness.ts';

/** A backend to register: another address for each number. */
export function sample(n = 1, more: Partial<BackendRegistration> = {}): BackendRegistration {
  return { url: `http://backend-${n}.example.com`, port: 8000 + n, ...more };
}

/** Its id. */
export function idOf(n = 1): string {
  return `http://backend-${n}.example.com:${8000 + n}`;
}

/** A lease short enough to wait for: by the clock of the store where it can be moved, else as short as it can be told apart. */
export function shortLease({ time }: ConformanceFixture): number {
  return 'advance' in time ? 10_000 : Math.max(250, 25 * time.resolutionMs);
}

/** Lets this much time pass for the store. */
export async function elapse({ time }: ConformanceFixture, ms: number): Promise<void> {
  if ('advance' in time) await time.advance(ms);
  else await pause(ms + time.resolutionMs);
}

/** Waits until everything registered with {@link shortLease} just before has expired. */
export function outlive(fixture: ConformanceFixture): Promise<void> {
  return elapse(fixture, shortLease(fixture));
}

/** The store's exactness: 0 where its clock is moved by hand. */
export function resolution({ time }: ConformanceFixture): number {
  return 'advance' in time ? 0 : time.resolutionMs;
}

/** A fault that the case has declared to need. */
export function fault<K extends keyof ConformanceFaults>(
  { faults }: ConformanceFixture,
  name: K,
): NonNullable<ConformanceFaults[K]> {
  return faults?.[name] ?? fail(`the fixture offers no fault "${name}": the case must declare its need`);
}

/** Writes a row behind the registry's back, where the case has declared to need that. */
export function putRaw(fixture: ConformanceFixture, id: string, document: string): Promise<void> {
  return fixture.putRaw?.(id, document) ?? fail('the fixture offers no putRaw: the case must declare its need');
}

/** The document of a backend, with other values where given, and without those that are `undefined`. */
export function documentOf(backend: Backend, other: Record<string, unknown> = {}): string {
  return JSON.stringify({
    url: backend.url,
    port: backend.port,
    health: backend.health,
    in_flight_requests: backend.inFlightRequests,
    rif_avg_latency: backend.rifAvgLatency,
    overall_avg_latency: backend.overallAvgLatency,
    draining: backend.status === 'draining',
    metrics_updated_at_ms: backend.metricsUpdatedAt,
    version: Number(backend.version),
    registered_at_ms: backend.registeredAt,
    incarnation: backend.incarnation,
    weight: backend.weight,
    zone: backend.zone,
    metadata: backend.metadata,
    ...other,
  });
}

/** Removes everything that has expired, in as many calls as that takes. */
export async function cleanAll(registry: BackendRegistry): Promise<Backend[]> {
  const all: Backend[] = [];
  for (;;) {
    const { removed, nextExpiryInMs } = await registry.cleanupExpiredBackends();
    all.push(...removed);
    if (nextExpiryInMs !== 0) return all;
  }
}

/** The deadline of a handle whose store fails: short, for many calls wait for it, and longer than a busy process stands still as a rule. */
export const DEADLINE_MS = 700;

/** A handle with a short deadline, connected: on a busy machine that alone can take longer. */
export async function impatient(fixture: ConformanceFixture, commandTimeoutMs: number): Promise<BackendRegistry> {
  const handle = await fixture.second({ commandTimeoutMs });
  await eventually(() => handle.ping());
  return handle;
}

/** Follows a registry, and checks with every event that the watch has kept its promises so far. */
export class Watcher implements AsyncDisposable {
  readonly events: RegistryEvent[] = [];
  /** What the events add up to. */
  readonly state: Map<string, Backend> = new Map();
  /** What ended the watch, if it was an error. */
  error: unknown;
  ended = false;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  #version = -1n;
  #epoch: string | undefined;

  /** Without options it looks often, so that what rings no bell is seen soon. */
  constructor(registry: BackendRegistry, options: WatchOptions = {}) {
    this.#following = this.#follow(registry.watch({ pollIntervalMs: 20, ...options, signal: this.#stop.signal }));
  }

  /** A watcher that has seen its first snapshot. */
  static async started(registry: BackendRegistry, options: WatchOptions = {}): Promise<Watcher> {
    const watcher = new Watcher(registry, options);
    await watcher.until((events) => events.length > 0, 'the first event');
    return watcher;
  }

  /** The events of some types, from the first on. */
  of<T extends RegistryEvent['type']>(...types: T[]): Extract<RegistryEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RegistryEvent, { type: T }> => types.includes(event.type as T));
  }

  /** Waits for something to be true of the events. */
  async until(
    condition: (events: readonly RegistryEvent[]) => boolean,
    what: string,
    withinMs?: number,
  ): Promise<void> {
    await eventually(() => {
      // What is wrong already does not come right by waiting.
      if (this.error !== undefined) return;
      if (!condition(this.events)) fail(`the watcher was waiting for ${what} and has seen ${this.#summary()}`);
    }, withinMs);
    if (this.error !== undefined) throw this.error;
  }

  /** Waits until the watcher's state is what the registry lists: `metrics` and versions aside where it does not follow them. */
  async settled(registry: BackendRegistry, { metrics = false }: { metrics?: boolean } = {}): Promise<void> {
    await eventually(async () => {
      if (this.error !== undefined) return;
      const listed = await registry.listBackends();
      const told = [...this.state.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      equal(
        told.map((b) => comparable(b, metrics)),
        listed.map((b) => comparable(b, metrics)),
        'the watcher must come to equal the list',
      );
    });
    if (this.error !== undefined) throw this.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
    if (this.error !== undefined) throw this.error;
  }

  async #follow(watch: AsyncIterable<RegistryEvent>): Promise<void> {
    try {
      for await (const event of watch) {
        this.events.push(event);
        this.#apply(event);
      }
    } catch (error) {
      this.error = error;
    }
    this.ended = true;
  }

  #apply(event: RegistryEvent): void {
    if (event.type === 'stale') return;
    const version = BigInt(event.version);
    if (event.type === 'snapshot') {
      if (event.cause === 'initial')
        equal(this.events.length, 1, 'the initial snapshot is the first event, and the only one');
      if (event.cause === 'reset') ok(event.epoch !== this.#epoch, 'a reset has another epoch');
      this.#epoch = event.epoch;
      this.#version = version;
      this.state.clear();
      for (const backend of event.backends) this.state.set(backend.id, backend);
      return;
    }
    ok(this.events.length > 1, `the first event must be a snapshot, not ${event.type}`);
    ok(version >= this.#version, `versions must not go back: ${event.type} has ${version} after ${this.#version}`);
    this.#version = version;
    if (event.type === 'fresh') return;
    const { id } = event.backend;
    const known = this.state.get(id);
    if (event.type === 'registered') {
      if (known !== undefined) fail(`${id} was registered, and it was there already: ${this.#summary()}`);
      if (this.#epoch === 'none') this.#epoch = event.epoch;
      equal(event.epoch, this.#epoch, `the epoch in which ${id} was registered`);
      ok(event.epoch !== 'none', 'what is registered has an epoch');
      this.state.set(id, event.backend);
    } else if (event.type === 'updated') {
      equal(event.previous, known, `updated must follow what this watcher was told last of ${id}`);
      ok(event.changed.length > 0, `updated must say what has changed of ${id}`);
      this.state.set(id, event.backend);
    } else {
      if (known === undefined) fail(`${id} was removed, and it was not there: ${this.#summary()}`);
      const last = event.reason === 'expired' ? { ...known, health: false, status: 'expired' } : known;
      equal(event.backend, last, `removed must show ${id} as this watcher was told last`);
      this.state.delete(id);
    }
  }

  #summary(): string {
    return (
      this.events.map((event) => ('backend' in event ? `${event.type} ${event.backend.id}` : event.type)).join(', ') ||
      'nothing'
    );
  }
}

function comparable(backend: Backend, metrics: boolean): Partial<Backend> {
  const { version: _version, inFlightRequests, rifAvgLatency, overallAvgLatency, metricsUpdatedAt, ...rest } = backend;
  return metrics ? { ...rest, inFlightRequests, rifAvgLatency, overallAvgLatency, metricsUpdatedAt } : rest;
}
