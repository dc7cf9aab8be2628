/**
 * The rows of one registry in the order of their last change, with tombstones for those that left: the one structure that a list, a
 * watch and a copy of a remote store read. The memory registry keeps its truth in it, an adapter over a network its copy.
 *
 * Cost: a change is O(1), what changed since a version is O(what changed), a list is O(n) once after a change.
 */
import { type BackendRow, toBackend } from './backend.ts';
import type { Backend, RemovalReason } from './contract.ts';

/** One address: a backend, a row that cannot be read (`row` is absent, and so is `removed`), or the tombstone of one that left. */
export class Entry {
  readonly id: string;
  row: BackendRow | undefined;
  removed: Exclude<RemovalReason, 'replaced'> | undefined;
  version = 0;
  /** Where its last change stands in the history: places follow one another. */
  place = 0;
  expired = false;
  older: Entry | undefined;
  newer: Entry | undefined;
  /** To be unset whenever `row` or `expired` has changed. */
  shown: Backend | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** What readers are shown: the same object until it changes. */
  get backend(): Backend | undefined {
    if (this.row !== undefined) this.shown ??= toBackend(this.row, this.version, this.expired);
    return this.shown;
  }
}

/** The epoch of a store in which nothing was registered yet. */
export const NO_EPOCH = 'none';

const MOST_FLIPS = 4_096;

export class Table<E extends Entry = Entry> {
  /** One life of the store's data. */
  epoch: string;
  /** The version of the newest change. */
  version = 0;
  /** The place of the newest change. A copy can learn of an older version later: it has the newer place. */
  place = 0;
  /** Tombstones below or at this place are gone: who knows less must start from a snapshot. */
  floor = 0;
  /** Entries that are registered, their rows readable or not. */
  readonly entries: Map<string, E> = new Map();
  /** Those of them that are expired. */
  readonly expired: Set<E> = new Set();
  /** How often {@link setExpired} has changed anything. */
  flipped = 0;

  readonly #maxTombstones: number;
  readonly #tombstones = new Map<string, E>();
  #newest: Entry | undefined;
  /** The last flips, the newest at the end. */
  #flips: Entry[] = [];
  #sorted: E[] = [];
  #membersChanged = false;
  #list: readonly Backend[] | undefined;

  /** @param maxTombstones how many are kept: a watcher that missed more is given a new snapshot */
  constructor(epoch: string, maxTombstones: number) {
    this.epoch = epoch;
    this.#maxTombstones = maxTombstones;
  }

  /** Every readable backend, sorted by id: the same array until something changes. To be copied before it is handed out: copying a frozen one is slow. */
  list(): readonly Backend[] {
    if (this.#list === undefined) {
      if (this.#membersChanged) {
        // Those known before are in order already, so this sort only merges in the new ones.
        const kept = this.#sorted.filter((entry) => this.entries.get(entry.id) === entry);
        const before = new Set(kept);
        for (const entry of this.entries.values()) if (!before.has(entry)) kept.push(entry);
        this.#sorted = kept.sort((a, b) => (a.id < b.id ? -1 : 1));
        this.#membersChanged = false;
      }
      const backends: Backend[] = [];
      for (const { backend } of this.#sorted) if (backend !== undefined) backends.push(backend);
      this.#list = backends;
    }
    return this.#list;
  }

  /** The newest state of everything that changed after a place, oldest change first. */
  changedSince(place: number): Entry[] {
    const changed: Entry[] = [];
    for (let entry = this.#newest; entry !== undefined && entry.place > place; entry = entry.older) changed.push(entry);
    return changed.reverse();
  }

  /** Entries whose lease has ended or come back since so many flips; `undefined` where that is not remembered. */
  flippedSince(flipped: number): readonly Entry[] | undefined {
    const known = this.#flips.length - (this.flipped - flipped);
    return known < 0 ? undefined : this.#flips.slice(known);
  }

  /** Adds an entry that is not there yet. */
  add(entry: E): void {
    this.#forget(entry.id);
    this.entries.set(entry.id, entry);
    this.#membersChanged = true;
    this.#list = undefined;
  }

  /** Says that an entry's row is what it is since this version. */
  changed(entry: E, version: number): void {
    entry.version = version;
    entry.shown = undefined;
    this.version = Math.max(this.version, version);
    this.place += 1;
    entry.place = this.place;
    this.#list = undefined;
    this.#unlink(entry);
    entry.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
  }

  /** Says whether a lease has ended. Not a change: it has no version. */
  setExpired(entry: E, expired: boolean): void {
    if (entry.expired === expired) return;
    entry.expired = expired;
    this.flipped += 1;
    this.#flips.push(entry);
    if (this.#flips.length > MOST_FLIPS) this.#flips = this.#flips.slice(-MOST_FLIPS / 2);
    if (expired) this.expired.add(entry);
    else this.expired.delete(entry);
    entry.shown = undefined;
    this.#list = undefined;
  }

  /** Takes an entry out, and leaves its tombstone. */
  remove(entry: E, reason: Exclude<RemovalReason, 'replaced'>, version: number): void {
    this.entries.delete(entry.id);
    this.expired.delete(entry);
    entry.row = undefined;
    entry.removed = reason;
    this.#membersChanged = true;
    this.changed(entry, version);
    this.#tombstones.set(entry.id, entry);
    if (this.#tombstones.size > this.#maxTombstones) this.#trim();
  }

  /** Starts over with nothing, in another epoch. Versions go on from where they were. */
  reset(epoch: string): void {
    this.epoch = epoch;
    this.place += 1;
    this.floor = this.place;
    this.entries.clear();
    this.expired.clear();
    this.#tombstones.clear();
    this.#newest = undefined;
    this.#sorted = [];
    this.#list = undefined;
  }

  /** Forgets the oldest tombstone. Tombstones are kept in the order in which they left. */
  #trim(): void {
    const [oldest] = this.#tombstones.values() as Iterable<E> as [E];
    this.floor = oldest.place;
    this.#forget(oldest.id);
  }

  #forget(id: string): void {
    const tombstone = this.#tombstones.get(id);
    if (tombstone === undefined) return;
    this.#tombstones.delete(id);
    this.#unlink(tombstone);
  }

  #unlink(entry: Entry): void {
    if (entry.newer !== undefined) entry.newer.older = entry.older;
    else if (this.#newest === entry) this.#newest = entry.older;
    if (entry.older !== undefined) entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }
}
