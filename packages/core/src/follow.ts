/** What a watcher is told: pure, from what it was told last and the table as it is now. */
import { changesBetween } from './backend.ts';
import type { Backend, RegistryEvent } from './contract.ts';
import { type Entry, NO_EPOCH, type Table } from './table.ts';

/** One watcher's knowledge. */
export class Follower {
  readonly #metrics: boolean;
  readonly #told = new Map<string, Backend>();
  #flipped = 0;
  #epoch: string | undefined;
  #place = 0;
  /** The newest version told: a copy can have a row that is newer than the rest of it. */
  #newest = 0;

  /** @param metrics whether updates in which only metrics changed are told */
  constructor(metrics: boolean) {
    this.#metrics = metrics;
  }

  /** Where this watcher is in the history of changes. */
  get version(): string {
    return String(this.#newest);
  }

  /** The events that lead from what was told last to the table as it is, in the order of their versions. */
  catchUp(table: Table): RegistryEvent[] {
    if (this.#epoch === undefined) return [this.#snapshot(table, 'initial')];
    // Where nothing was ever registered there is no epoch: the first one loses nothing.
    if (this.#epoch !== table.epoch && this.#epoch !== NO_EPOCH) return [this.#snapshot(table, 'reset')];
    this.#epoch = table.epoch;
    if (this.#place < table.floor) return [this.#snapshot(table, 'resync')];

    const events: RegistryEvent[] = [];
    for (const entry of table.changedSince(this.#place)) this.#visit(entry.id, entry, entry.version, events);
    this.#place = table.place;
    this.#newest = Math.max(this.#newest, table.version);
    // Leases that ended or came back have no version of their own: they are told at the newest.
    const flipped = table.flippedSince(this.#flipped) ?? [...this.#told.values()];
    for (const { id } of flipped) this.#visit(id, table.entries.get(id), table.version, events);
    this.#flipped = table.flipped;
    return events;
  }

  #snapshot(table: Table, cause: 'initial' | 'resync' | 'reset'): RegistryEvent {
    const backends = Object.freeze(table.list().slice());
    this.#told.clear();
    for (const backend of backends) this.#told.set(backend.id, backend);
    this.#flipped = table.flipped;
    this.#epoch = table.epoch;
    this.#place = table.place;
    this.#newest = table.version;
    return { type: 'snapshot', cause, backends, epoch: table.epoch, version: String(table.version) };
  }

  #visit(id: string, entry: Entry | undefined, at: number, events: RegistryEvent[]): void {
    const previous = this.#told.get(id);
    const backend = entry?.backend;
    this.#newest = Math.max(this.#newest, at);
    const { version } = this;
    if (backend === undefined) {
      // A row that became unreadable has not left: what was told stands until somebody removes it.
      if (previous === undefined || entry?.removed === undefined) return;
      this.#told.delete(id);
      const { removed: reason } = entry;
      const last: Partial<Backend> = reason === 'expired' ? { health: false, status: reason } : {};
      events.push({ type: 'removed', backend: Object.freeze({ ...previous, ...last }), reason, version });
      return;
    }
    if (previous?.incarnation === backend.incarnation) {
      const changed = changesBetween(previous, backend);
      if (changed.length === 0 || (!this.#metrics && changed.every((change) => change === 'metrics'))) return;
      this.#told.set(id, backend);
      events.push({ type: 'updated', backend, previous, changed, version });
      return;
    }
    if (previous !== undefined) events.push({ type: 'removed', backend: previous, reason: 'replaced', version });
    this.#told.set(id, backend);
    events.push({ type: 'registered', backend, epoch: this.#epoch as string, version });
  }
}
