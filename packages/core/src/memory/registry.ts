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
import { misconfigured, toRegistryError } from '../error.ts';
import {
  type KnownIds,
  readBeat,
  readFilter,
  readFlag,
  readId,
  readLimit,
  readList,
  readRef,
  readRegistration,
  readSettings,
  readSomeMetrics,
  type Settings,
} from '../input.ts';
import { closedError, Ending, withDeadline } from '../timing.ts';
import { type Look, watchRegistry } from '../watch.ts';
import type { Space } from './space.ts';
import { type MemoryFaults, MemoryStore } from './store.ts';

export interface MemoryRegistryOptions extends RegistryOptions {
  /** The store to share with other handles in this process. Default: one of its own. */
  readonly store?: MemoryStore;
  /** The clock of its own store, in milliseconds since the epoch; a shared store has its clock already. */
  readonly now?: () => number;
}

/**
 * A registry in the memory of one process: for one proxy, for tests, and the reference that every other adapter is compared with.
 *
 * Its backends live as long as its store. Handles on one {@link MemoryStore} are several proxies sharing one registry.
 *
 * ```ts
 * const registry = new MemoryBackendRegistry({ heartbeatTimeoutMs: 10_000 });
 * await registry.register({ url: 'http://10.0.0.7', port: 8001 });
 * ```
 */
export class MemoryBackendRegistry implements BackendRegistry {
  readonly capabilities: RegistryCapabilities;
  readonly #settings: Settings;
  readonly #store: MemoryStore;
  readonly #space: Space;
  readonly #reports: CorruptReports;
  readonly #closed = new Ending();

  constructor(options: MemoryRegistryOptions = {}) {
    this.#settings = readSettings(options);
    if (options.store !== undefined && options.now !== undefined) {
      throw misconfigured('now', options.now, 'give it to the store: new MemoryStore({ now })');
    }
    this.#store = options.store ?? new MemoryStore(options);
    this.#space = this.#store.space(this.#settings.keyPrefix);
    this.#reports = new CorruptReports(options.onCorrupt);
    const { heartbeatTimeoutMs } = this.#settings;
    this.capabilities = Object.freeze({
      store: 'memory',
      clock: 'store',
      scope: 'process',
      watch: 'push',
      heartbeatTimeoutMs,
    });
  }

  register(backend: BackendRegistration): Promise<RegisterResult> {
    return this.#call('register', () => {
      const registration = readRegistration(backend, this.#settings);
      return (space) => space.register(registration);
    });
  }

  registerAll(backends: readonly BackendRegistration[]): Promise<RegisterResult[]> {
    return this.#call('registerAll', () => {
      const registrations = readList(backends, 'registerAll').map((backend) =>
        readRegistration(backend, this.#settings),
      );
      return (space) => registrations.map((registration) => space.register(registration));
    });
  }

  heartbeat(backend: HeartbeatRef): Promise<HeartbeatResult> {
    return this.#call('heartbeat', () => {
      const beat = readBeat(backend, this.#settings, this.#ids);
      return (space) => space.heartbeat(beat);
    });
  }

  heartbeatAll(backends: readonly HeartbeatRef[]): Promise<HeartbeatResult[]> {
    return this.#call('heartbeatAll', () => {
      const beats = readList(backends, 'heartbeatAll').map((backend) => readBeat(backend, this.#settings, this.#ids));
      return (space) => beats.map((beat) => space.heartbeat(beat));
    });
  }

  updateBackendHealth(backend: BackendRef, health: boolean): Promise<UpdateResult> {
    return this.#setFlag('updateBackendHealth', backend, 'health', health);
  }

  updateBackendMetrics(backend: BackendRef, metrics: Partial<BackendMetrics>): Promise<UpdateResult> {
    return this.#call('updateBackendMetrics', () => {
      const ref = readRef(backend, this.#settings, this.#ids);
      const given = readSomeMetrics(metrics);
      return (space) => space.updateMetrics(ref, given);
    });
  }

  drain(backend: BackendRef, draining = true): Promise<UpdateResult> {
    return this.#setFlag('drain', backend, 'draining', draining);
  }

  unregister(backend: BackendRef): Promise<UnregisterResult> {
    return this.#call('unregister', () => {
      const ref = readRef(backend, this.#settings, this.#ids);
      return (space) => space.unregister(ref);
    });
  }

  getBackend(address: BackendAddress): Promise<BackendDetail | null> {
    return this.#call('getBackend', () => {
      const id = readId(address, this.#settings, this.#ids);
      return (space) => {
        this.#reports.tell(space.corrupt);
        return space.detail(id);
      };
    });
  }

  listBackends(filter?: BackendFilter): Promise<Backend[]> {
    return this.#call('listBackends', () => {
      const matches = readFilter(filter);
      return (space) => {
        this.#reports.tell(space.corrupt);
        const backends = space.table.list();
        return matches === undefined ? backends.slice() : backends.filter(matches);
      };
    });
  }

  cleanupExpiredBackends(options?: CleanupOptions): Promise<CleanupResult> {
    return this.#call('cleanupExpiredBackends', () => {
      const limit = readLimit(options);
      return (space) => {
        this.#reports.tell(space.corrupt);
        return space.cleanup(limit);
      };
    });
  }

  watch(options?: WatchOptions): AsyncIterable<RegistryEvent> {
    const look = (space: Space): Look => {
      this.#reports.tell(space.corrupt);
      return { table: space.table, now: space.now, nextExpiryInMs: space.nextExpiryInMs };
    };
    return watchRegistry(
      {
        closed: this.#closed,
        look: () => this.#call('watch', () => look),
        listen: (bell) => this.#space.listen(bell),
      },
      options,
    );
  }

  ping(): Promise<void> {
    return this.#call('ping', () => () => undefined);
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #ids(): KnownIds {
    return this.#space.table.entries;
  }

  #setFlag(doing: string, backend: BackendRef, flag: 'health' | 'draining', value: boolean): Promise<UpdateResult> {
    return this.#call(doing, () => {
      const ref = readRef(backend, this.#settings, this.#ids);
      readFlag(flag, value);
      return (space) => space.updateFlag(ref, flag, value);
    });
  }

  /** Reads what was passed in, then does it at the time of the store. Whatever goes wrong rejects. */
  #call<T>(doing: string, read: () => (space: Space) => T): Promise<T> {
    try {
      if (this.#closed.aborted) throw closedError(doing);
      const work = read();
      const { faults } = this.#store;
      if (faults !== undefined) return this.#callWithFaults(doing, work, faults);
      this.#space.advance(this.#store.now());
      return Promise.resolve(work(this.#space));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #callWithFaults<T>(doing: string, work: (space: Space) => T, faults: MemoryFaults): Promise<T> {
    const answer = async (): Promise<T> => {
      try {
        await faults.before?.(doing);
        this.#space.advance(this.#store.now());
        const result = work(this.#space);
        await faults.after?.(doing);
        return result;
      } catch (error) {
        throw toRegistryError(error, doing);
      }
    };
    return withDeadline(answer(), { ms: this.#settings.commandTimeoutMs, doing, closed: this.#closed });
  }
}
