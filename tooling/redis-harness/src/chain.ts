import { isDeepStrictEqual } from 'node:util';
import type { Backend, RegistryEvent } from '@backend-registry/core';

type Told = Extract<RegistryEvent, { readonly version: string }>;

/** What one watcher is told, checked as it comes: each event follows from what was told before, and none is told twice. */
export class Chain {
  /** What the events add up to, by id. */
  readonly state: Map<string, Backend> = new Map();
  /** How many events of each type. */
  readonly counts: Record<RegistryEvent['type'], number> = {
    snapshot: 0,
    registered: 0,
    updated: 0,
    removed: 0,
    stale: 0,
    fresh: 0,
  };
  /** Every event that does not follow, in words. */
  readonly faults: string[] = [];
  /** The newest version of each backend that was told, those that have left included. */
  readonly #newest = new Map<string, number>();
  #epoch = '';
  #version = 0;

  /** What the events add up to, in the order of `listBackends()`. */
  get backends(): Backend[] {
    return [...this.state.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  take(event: RegistryEvent): void {
    this.counts[event.type] += 1;
    if (event.type === 'snapshot') {
      if (event.epoch !== this.#epoch) this.#startOver(event.epoch);
      this.state.clear();
      for (const backend of event.backends) this.#tell(backend);
    } else if (event.type === 'removed') {
      const last = this.state.get(event.backend.id);
      if (last?.version !== event.backend.version) this.#fault(event, 'was not told before like this');
      this.state.delete(event.backend.id);
    } else if (event.type === 'registered') {
      if (this.state.has(event.backend.id)) this.#fault(event, 'was there already');
      this.#isNew(event);
      this.#tell(event.backend);
    } else if (event.type === 'updated') {
      if (!isDeepStrictEqual(this.state.get(event.backend.id), event.previous)) this.#fault(event, 'skips a state');
      // A lease that ends or comes back makes no version.
      if (!event.changed.includes('expiry')) this.#isNew(event);
      this.#tell(event.backend);
    }
    if ('version' in event) {
      if (Number(event.version) < this.#version) this.#fault(event, `comes after ${this.#version}`);
      this.#version = Number(event.version);
    }
  }

  #startOver(epoch: string): void {
    this.#epoch = epoch;
    this.#version = 0;
    this.#newest.clear();
  }

  #tell(backend: Backend): void {
    this.state.set(backend.id, backend);
    this.#newest.set(backend.id, Number(backend.version));
  }

  #isNew(event: Extract<Told, { readonly backend: Backend }>): void {
    const { id, version } = event.backend;
    if (Number(version) <= (this.#newest.get(id) ?? 0)) this.#fault(event, 'was told before');
  }

  #fault(event: Told, what: string): void {
    const id = 'backend' in event ? `${event.backend.id} at ${event.backend.version}` : '';
    this.faults.push(`${event.type} ${id} (${event.version}) ${what}`);
  }
}
