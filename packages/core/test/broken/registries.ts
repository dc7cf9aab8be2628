/** Registries with one fault each, and the case of the suite that must find it. */
import type { CaseName } from '../../src/conformance/cases.ts';
import type {
  Backend,
  BackendRegistration,
  BackendRegistry,
  CorruptRow,
  RegisterResult,
  RegistryEvent,
  RegistryOptions,
  WatchOptions,
} from '../../src/index.ts';

/** Puts one fault into a registry: the methods that it returns take the place of the real ones. */
export type Fault = (registry: BackendRegistry, options: RegistryOptions) => Partial<BackendRegistry>;

export interface BrokenRegistry {
  readonly caughtBy: CaseName;
  readonly fault: Fault;
}

/** Changes the events of a watch: one in, any number out. */
function events(change: (event: RegistryEvent, watch: WatchOptions) => readonly RegistryEvent[]): Fault {
  return (registry) => ({
    async *watch(options = {}) {
      for await (const event of registry.watch(options)) yield* change(event, options);
    },
  });
}

/** Changes every backend that is handed out. */
function reads(change: (backend: Backend) => Backend): Fault {
  return (registry) => ({
    async getBackend(address) {
      const detail = await registry.getBackend(address);
      return detail === null ? null : { ...detail, ...change(detail) };
    },
    listBackends: async (filter) => (await registry.listBackends(filter)).map(change),
  });
}

const leaseOf = (given: { heartbeatTimeoutMs?: number }, registry: BackendRegistry) =>
  given.heartbeatTimeoutMs ?? registry.capabilities.heartbeatTimeoutMs;

/** Extends the leases of everything listed, as a read that writes would. */
async function renewAll(registry: BackendRegistry): Promise<void> {
  await registry.heartbeatAll(await registry.listBackends());
}

/** Forgets whose life it is. */
const unfenced = <T extends { url: string; port?: number }>({
  incarnation: _,
  ...rest
}: T & { incarnation?: string }): T => rest as unknown as T;

export const brokenRegistries: Readonly<Record<string, BrokenRegistry>> = {
  'a character that only other programs write as it is, is lost': {
    caughtBy: 'corrupt: a document that another program wrote is read as it stands',
    fault: reads((backend) => ({
      ...backend,
      metadata: Object.fromEntries(
        Object.entries(backend.metadata).map(([key, value]) => [key, value.replaceAll('\x7f', '')]),
      ),
    })),
  },
  'a list that has failed once is empty': {
    caughtBy: 'faults: a store that is down fails every call within the deadline, and is never empty',
    fault: (registry) => {
      let failed = false;
      return {
        async listBackends(filter) {
          try {
            return await registry.listBackends(filter);
          } catch (error) {
            if (failed) return [];
            failed = true;
            throw error;
          }
        },
      };
    },
  },
  'the end of a lease that was shortened is told with the poll': {
    caughtBy: 'watch: a lease that a heartbeat or a registration shortens is told when it ends, where the store pushes',
    fault: events((event, { pollIntervalMs = 0 }) =>
      event.type === 'updated' && event.changed.includes('expiry') && pollIntervalMs > 1_000 ? [] : [event],
    ),
  },
  'the return of one that expired is told with the poll': {
    caughtBy:
      'watch: what a lease becomes is told at once also where a change follows it at once, where the store pushes',
    fault: events((event, { pollIntervalMs = 0 }) =>
      event.type === 'updated' && event.changed.includes('expiry') && pollIntervalMs > 1_000 ? [] : [event],
    ),
  },
  'when a life was registered is not kept': {
    caughtBy: 'announce: one whose predecessor registers again stops, and leaves it alone',
    fault: reads((backend) => ({ ...backend, registeredAt: 0 })),
  },
  'heartbeatAll takes the timeout of its first for all': {
    caughtBy: 'leases: whoever beats says how long that lasts: shorter shortens, longer lengthens',
    fault: (registry) => ({
      heartbeatAll: (backends) =>
        registry.heartbeatAll(
          backends.map(
            (backend) => ({ heartbeatTimeoutMs: backends[0]?.heartbeatTimeoutMs, ...backend }) as typeof backend,
          ),
        ),
    }),
  },
  'leases are whole milliseconds': {
    caughtBy: 'leases: whoever beats says how long that lasts: shorter shortens, longer lengthens',
    fault: (registry) => ({
      heartbeat: (backend) =>
        registry.heartbeat({ ...backend, heartbeatTimeoutMs: Math.ceil(leaseOf(backend, registry)) }),
    }),
  },
  'a lease that no timer holds ends at once': {
    caughtBy: 'leases: whoever beats says how long that lasts: shorter shortens, longer lengthens',
    fault: (registry) => ({
      heartbeat: (backend) =>
        registry.heartbeat({
          ...backend,
          heartbeatTimeoutMs: leaseOf(backend, registry) > 2 ** 31 ? 1 : leaseOf(backend, registry),
        }),
    }),
  },
  'the next lease is said to end within a minute at the latest': {
    caughtBy: 'cleanup: says how long it is until the next lease ends',
    fault: (registry) => ({
      async cleanupExpiredBackends(options) {
        const result = await registry.cleanupExpiredBackends(options);
        return { ...result, nextExpiryInMs: result.nextExpiryInMs && Math.min(60_000, result.nextExpiryInMs) };
      },
    }),
  },
  'white space around a prefix is nothing': {
    caughtBy:
      'isolation: registries whose prefixes differ in white space, or in how a letter is spelled, share no backend',
    fault: (_registry, options) => {
      (options as { keyPrefix?: string }).keyPrefix = options.keyPrefix?.trim() ?? '';
      return {};
    },
  },
  'a prefix is normalized': {
    caughtBy:
      'isolation: registries whose prefixes differ in white space, or in how a letter is spelled, share no backend',
    fault: (_registry, options) => {
      (options as { keyPrefix?: string }).keyPrefix = options.keyPrefix?.normalize() ?? '';
      return {};
    },
  },
  'capabilities can be written': {
    caughtBy: 'lifecycle: capabilities say what the registry is, and stay after close',
    fault: (registry) => ({ capabilities: { ...registry.capabilities } }),
  },
  'a filter by no status is none': {
    caughtBy: 'registration: a filter by status lists the backends that have it',
    fault: (registry) => ({
      listBackends: ({ status, ...rest } = {}) =>
        registry.listBackends(status === undefined || status.length === 0 ? rest : { ...rest, status }),
    }),
  },
  'what a watch tells can be written': {
    caughtBy: 'registration: backends that are handed out are frozen, metadata and all',
    fault: events((event) => ['backend' in event ? { ...event, backend: { ...event.backend } } : event]),
  },
  'what a watch has told before can be written': {
    caughtBy: 'registration: backends that are handed out are frozen, metadata and all',
    fault: events((event) => ['previous' in event ? { ...event, previous: { ...event.previous } } : event]),
  },
  'a snapshot has no version': {
    caughtBy: 'watch: the first snapshot is what the registry lists',
    fault: events((event) => [event.type === 'snapshot' ? { ...event, version: '0' } : event]),
  },
  'a second outage is said to have begun with the first': {
    caughtBy: 'watch: going down twice is stale twice, and fresh after each',
    fault: (registry) => ({
      async *watch(options = {}) {
        let first: number | undefined;
        for await (const event of registry.watch(options)) {
          if (event.type === 'stale') first ??= event.since;
          yield event.type === 'stale' ? { ...event, since: first ?? 0 } : event;
        }
      },
    }),
  },
  'a watch that must not listen does': {
    caughtBy: 'watch: one that does not listen hears of a change with its poll, and not before',
    fault: (registry) => ({ watch: ({ push: _, ...options } = {}) => registry.watch(options) }),
  },
  'a quotation mark in an address ends it': {
    caughtBy: 'addresses: a host with a quotation mark is one like all others',
    fault: (registry) => ({
      updateBackendHealth: async (backend, health) =>
        backend.url.includes('"') ? { status: 'unknown' } : registry.updateBackendHealth(backend, health),
    }),
  },
  'what the limit of a cleanup has left is not said to be due': {
    caughtBy: 'cleanup: its limit counts rows that cannot be read too',
    fault: (registry) => ({
      async cleanupExpiredBackends(options) {
        const result = await registry.cleanupExpiredBackends(options);
        return result.corrupt.length > 0 ? { ...result, nextExpiryInMs: 60_000 } : result;
      },
    }),
  },
  'what onCorrupt throws fails the call': {
    caughtBy: 'corrupt: what onCorrupt throws, or its promise rejects with, is ignored',
    fault: (registry, options) => {
      const { onCorrupt } = options;
      const thrown = (options as { thrown?: unknown[] }).thrown ?? [];
      Object.assign(options, {
        thrown,
        onCorrupt(row: CorruptRow) {
          try {
            return onCorrupt?.(row);
          } catch (error) {
            thrown.push(error);
          }
        },
      });
      return {
        async listBackends(filter) {
          const backends = await registry.listBackends(filter);
          if (thrown.length > 0) throw thrown[0];
          return backends;
        },
      };
    },
  },
  'what is as long as it may be is refused when it is read': {
    caughtBy: 'addresses: the longest url is that of the canonical form, so that what was read can be registered again',
    fault: (registry) => ({
      async register(backend) {
        if (backend.url.length > 1_000) await registry.register({ url: '' });
        return registry.register(backend);
      },
    }),
  },
  'the limit of a cleanup is for what has expired alone': {
    caughtBy: 'cleanup: its limit counts rows that cannot be read too',
    fault: (registry) => ({
      async cleanupExpiredBackends(options) {
        const first = await registry.cleanupExpiredBackends(options);
        const more = first.corrupt.length === 0 ? undefined : await registry.cleanupExpiredBackends(options);
        return more === undefined
          ? first
          : { ...more, removed: [...first.removed, ...more.removed], corrupt: [...first.corrupt, ...more.corrupt] };
      },
    }),
  },
  'only the first page of ended leases is read': {
    caughtBy: 'cleanup: of many that expired together each is seen, comes back or is removed, once',
    fault: (registry) => ({
      async listBackends(filter) {
        let expired = 0;
        return (await registry.listBackends(filter)).map((backend) => {
          if (backend.status === 'expired') expired += 1;
          return expired > 500 && backend.status === 'expired'
            ? { ...backend, health: true, status: 'healthy' }
            : backend;
        });
      },
    }),
  },
  'leases last twice as long': {
    caughtBy: 'leases: a backend is healthy until exactly its heartbeat timeout is over, and expired from then on',
    fault: (registry) => ({
      register: (backend) => registry.register({ ...backend, heartbeatTimeoutMs: 2 * leaseOf(backend, registry) }),
    }),
  },
  'leases end one millisecond early': {
    caughtBy: 'leases: a backend is healthy until exactly its heartbeat timeout is over, and expired from then on',
    fault: (registry) => ({
      register: (backend) => registry.register({ ...backend, heartbeatTimeoutMs: leaseOf(backend, registry) - 1 }),
    }),
  },
  'a heartbeat lasts as long as the handle says, whatever the call says': {
    caughtBy: 'leases: whoever beats says how long that lasts: shorter shortens, longer lengthens',
    fault: (registry) => ({
      heartbeat: ({ heartbeatTimeoutMs: _, ...backend }) => registry.heartbeat(backend),
    }),
  },
  'a heartbeat brings back what was removed': {
    caughtBy: 'leases: after unregister no late write makes a backend appear again',
    fault: (registry) => ({
      async heartbeat(backend) {
        const result = await registry.heartbeat(backend);
        if (result.status === 'unknown') await registry.register(backend);
        return result;
      },
    }),
  },
  'a report about what was removed makes it appear again': {
    caughtBy: 'leases: after a cleanup no late write makes a backend appear again',
    fault: (registry) => ({
      async updateBackendMetrics(backend, metrics) {
        const result = await registry.updateBackendMetrics(backend, metrics);
        if (result.status === 'unknown') await registry.register({ ...backend, ...metrics });
        return result;
      },
    }),
  },
  'listing renews leases': {
    caughtBy: 'leases: reading writes nothing and extends no lease',
    fault: (registry) => ({
      async listBackends(filter) {
        await renewAll(registry);
        return registry.listBackends(filter);
      },
    }),
  },
  'reading one backend renews its lease': {
    caughtBy: 'registration: reading changes nothing',
    fault: (registry) => ({
      async getBackend(address) {
        const detail = await registry.getBackend(address);
        await registry.heartbeat(address);
        return detail;
      },
    }),
  },
  'a report of health renews the lease': {
    caughtBy: 'leases: reports of health, metrics and drain never extend a lease',
    fault: (registry) => ({
      async updateBackendHealth(backend, health) {
        await registry.heartbeat(backend);
        return registry.updateBackendHealth(backend, health);
      },
    }),
  },
  'fencing is ignored by heartbeats': {
    caughtBy: 'fencing: an older life is fenced from every write, and changes nothing',
    fault: (registry) => ({ heartbeat: (backend) => registry.heartbeat(unfenced(backend)) }),
  },
  'fencing is ignored by batches of heartbeats': {
    caughtBy: 'fencing: heartbeats that are sent together are fenced one by one',
    fault: (registry) => ({ heartbeatAll: (backends) => registry.heartbeatAll(backends.map(unfenced)) }),
  },
  'fencing is ignored by unregister': {
    caughtBy: 'fencing: an older life is fenced from every write, and changes nothing',
    fault: (registry) => ({ unregister: (backend) => registry.unregister(unfenced(backend)) }),
  },
  'a fenced drain does its work all the same': {
    caughtBy: 'fencing: an older life is fenced from every write, and changes nothing',
    fault: (registry) => ({
      async drain(backend, draining) {
        const result = await registry.drain(backend, draining);
        if (result.status === 'fenced') await registry.drain(unfenced(backend), draining);
        return result;
      },
    }),
  },
  'a removal shows what its watcher was not told': {
    caughtBy: 'watch: every way out is one removed with its reason, for each of several watchers',
    fault: events((event) =>
      event.type === 'removed' ? [{ ...event, backend: { ...event.backend, inFlightRequests: 9 } }] : [event],
    ),
  },
  'what is registered names another epoch than the snapshot': {
    caughtBy: 'watch: tells what was registered, what was updated and what left',
    fault: events((event) => [event.type === 'registered' ? { ...event, epoch: 'another' } : event]),
  },
  'who has missed too much is told nothing': {
    caughtBy: 'watch: who has missed more than a store remembers is told what is so all the same',
    fault: events((event) => (event.type === 'snapshot' && event.cause === 'resync' ? [] : [event])),
  },
  'of leases that end together, only the first thousands are told': {
    caughtBy: 'cleanup: of many that expired together each is seen, comes back or is removed, once',
    fault: (registry) => ({
      async *watch(options) {
        let ended = 0;
        for await (const event of registry.watch(options)) {
          if (event.type === 'updated' && event.changed.includes('expiry')) ended += 1;
          if (event.type !== 'updated' || ended <= 4_000) yield event;
        }
      },
    }),
  },
  'a watch of a store that is down ends with an error': {
    caughtBy: 'watch: while the store is down a signal ends it without an error, and so does closing the registry',
    fault: (registry) => ({
      async *watch(options) {
        let last: RegistryEvent['type'] | undefined;
        for await (const event of registry.watch(options)) {
          last = event.type;
          yield event;
        }
        if (last === 'stale') throw new Error('the store is down');
      },
    }),
  },
  'every removal is told twice': {
    caughtBy: 'watch: every way out is one removed with its reason, for each of several watchers',
    fault: events((event) => (event.type === 'removed' ? [event, event] : [event])),
  },
  'the end of a lease is told to nobody': {
    caughtBy: 'watch: a lease that ends is told though nobody cleans up, and so is coming back',
    fault: events((event) => (event.type === 'updated' && event.changed.includes('expiry') ? [] : [event])),
  },
  'what a cleanup removes is told to nobody': {
    caughtBy: 'watch: every way out is one removed with its reason, for each of several watchers',
    fault: events((event) => (event.type === 'removed' && event.reason === 'expired' ? [] : [event])),
  },
  'whoever leaves is said to have unregistered': {
    caughtBy: 'watch: every way out is one removed with its reason, for each of several watchers',
    fault: events((event) => [event.type === 'removed' ? { ...event, reason: 'unregistered' } : event]),
  },
  'another life is told as an update': {
    caughtBy: 'watch: who leaves and comes back as another life while the consumer does not read was replaced',
    fault: events((event) => (event.type === 'removed' && event.reason === 'replaced' ? [] : [event])),
  },
  'the first snapshot is missing where the registry is empty': {
    caughtBy: 'watch: the first event is a snapshot, also of an empty registry',
    fault: events((event) => (event.type === 'snapshot' && event.backends.length === 0 ? [] : [event])),
  },
  'versions of events go back': {
    caughtBy: 'watch: versions never go back, whoever writes',
    fault: events((event) => [event.type === 'updated' ? { ...event, version: '1' } : event]),
  },
  'metrics are told to those who did not ask': {
    caughtBy: 'watch: metrics alone are told only to those who ask for them',
    fault: (registry) => ({ watch: (options) => registry.watch({ ...options, metrics: true }) }),
  },
  'updates say that everything has changed': {
    caughtBy: 'watch: says exactly what has changed',
    fault: events((event) => [
      event.type === 'updated'
        ? { ...event, changed: ['registration', 'health', 'drain', 'expiry', 'metrics'] }
        : event,
    ]),
  },
  'every heartbeat is an event': {
    caughtBy: 'watch: heartbeats and writes that change nothing make no event and no version',
    fault: (registry) => ({
      async heartbeat(backend) {
        const result = await registry.heartbeat(backend);
        const known = await registry.getBackend(backend);
        if (known === null || result.status !== 'renewed') return result;
        await registry.register({ ...known, weight: known.weight + 1 });
        await registry.register(known);
        return result;
      },
    }),
  },
  'stale is told for every look that fails': {
    caughtBy: 'watch: a store that is down is told once, and what was missed before it is fresh again',
    fault: events((event) => (event.type === 'stale' ? [event, event] : [event])),
  },
  'fresh is never told': {
    caughtBy: 'watch: going down twice is stale twice, and fresh after each',
    fault: events((event) => (event.type === 'fresh' ? [] : [event])),
  },
  'a store that lost its data is told as an ordinary resync': {
    caughtBy: 'watch: a store that lost its data is a reset with what has come back so far',
    fault: events((event) => [
      event.type === 'snapshot' && event.cause === 'reset' ? { ...event, cause: 'resync' } : event,
    ]),
  },
  'down is empty': {
    caughtBy: 'faults: a store that is down fails every call within the deadline, and is never empty',
    fault: (registry) => ({ listBackends: (filter) => registry.listBackends(filter).catch(() => []) }),
  },
  'a frozen store is waited for': {
    caughtBy: 'faults: a store that does not answer is a timeout of every call at its deadline',
    fault: (registry) => ({
      async ping() {
        for (;;) {
          try {
            return await registry.ping();
          } catch (error) {
            if ((error as { code?: string }).code !== 'TIMEOUT') throw error;
          }
        }
      },
    }),
  },
  'backends are handed out that can be written to': {
    caughtBy: 'registration: backends that are handed out are frozen, metadata and all',
    fault: reads((backend) => ({ ...backend, metadata: { ...backend.metadata } })),
  },
  'the list is the same array each time': {
    caughtBy: "registration: the array that listBackends returns is the caller's own",
    fault: (registry) => {
      let list: Promise<Backend[]> | undefined;
      return {
        listBackends(filter) {
          list ??= registry.listBackends(filter);
          return list;
        },
      };
    },
  },
  'a filtered list is kept for the next filter': {
    caughtBy: 'registration: a filter by status lists the backends that have it',
    fault: (registry) => {
      let kept: Promise<Backend[]> | undefined;
      return {
        listBackends(filter) {
          if (filter === undefined) return registry.listBackends();
          kept ??= registry.listBackends(filter);
          return kept;
        },
      };
    },
  },
  'a filter by metadata looks at the first entry only': {
    caughtBy: 'registration: a filter by zone and metadata lists the backends that have all of it',
    fault: (registry) => ({
      listBackends: ({ metadata, ...filter } = {}) =>
        registry.listBackends(
          metadata === undefined
            ? filter
            : { ...filter, metadata: Object.fromEntries(Object.entries(metadata).slice(0, 1)) },
        ),
    }),
  },
  'the list is not sorted': {
    caughtBy: 'registration: listBackends is sorted by id',
    fault: (registry) => ({ listBackends: async (filter) => (await registry.listBackends(filter)).reverse() }),
  },
  'a list ends with the second thousand': {
    caughtBy: 'registration: thousands are listed whole, also by a handle that lists for the first time',
    fault: (registry) => ({ listBackends: async (filter) => (await registry.listBackends(filter)).slice(0, 2_000) }),
  },
  'every registration is new': {
    caughtBy: 'registration: registering the same again is renewed, with a new lease and nothing else',
    fault: (registry) => ({
      register: async (backend) => ({ ...(await registry.register(backend)), status: 'registered' }),
    }),
  },
  'every version is the same': {
    caughtBy: 'registration: versions grow with each change of any backend, and stay where nothing changes',
    fault: reads((backend) => Object.freeze({ ...backend, version: '1' })),
  },
  'registering again resets what was reported': {
    caughtBy: 'registration: what is the state of a backend is kept when it is left out',
    fault: (registry) => ({
      register: (backend) =>
        registry.register({ health: true, inFlightRequests: 0, rifAvgLatency: 0, overallAvgLatency: 0, ...backend }),
    }),
  },
  'another life inherits the drain of the one before': {
    caughtBy: 'registration: another incarnation is replaced, and its state is gone',
    fault: (registry) => ({
      async register(backend) {
        const old = await registry.getBackend(backend);
        const result = await registry.register(backend);
        if (old?.status === 'draining') await registry.drain(backend);
        return result;
      },
    }),
  },
  'one invalid registration leaves the others registered': {
    caughtBy: 'registration: registerAll registers none if one of them is invalid',
    fault: (registry) => ({
      async registerAll(backends: readonly BackendRegistration[]) {
        const results: RegisterResult[] = [];
        for (const backend of backends) results.push(await registry.register(backend));
        return results;
      },
    }),
  },
  'heartbeatAll answers in the order of ids': {
    caughtBy: 'leases: heartbeatAll answers for each in the order of its argument',
    fault: (registry) => ({
      heartbeatAll: (backends) => registry.heartbeatAll([...backends].sort((a, b) => (a.url < b.url ? -1 : 1))),
    }),
  },
  'heartbeatAll answers for the first of its scripts alone': {
    caughtBy: 'leases: of many that are sent together, one of them again and again, each is answered',
    fault: (registry) => ({ heartbeatAll: async (backends) => (await registry.heartbeatAll(backends)).slice(0, 500) }),
  },
  'text that looks like a number becomes one': {
    caughtBy: 'addresses: any well-formed text comes back as it was written, in metadata, zone and incarnation',
    fault: reads((backend) =>
      Object.freeze({
        ...backend,
        metadata: Object.freeze(
          Object.fromEntries(
            Object.entries(backend.metadata).map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text]),
          ),
        ) as Record<string, string>,
      }),
    ),
  },
  'numbers lose their last digits': {
    caughtBy: 'addresses: numbers come back to the last bit',
    fault: reads((backend) =>
      Object.freeze({ ...backend, overallAvgLatency: Number(backend.overallAvgLatency.toPrecision(14)) }),
    ),
  },
  'metrics that are left out become zero': {
    caughtBy: 'metrics: those that are left out are kept',
    fault: (registry) => ({
      updateBackendMetrics: (backend, metrics) =>
        registry.updateBackendMetrics(backend, {
          inFlightRequests: 0,
          rifAvgLatency: 0,
          overallAvgLatency: 0,
          ...metrics,
        }),
    }),
  },
  'reports are read, changed and written back': {
    caughtBy: 'concurrency: writers of different fields never undo each other',
    fault: (registry) => ({
      async updateBackendMetrics(backend, metrics) {
        const known = await registry.getBackend(backend);
        await Promise.resolve();
        const result = await registry.updateBackendMetrics(backend, metrics);
        if (known !== null && result.status === 'updated')
          await registry.updateBackendMetrics(backend, { ...known, ...metrics });
        return result;
      },
    }),
  },
  'a cleanup removes nothing and says so': {
    caughtBy: 'cleanup: removes exactly what has expired, in the order in which it expired, and returns it as it was',
    fault: () => ({ cleanupExpiredBackends: async () => ({ removed: [], corrupt: [], nextExpiryInMs: -1 }) }),
  },
  'a cleanup ignores its limit': {
    caughtBy: 'cleanup: removes no more than its limit, those expired longest first',
    fault: (registry) => ({ cleanupExpiredBackends: () => registry.cleanupExpiredBackends() }),
  },
  'a cleanup goes by the timeout of its own handle': {
    caughtBy: 'cleanup: obeys the lease that was given, not the timeout of the handle that cleans',
    fault: (registry) => ({
      async cleanupExpiredBackends(options) {
        const result = await registry.cleanupExpiredBackends(options);
        const removed = [...result.removed];
        for (const backend of await registry.listBackends()) {
          const detail = await registry.getBackend(backend);
          if (detail === null || detail.expiresInMs < registry.capabilities.heartbeatTimeoutMs) continue;
          await registry.unregister(backend);
          removed.push(backend);
        }
        return { ...result, removed };
      },
    }),
  },
  'a closed handle still answers': {
    caughtBy: 'lifecycle: listBackends works while open, settles while closing, and rejects with CLOSED after',
    fault: (registry) => {
      let last: Backend[] = [];
      return {
        async listBackends(filter) {
          last = await registry.listBackends(filter).catch(() => last);
          return last;
        },
      };
    },
  },
  'closing twice fails': {
    caughtBy: 'lifecycle: closing again, one after the other or at the same time, is fine',
    fault: (registry) => {
      let closed = false;
      return {
        async close() {
          if (closed) throw new Error('closed already');
          closed = true;
          await registry.close();
        },
      };
    },
  },
  'wrong input throws instead of rejecting': {
    caughtBy: 'errors: no method throws, whatever it is given: it rejects',
    fault: (registry) => ({
      unregister(backend) {
        if (typeof backend !== 'object') throw new TypeError('not a backend');
        return registry.unregister(backend);
      },
    }),
  },
  'rows that cannot be read are reported to nobody': {
    caughtBy: 'corrupt: a row that cannot be read is reported once to each handle, with its id and a reason',
    fault: (_registry, options) => {
      (options as { onCorrupt?: unknown }).onCorrupt = undefined;
      return {};
    },
  },
  'a read removes rows that it cannot read': {
    caughtBy: 'corrupt: reads never delete a row that they cannot read',
    fault: (registry) => ({
      async listBackends(filter) {
        await registry.cleanupExpiredBackends();
        return registry.listBackends(filter);
      },
    }),
  },
  'a prefix that begins with another one shares its backends': {
    caughtBy: 'isolation: registries whose prefixes begin with one another share no backend',
    fault: (_registry, options) => {
      (options as { keyPrefix?: string }).keyPrefix = options.keyPrefix?.slice(0, 12) ?? '';
      return {};
    },
  },
};
