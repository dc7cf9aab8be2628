/**
 * One registry in memory: what every method of the contract does to its rows, as plain synchronous functions. It is the reference that
 * the other adapters are compared with.
 */

import { type BackendRow, firstRow, reregister, sameMetrics } from '../backend.ts';
import type {
  Backend,
  BackendDetail,
  BackendMetrics,
  CleanupResult,
  HeartbeatResult,
  RegisterResult,
  UnregisterResult,
  UpdateResult,
} from '../contract.ts';
import type { Beat, Ref, Registration } from '../input.ts';
import { randomName } from '../random.ts';
import { Entry, Table } from '../table.ts';
import { DueQueue, type Leased } from './due.ts';

class LeasedEntry extends Entry implements Leased {
  incarnation = '';
  lastHeartbeatAt = 0;
  expiresAt = 0;
  dueAt: number | undefined;
}

const RENEWED: HeartbeatResult = Object.freeze({ status: 'renewed' });
const UPDATED: UpdateResult = Object.freeze({ status: 'updated' });
const UNCHANGED: UpdateResult = Object.freeze({ status: 'unchanged' });
const UNKNOWN = Object.freeze({ status: 'unknown' as const });
const FENCED = Object.freeze({ status: 'fenced' as const });
const UNREGISTERED: UnregisterResult = Object.freeze({ status: 'unregistered' });

export class Space {
  readonly table: Table<LeasedEntry>;
  /** Rows that cannot be read, with the reason. */
  readonly corrupt: Map<string, string> = new Map();
  #due = new DueQueue<LeasedEntry>();
  readonly #bells = new Set<() => void>();
  #now = Number.NEGATIVE_INFINITY;

  constructor(maxTombstones: number) {
    this.table = new Table(randomName(), maxTombstones);
  }

  /** The time of the store: it stands still while its clock goes back. */
  get now(): number {
    return this.#now;
  }

  /** Lets the time be what the clock says, and leases end. */
  advance(clock: number): void {
    if (clock <= this.#now) return;
    this.#now = clock;
    for (const entry of this.#due.takeEnded(clock)) this.table.setExpired(entry, true);
  }

  /** Until the next lease ends that has not ended yet; `null` if there is none. */
  get nextExpiryInMs(): number | null {
    const next = this.#due.nextExpiry;
    return next === undefined ? null : Math.max(0, next - this.#now);
  }

  /** Calls back at every change that watchers should see at once. */
  listen(bell: () => void): () => void {
    this.#bells.add(bell);
    return () => this.#bells.delete(bell);
  }

  register(registration: Registration): RegisterResult {
    const { id, incarnation, heartbeatTimeoutMs } = registration;
    const known = this.table.entries.get(id);
    const entry = known ?? new LeasedEntry(id);
    if (known === undefined) this.table.add(entry);
    this.#renew(entry, heartbeatTimeoutMs);
    const old = entry.row;
    const isSameLife = old !== undefined && (incarnation ?? old.incarnation) === old.incarnation;
    const row = isSameLife
      ? reregister(old, registration, this.#now)
      : firstRow(registration, incarnation ?? randomName(), this.#now);
    if (row !== old) {
      this.#write(entry, row);
      this.#ring();
    }
    const status = isSameLife ? (row === old ? 'renewed' : 'updated') : old === undefined ? 'registered' : 'replaced';
    return { status, backend: entry.backend as Backend };
  }

  heartbeat(beat: Beat): HeartbeatResult {
    return this.#found(beat, (entry) => {
      this.#renew(entry, beat.heartbeatTimeoutMs);
      return RENEWED;
    });
  }

  /** Sets health or drain. */
  updateFlag(ref: Ref, flag: 'health' | 'draining', value: boolean): UpdateResult {
    return this.#update(ref, (row) => (row[flag] === value ? row : { ...row, [flag]: value }));
  }

  updateMetrics(ref: Ref, metrics: Partial<BackendMetrics>): UpdateResult {
    // Metrics do not ring: they would wake every proxy for every request of every backend.
    return this.#update(
      ref,
      (row) => {
        const next = { ...row, ...metrics };
        return sameMetrics(row, next) ? row : { ...next, metricsUpdatedAt: this.#now };
      },
      false,
    );
  }

  unregister(ref: Ref): UnregisterResult {
    return this.#found(ref, (entry) => {
      this.#remove(entry, 'unregistered');
      this.#ring();
      return UNREGISTERED;
    });
  }

  detail(id: string): BackendDetail | null {
    const entry = this.table.entries.get(id);
    const backend = entry?.backend;
    if (entry === undefined || backend === undefined) return null;
    const expiresInMs = Math.max(0, entry.expiresAt - this.#now);
    return Object.freeze({ ...backend, lastHeartbeatAt: entry.lastHeartbeatAt, expiresInMs });
  }

  cleanup(limit: number): CleanupResult {
    const removed: Backend[] = [];
    const corrupt = [...this.corrupt.keys()].slice(0, limit);
    for (const id of corrupt) this.#remove(this.table.entries.get(id) as LeasedEntry, 'expired');
    // Leases that ended later were added to the set later.
    for (const entry of this.table.expired) {
      if (removed.length + corrupt.length >= limit) break;
      if (entry.backend !== undefined) removed.push(entry.backend);
      this.#remove(entry, 'expired');
    }
    if (removed.length + corrupt.length > 0) this.#ring();
    return {
      removed,
      corrupt,
      nextExpiryInMs: this.table.expired.size + this.corrupt.size > 0 ? 0 : this.nextExpiryInMs,
    };
  }

  /** Loses everything. */
  reset(): void {
    this.#due = new DueQueue();
    this.corrupt.clear();
    this.table.reset(randomName());
    this.#ring();
  }

  #update(ref: Ref, change: (row: BackendRow) => BackendRow, ring = true): UpdateResult {
    return this.#found(ref, (entry) => {
      if (entry.row === undefined) return UNKNOWN;
      const row = change(entry.row);
      if (row === entry.row) return UNCHANGED;
      this.#write(entry, row);
      if (ring) this.#ring();
      return UPDATED;
    });
  }

  /** Acts on the backend that is meant, if it is there in that life. */
  #found<T>({ id, incarnation }: Ref, act: (entry: LeasedEntry) => T): T | typeof UNKNOWN | typeof FENCED {
    const entry = this.table.entries.get(id);
    if (entry === undefined) return UNKNOWN;
    return incarnation === undefined || incarnation === entry.incarnation ? act(entry) : FENCED;
  }

  #renew(entry: LeasedEntry, leaseMs: number): void {
    const expiresAt = this.#now + leaseMs;
    // Watchers sleep until the next lease that they know of ends: they look again if this one may end sooner.
    if (entry.expired || expiresAt < entry.expiresAt) this.#ring();
    entry.lastHeartbeatAt = this.#now;
    entry.expiresAt = expiresAt;
    this.#due.schedule(entry);
    this.table.setExpired(entry, false);
  }

  #write(entry: LeasedEntry, row: BackendRow): void {
    const version = this.#nextVersion();
    this.corrupt.delete(entry.id);
    entry.incarnation = row.incarnation;
    entry.row = row;
    this.table.changed(entry, version);
  }

  #remove(entry: LeasedEntry, reason: 'unregistered' | 'expired'): void {
    this.corrupt.delete(entry.id);
    this.#due.cancel(entry);
    this.table.remove(entry, reason, this.#nextVersion());
  }

  /** Grows with time in µs, so that versions of another life of the data cannot be mistaken for newer ones. */
  #nextVersion(): number {
    return Math.max(this.table.version + 1, Math.floor(this.#now * 1_000));
  }

  #ring(): void {
    for (const bell of this.#bells) bell();
  }
}
