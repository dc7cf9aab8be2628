import { type Backend, type BackendRegistry, createView, type RegistryEvent, type View } from '@backend-registry/core';
import type { RedisServer } from '@backend-registry/redis-server';
import { expect, vi } from 'vitest';

/** Longer than anything here takes on a busy machine: what is missing then never comes. */
export const PATIENCE_MS = 10_000;

/** Waits for expectations to hold. */
export function eventually<T>(look: () => T | Promise<T>, withinMs: number = PATIENCE_MS): Promise<T> {
  return vi.waitFor(look, { timeout: withinMs, interval: 5 });
}

/** The nth backend. */
export function sample(n = 1): { url: string; port: number } {
  return { url: 'http://10.0.0.1', port: 8000 + n };
}

/** Its id. */
export function idOf(n = 1): string {
  const { url, port } = sample(n);
  return `${url}:${port}`;
}

/** Scripts that a server has run, those aside that it was sent whole. */
export function scriptsRun(server: RedisServer): Promise<number> {
  return callsOf(server, 'evalsha');
}

/** How often documents were read from it. */
export function documentsRead(server: RedisServer): Promise<number> {
  return callsOf(server, 'mget');
}

async function callsOf(server: RedisServer, command: string): Promise<number> {
  const info = String(await server.cli('INFO', 'commandstats'));
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(info)?.[1] ?? 0);
}

/** Timers that a client of the registry's own makes for its commands, in so many calls. */
export async function timersOf(registry: BackendRegistry, calls: number): Promise<number> {
  await registry.ping();
  const timers = vi.spyOn(AbortSignal, 'timeout');
  for (let n = 0; n < calls; n += 1) await registry.ping();
  const made = timers.mock.calls.length;
  timers.mockRestore();
  return made;
}

export function ids(backends: readonly Backend[]): string[] {
  return backends.map(({ id }) => id);
}

/** A change that was taken back before anybody looked, or that cannot be seen of an expired backend, makes a version and is not told. */
function withoutVersions(backends: readonly Backend[]): Omit<Backend, 'version'>[] {
  return backends.map(({ version: _, ...backend }) => backend);
}

/** A watcher and a view of one registry, with all that they have been told. */
export class Witness implements AsyncDisposable {
  readonly events: RegistryEvent[] = [];
  /** What the events add up to. */
  readonly state: Map<string, Backend> = new Map();
  readonly view: View;
  /** The fewest backends that the view has held since it was ready. */
  fewest: number = Number.POSITIVE_INFINITY;
  readonly states: string[] = [];
  readonly #registry: BackendRegistry;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;

  private constructor(registry: BackendRegistry, pollIntervalMs: number) {
    this.#registry = registry;
    this.view = createView(registry, { pollIntervalMs });
    this.#following = this.#follow(pollIntervalMs);
  }

  /** Both have seen what is registered. */
  static async of(registry: BackendRegistry, { pollIntervalMs = 100 } = {}): Promise<Witness> {
    const witness = new Witness(registry, pollIntervalMs);
    await witness.view.ready;
    await eventually(() => expect(witness.events).not.toEqual([]));
    witness.fewest = witness.view.backends.length;
    witness.view.subscribe(({ state }) => {
      witness.states.push(state);
      witness.fewest = Math.min(witness.fewest, witness.view.backends.length);
    });
    return witness;
  }

  types(): string[] {
    return this.events.map((event) => (event.type === 'snapshot' ? `snapshot ${event.cause}` : event.type));
  }

  /** Why the watcher was given each of its snapshots. */
  snapshots(): string[] {
    return this.events.flatMap((event) => (event.type === 'snapshot' ? [event.cause] : []));
  }

  /** Waits until both know that the store does not answer, and still show what they saw. */
  async stale(): Promise<void> {
    await eventually(() => {
      expect(this.view.state).toBe('stale');
      expect(this.types().at(-1)).toBe('stale');
    });
  }

  /** Waits until both hear from the store again and equal the list. */
  async settled(withinMs?: number): Promise<void> {
    await eventually(async () => {
      const listed = withoutVersions(await this.#registry.listBackends());
      expect(this.view.state).toBe('fresh');
      expect(withoutVersions(this.view.backends)).toEqual(listed);
      expect(withoutVersions([...this.state.values()].sort((a, b) => (a.id < b.id ? -1 : 1)))).toEqual(listed);
      expect(this.types().at(-1)).not.toBe('stale');
    }, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
    await this.view.close();
  }

  async #follow(pollIntervalMs: number): Promise<void> {
    for await (const event of this.#registry.watch({ signal: this.#stop.signal, pollIntervalMs, metrics: true })) {
      this.events.push(event);
      if (event.type === 'snapshot') {
        this.state.clear();
        for (const backend of event.backends) this.state.set(backend.id, backend);
      } else if (event.type === 'removed') {
        if (!this.state.delete(event.backend.id)) throw new Error(`removed twice: ${event.backend.id}`);
      } else if ('backend' in event) {
        if (this.state.has(event.backend.id) !== (event.type === 'updated')) throw new Error(`misplaced ${event.type}`);
        this.state.set(event.backend.id, event.backend);
      }
    }
  }
}
