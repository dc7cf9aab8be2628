import { toBackend } from '../backend.ts';
import { decodeDocument, toJson } from '../codec.ts';
import type {
  Backend,
  BackendAddress,
  BackendDetail,
  BackendFilter,
  BackendMetrics,
  BackendRef,
  BackendRegistration,
  BackendRegistry,
  CleanupOptions,
  CleanupResult,
  HeartbeatRef,
  HeartbeatResult,
  RegisterResult,
  RegistryCapabilities,
  RegistryEvent,
  RegistryOptions,
  UnregisterResult,
  UpdateResult,
  WatchOptions,
} from '../contract.ts';
import { CorruptReports } from '../corrupt.ts';
import { RegistryError } from '../error.ts';
import {
  DEFAULT_POLL_INTERVAL_MS,
  type Registration,
  readFilter,
  readFlag,
  readIncarnation,
  readLease,
  readLimit,
  readList,
  readRegistration,
  readSettings,
  readSomeMetrics,
  type Settings,
} from '../input.ts';
import { randomName } from '../random.ts';
import { ignorable } from '../ready.ts';
import { closedError, Ending } from '../timing.ts';
import { type WatchPort, watchRegistry } from '../watch.ts';
import { Batch, sendParts, split } from './batch.ts';
import { Calls } from './calls.ts';
import { Copy } from './copy.ts';
import type { RedisDriver } from './driver.ts';
import type { Inside } from './inside.ts';
import { Keys } from './keys.ts';
import { type Named, Names } from './names.ts';
import { readEnd } from './page.ts';
import { strange } from './strange.ts';

/** Backends of one script: the server is busy with it for a millisecond at most. Of several scripts, it runs one while this process makes the next. */
const WRITE_BATCH = 32;
const HEARTBEAT_BATCH = 500;
const CLEANUP_BATCH = 100;
/** Backends that a cleanup removes at once, in several scripts. */
const CLEANUP_STEP = 500;
const CLEANING = 'cleanupExpiredBackends';
/** How long a message that was missed may still come before the connection that listens counts as deaf. */
const FIRST_PATIENCE_MS = 2_000;
const LONGEST_PATIENCE_MS = 60_000;

const UNKNOWN = Object.freeze({ status: 'unknown' as const });
const FENCED = Object.freeze({ status: 'fenced' as const });
const RENEWED: HeartbeatResult = Object.freeze({ status: 'renewed' });
/** What the numbers of each script's reply say. */
const UPDATES: Readonly<Record<string, UpdateResult>> = {
  '1': Object.freeze({ status: 'updated' }),
  '0': Object.freeze({ status: 'unchanged' }),
  '-1': UNKNOWN,
  '-2': FENCED,
};
const HEARTBEATS: Readonly<Record<string, HeartbeatResult>> = { '1': RENEWED, '0': UNKNOWN, '-1': FENCED };
const REMOVALS: Readonly<Record<string, UnregisterResult>> = {
  '1': Object.freeze({ status: 'unregistered' }),
  '0': UNKNOWN,
  '-1': FENCED,
};

/** A backend as a script is told of it. */
interface Told {
  readonly id: string;
  /** What is written. */
  readonly key: string;
  /** Its incarnation as JSON, or `''`. */
  readonly incarnation: string;
}

interface Beat extends Told {
  readonly heartbeatTimeoutMs: number;
}

/** State of one backend to be written; what is `undefined` is left alone. */
interface Update extends Told {
  readonly health?: boolean;
  readonly draining?: boolean;
  readonly metrics?: Partial<BackendMetrics>;
}

/** A row that may be removed: its lease has ended, or it is this text, which cannot be read. */
type Doomed = readonly [id: string, unreadable: string | undefined];

/** `undefined`: it was left alone. */
type Registered = RegisterResult | RegistryError | undefined;

/** The registry in Redis, over a driver: what every Redis adapter is made of. */
export class RedisRegistry implements BackendRegistry {
  readonly #settings: Settings;
  readonly #driver: RedisDriver;
  readonly #keys: Keys;
  readonly #names: Names;
  readonly #closed = new Ending();
  readonly #calls: Calls;
  readonly #copy: Copy;
  readonly #reports: CorruptReports;
  readonly #bells = new Set<(known: boolean) => void>();
  readonly #registrations: Batch<Registration, Registered>;
  readonly #beats = new Batch<Beat, HeartbeatResult>(HEARTBEAT_BATCH, (part) => this.#beat(part));
  readonly #updates: Batch<Update, UpdateResult>;
  #subscription: Promise<() => Promise<void>> | undefined;
  /** Settles when those that nobody needs any longer have ended. */
  #hushed: Promise<unknown> | undefined;
  #patienceMs = FIRST_PATIENCE_MS;
  #closing: Promise<void> | undefined;

  constructor(driver: RedisDriver, options: RegistryOptions = {}) {
    this.#settings = readSettings(options);
    this.#driver = driver;
    this.#keys = new Keys(this.#settings.keyPrefix);
    this.#calls = new Calls(driver, this.#settings.commandTimeoutMs, this.#closed);
    this.#copy = new Copy(this.#keys, this.#calls);
    this.#names = new Names(this.#settings, this.#keys, this.#copy.table.entries);
    this.#calls.onLost = () => this.#copy.distrust();
    const written = driver.written?.bind(driver);
    this.#registrations = new Batch(WRITE_BATCH, (part) => this.#writePart(part, '?'), written);
    this.#updates = new Batch(WRITE_BATCH, (part) => this.#update(part), written);
    this.#reports = new CorruptReports(options.onCorrupt);
  }

  get capabilities(): RegistryCapabilities {
    return Object.freeze({
      store: 'redis',
      clock: this.#driver.clock?.() ?? 'store',
      scope: 'network',
      watch: this.#driver.subscribe === undefined ? 'poll' : 'push',
      heartbeatTimeoutMs: this.#settings.heartbeatTimeoutMs,
    });
  }

  async register(backend: BackendRegistration): Promise<RegisterResult> {
    this.#open('register', this.#registrations);
    return orThrow(await this.#registrations.add(readRegistration(backend, this.#settings)));
  }

  async registerAll(backends: readonly BackendRegistration[]): Promise<RegisterResult[]> {
    this.#open('registerAll');
    const registrations = readList(backends, 'registerAll').map((backend) => readRegistration(backend, this.#settings));
    const answers = this.#registrations.addAll(registrations, this.#calls.until);
    return (await this.#calls.inTime('registerAll', answers)).map(orThrow);
  }

  async heartbeat(backend: HeartbeatRef): Promise<HeartbeatResult> {
    this.#open('heartbeat', this.#beats);
    return this.#beats.add(this.#readBeat(backend));
  }

  async heartbeatAll(backends: readonly HeartbeatRef[]): Promise<HeartbeatResult[]> {
    this.#open('heartbeatAll');
    const beats = readList(backends, 'heartbeatAll').map((backend) => this.#readBeat(backend));
    return this.#calls.inTime('heartbeatAll', this.#beat(beats, this.#calls.until));
  }

  async updateBackendHealth(backend: BackendRef, health: boolean): Promise<UpdateResult> {
    this.#open('updateBackendHealth', this.#updates);
    const ref = this.#readRef(backend);
    return this.#updates.add({ ...ref, health: readFlag('health', health) });
  }

  async updateBackendMetrics(backend: BackendRef, metrics: Partial<BackendMetrics>): Promise<UpdateResult> {
    this.#open('updateBackendMetrics', this.#updates);
    const ref = this.#readRef(backend);
    return this.#updates.add({ ...ref, metrics: readSomeMetrics(metrics) });
  }

  async drain(backend: BackendRef, draining = true): Promise<UpdateResult> {
    this.#open('drain', this.#updates);
    const ref = this.#readRef(backend);
    return this.#updates.add({ ...ref, draining: readFlag('draining', draining) });
  }

  async unregister(backend: BackendRef): Promise<UnregisterResult> {
    this.#open('unregister');
    const named = this.#names.of(backend);
    const incarnation = named.tell(readIncarnation(backend));
    const { leases, incarnations, versions, removed, meta, channel } = this.#keys;
    const keys = [named.document, named.heartbeat, leases, incarnations, versions, removed, meta];
    const reply = await this.#calls.run('unregister', keys, [channel, named.id, incarnation]);
    return REMOVALS[String(reply)] ?? strange();
  }

  async getBackend(address: BackendAddress): Promise<BackendDetail | null> {
    this.#open('getBackend');
    return this.#calls.inTime('getBackend', this.#detail(this.#names.of(address)));
  }

  async #detail(named: Named): Promise<BackendDetail | null> {
    const { id } = named;
    const { leases, meta } = this.#keys;
    const keys = [named.document, named.heartbeat, leases, meta];
    const [now, document, heartbeat, ends] = texts(await this.#calls.run('detail', keys, [id], 'getBackend'));
    if (document === undefined || ends === undefined) return strange();
    if (ends === '') return null;
    const decoded = decodeDocument(id, document);
    if (decoded.status === 'corrupt') {
      // It may have been damaged since this handle read it.
      this.#copy.distrust();
      await this.#pull();
      return null;
    }
    const expiresInMs = Math.max(0, ((readEnd(ends) ?? Number.POSITIVE_INFINITY) - Number(now)) / 1_000);
    const backend = toBackend(decoded.row, decoded.version, expiresInMs === 0);
    const beatAt = Number(heartbeat === '' ? Number.NaN : heartbeat) * 1_000;
    return Object.freeze({ ...backend, lastHeartbeatAt: beatAt >= 0 ? beatAt : backend.registeredAt, expiresInMs });
  }

  async listBackends(filter?: BackendFilter): Promise<Backend[]> {
    this.#open('listBackends');
    const matches = readFilter(filter);
    const { table } = await this.#pull();
    return matches === undefined ? table.list().slice() : table.list().filter(matches);
  }

  async cleanupExpiredBackends(options?: CleanupOptions): Promise<CleanupResult> {
    this.#open(CLEANING);
    return this.#calls.inTime(CLEANING, this.#cleanup(readLimit(options)));
  }

  watch(options?: WatchOptions): AsyncIterable<RegistryEvent> {
    const maxAgeMs = options?.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS;
    // Each loop has its own.
    return { [Symbol.asyncIterator]: () => watchRegistry(this.#port(maxAgeMs), options)[Symbol.asyncIterator]() };
  }

  #port(maxAgeMs: number): WatchPort {
    /** Since the last look: whether nothing has rung but what the copy knows. */
    let known: boolean | undefined;
    return {
      closed: this.#closed,
      look: async () => {
        const look = known ? this.#copy.recall(maxAgeMs) : undefined;
        known = undefined;
        try {
          return look ?? (await this.#pull());
        } catch (error) {
          known = false;
          throw error;
        }
      },
      listen: (bell) =>
        this.#listen((isKnown) => {
          known = isKnown && known !== false;
          bell();
        }),
    };
  }

  async ping(): Promise<void> {
    this.#open('ping');
    texts(await this.#calls.run('expired', [this.#keys.leases], ['0', '0'], 'ping'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What stands in `inside.ts` is for who adopts and moves. @internal */
  protected openInside(doing: string): Inside {
    this.#open(doing);
    return {
      keys: this.#keys,
      calls: this.#calls,
      settings: this.#settings,
      look: () => this.#pull(),
      registerAbsent: async (registrations) => {
        const parts = split(registrations, WRITE_BATCH);
        return (await allOf(parts, (part) => this.#writePart(part, '!'))).map(orNothing);
      },
    };
  }

  #readRef(backend: BackendRef): Told {
    const named = this.#names.of(backend);
    return { id: named.id, key: named.document, incarnation: named.tell(readIncarnation(backend)) };
  }

  #readBeat(backend: HeartbeatRef): Beat {
    const named = this.#names.of(backend);
    const incarnation = named.tell(readIncarnation(backend));
    const heartbeatTimeoutMs = readLease(backend, this.#settings);
    return { id: named.id, key: named.heartbeat, incarnation, heartbeatTimeoutMs };
  }

  /**
   * Refuses calls after close, and keeps calls in the order in which they were made: what is being collected goes first. Except where many are registered, or beat for times
   * that differ, and one of them several times: what comes after the first script of those can be overtaken.
   */
  #open(doing: string, joining?: unknown): void {
    if (this.#closed.aborted) throw closedError(doing);
    for (const batch of [this.#registrations, this.#beats, this.#updates]) if (batch !== joining) batch.flush();
  }

  async #pull(): Promise<Awaited<ReturnType<Copy['pull']>>> {
    const look = await this.#copy.pull();
    this.#reports.tell(this.#copy.corrupt);
    if (this.#bells.size > 0 && this.#copy.deafForMs > this.#patienceMs) this.#listenAgain();
    return look;
  }

  /**
   * @param unnamed the mark of those that name no incarnation; `!` leaves all alone that are registered, whatever they name
   */
  async #writePart(part: readonly Registration[], unnamed: '?' | '!'): Promise<Registered[]> {
    const { leases, incarnations, versions, removed, meta, channel } = this.#keys;
    const keys = [leases, incarnations, versions, removed, meta];
    const args = [channel, randomName()];
    for (const { id } of part) keys.push(this.#keys.document(id));
    for (const { id } of part) keys.push(this.#keys.heartbeat(id));
    for (const { url, port, incarnation, heartbeatTimeoutMs, health, metrics, weight, zone, metadata } of part) {
      args.push(
        `{"url":${toJson(url)},"port":${port}`,
        `${incarnation === undefined || unnamed === '!' ? unnamed : '='}${toJson(incarnation ?? randomName())}`,
        micros(heartbeatTimeoutMs),
        stateText(health, undefined, metrics),
        `,"weight":${toJson(weight)},"zone":${toJson(zone)},"metadata":${toJson(metadata)}}`,
      );
    }
    const reply = texts(await this.#calls.run('register', keys, args));
    return part.map(({ id }, n) => {
      if (reply[2 * n] === 'known') return undefined;
      if (reply[2 * n] === 'foreign') return foreign(id);
      const decoded = decodeDocument(id, reply[2 * n + 1] ?? '');
      if (decoded.status === 'corrupt') return strange();
      const status = reply[2 * n] as RegisterResult['status'];
      return { status, backend: toBackend(decoded.row, decoded.version, false) };
    });
  }

  async #beat(beats: readonly Beat[], until?: number): Promise<HeartbeatResult[]> {
    const alike = (a: Beat, b: Beat) => a.heartbeatTimeoutMs === b.heartbeatTimeoutMs;
    const [first] = beats;
    // In whatever order they come, they leave the same lease.
    if (first === undefined || beats.every((beat) => alike(first, beat))) {
      return (await Promise.all(split(beats, HEARTBEAT_BATCH).map((part) => this.#beatAlike(part)))).flat();
    }
    const send = (some: readonly Beat[]) =>
      allOf(split(some, HEARTBEAT_BATCH, alike), (part) => this.#beatAlike(part), until);
    // One script gives one lease. Where none beats twice, those with the same go together.
    if (new Set(beats.map(({ id }) => id)).size < beats.length) return send(beats);
    const sorted = [...beats.entries()].sort(([, a], [, b]) => a.heartbeatTimeoutMs - b.heartbeatTimeoutMs);
    const results = await send(sorted.map(([, beat]) => beat));
    const inOrder: HeartbeatResult[] = [];
    for (const [n, [place]] of sorted.entries()) inOrder[place] = results[n] ?? strange();
    return inOrder;
  }

  async #beatAlike(beats: readonly Beat[]): Promise<HeartbeatResult[]> {
    const [{ heartbeatTimeoutMs } = strange()] = beats;
    const { leases, incarnations, meta, channel } = this.#keys;
    const keys = [leases, incarnations, meta];
    for (const { key } of beats) keys.push(key);
    const args = [channel, micros(heartbeatTimeoutMs)];
    if (beats.some(({ incarnation }) => incarnation !== ''))
      for (const { incarnation } of beats) args.push(incarnation);
    const reply = await this.#calls.run('heartbeat', keys, args);
    if (Number(reply) === beats.length && !Array.isArray(reply)) return beats.map(() => RENEWED);
    if (!Array.isArray(reply) || reply.length !== beats.length) return strange();
    return reply.map((answer) => HEARTBEATS[String(answer)] ?? strange());
  }

  async #update(updates: readonly Update[]): Promise<UpdateResult[]> {
    const { incarnations, versions, meta, channel } = this.#keys;
    const keys = [incarnations, versions, meta];
    const args = [channel];
    for (const { key, incarnation, health, draining, metrics } of updates) {
      keys.push(key);
      args.push(incarnation, stateText(health, draining, metrics));
    }
    const reply = await this.#calls.run('update', keys, args);
    if (!Array.isArray(reply) || reply.length !== updates.length) return strange();
    return reply.map((answer) => UPDATES[String(answer)] ?? strange());
  }

  /**
   * After the first step, none begins in the second half of its time, so that what the others have removed can be told. That is told once, and to nobody else: where a
   * request fails after something was removed, it is the answer, and says that there is more.
   */
  async #cleanup(limit: number): Promise<CleanupResult> {
    const halfway = performance.now() + this.#calls.deadlineMs / 2;
    const removed: Backend[] = [];
    const corrupt: string[] = [];
    const count = () => removed.length + corrupt.length;
    const mostNow = () => Math.min(CLEANUP_STEP, limit - count());
    const find = () => ignorable(this.#calls.run('expired', [this.#keys.leases], ['0', String(mostNow())], CLEANING));
    // On its way while the others are looked at.
    let finding = find();
    const { table, nextExpiryInMs: next } = await this.#pull();
    let nextExpiryInMs = table.expired.size > 0 ? 0 : next;
    const unreadable: Doomed[] = [...this.#copy.unreadable];
    for (;;) {
      const most = mostNow();
      const rows = unreadable.splice(0, most);
      const named = new Set(rows.map(([id]) => id));
      const before = count();
      try {
        for (const id of texts(await finding)) if (rows.length < most && !named.has(id)) rows.push([id, undefined]);
        const parts = split(rows, CLEANUP_BATCH).map((part) => ignorable(this.#remove(part)));
        const nexts: (number | null)[] = [];
        for (const step of await settled(parts)) {
          removed.push(...step.removed);
          corrupt.push(...step.corrupt);
          nexts.push(step.nextExpiryInMs);
        }
        await Promise.all(parts);
        // Whichever ran first has seen what others were about to remove: as ended.
        const later = nexts.filter((ms) => ms !== 0);
        if (nexts.length > 0) nextExpiryInMs = later.length > 0 ? later.reduce(earlier) : 0;
      } catch (error) {
        if (count() === 0) throw error;
        return { removed, corrupt, nextExpiryInMs: 0 };
      }
      const done = count() - before;
      // Those that were removed by somebody else meanwhile are not found again.
      const isAll = done === 0 || (done < most && done === rows.length);
      if (isAll || count() >= limit || performance.now() > halfway) break;
      finding = find();
    }
    return { removed, corrupt, nextExpiryInMs: unreadable.length > 0 ? 0 : nextExpiryInMs };
  }

  /** Removes what the script finds expired or unreadable still. */
  async #remove(rows: readonly Doomed[]): Promise<CleanupResult> {
    const { leases, incarnations, versions, removed: tombstones, meta, channel } = this.#keys;
    const keys = [leases, incarnations, versions, tombstones, meta];
    const args = [channel];
    for (const [id, unreadable] of rows) {
      keys.push(this.#keys.document(id), this.#keys.heartbeat(id));
      args.push(id, unreadable === undefined ? '' : `=${unreadable}`);
    }
    const [next = '', now = '', ...gone] = texts(await this.#calls.run('cleanup', keys, args, CLEANING));
    const removed: Backend[] = [];
    const corrupt: string[] = [];
    for (let n = 0; n < gone.length; n += 2) {
      const id = rows[Number(gone[n])]?.[0] ?? strange();
      const decoded = decodeDocument(id, gone[n + 1] ?? '');
      if (decoded.status === 'corrupt') corrupt.push(id);
      else removed.push(toBackend(decoded.row, decoded.version, true));
    }
    const end = readEnd(next);
    return { removed, corrupt, nextExpiryInMs: end === undefined ? null : Math.max(0, (end - Number(now)) / 1_000) };
  }

  /** Rings at each change: with `true` where the copy has it already. */
  #listen(bell: (known: boolean) => void): () => void {
    this.#bells.add(bell);
    if (this.#subscription === undefined) this.#subscribe();
    return () => {
      this.#bells.delete(bell);
      if (this.#bells.size === 0) this.#hush();
    };
  }

  /** Begins to listen. Without it, the poll still finds everything. */
  #subscribe(): void {
    const ring = (known: boolean) => {
      if (known && this.#copy.deafForMs === 0) this.#patienceMs = FIRST_PATIENCE_MS;
      for (const each of this.#bells) each(known);
    };
    let begun = false;
    const ready = () => {
      if (begun) this.#copy.distrust();
      begun = true;
      this.#copy.tuneIn();
      ring(false);
    };
    const hear = (message: string) => {
      if (this.#bells.size > 0) this.#copy.hear(message, ring);
    };
    this.#copy.tuneIn();
    this.#subscription = this.#driver.subscribe?.(this.#keys.channel, hear, ready).catch(() => async () => undefined);
  }

  /** Nobody is there to be told: the connection ends, and nothing keeps the process alive. */
  #hush(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#hushed = Promise.all([this.#hushed, subscription?.then((end) => end())]).then(() => undefined);
  }

  /** A connection that lives and brings nothing is made anew, less and less often where that does not help. */
  #listenAgain(): void {
    const deaf = this.#subscription;
    this.#patienceMs = Math.min(LONGEST_PATIENCE_MS, 2 * this.#patienceMs);
    this.#subscribe();
    void deaf?.then((end) => end());
  }

  async #close(): Promise<void> {
    this.#closed.abort();
    this.#bells.clear();
    this.#hush();
    await this.#hushed;
    await this.#driver.close();
  }
}

/** What those answer that succeed. */
async function settled<T>(all: readonly Promise<T>[]): Promise<T[]> {
  return (await Promise.allSettled(all)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

async function allOf<I extends { readonly id: string }, O>(
  parts: readonly (readonly I[])[],
  send: (part: readonly I[]) => Promise<readonly O[]>,
  until?: number,
): Promise<O[]> {
  return (await Promise.all(sendParts(parts, send, until))).flat();
}

function orThrow(registered: Registered): RegisterResult {
  if (registered instanceof Error) throw registered;
  return registered ?? strange();
}

function orNothing(registered: Registered): RegisterResult | undefined {
  return registered === undefined ? undefined : orThrow(registered);
}

function foreign(id: string): RegistryError {
  return new RegistryError(
    'REFUSED',
    `register: another program keeps something else where the document or the heartbeat of ${id} belongs: remove it, or choose another keyPrefix.`,
  );
}

/** In µs: thirty years. Times that far ahead are still exact. */
const LONGEST_LEASE = 1e15;

function micros(ms: number): string {
  return String(Math.min(LONGEST_LEASE, Math.max(1, Math.round(ms * 1_000))));
}

/** State as the scripts take it: nothing stands for what is left alone. */
function stateText(
  health: boolean | undefined,
  draining: boolean | undefined,
  { inFlightRequests, rifAvgLatency, overallAvgLatency }: Partial<BackendMetrics> = {},
): string {
  const state = [health, draining, inFlightRequests, rifAvgLatency, overallAvgLatency];
  return state.every((value) => value === undefined) ? '' : state.map((value) => value ?? '').join();
}

/** A reply that is a flat list. */
function texts(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : strange();
}
