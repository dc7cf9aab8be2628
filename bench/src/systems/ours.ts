/** Ours: in memory, in Redis over both clients, and over HTTP. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type Announcement,
  announce,
  type BackendRef,
  type BackendRegistry,
  type Cleanup,
  createView,
  MemoryBackendRegistry,
  MemoryStore,
  type RegistryOptions,
  startCleanup,
  type View,
} from '@backend-registry/core';
import { RedisBackendRegistry as IORedisRegistry } from '@backend-registry/ioredis';
import { RedisBackendRegistry as NodeRedisRegistry } from '@backend-registry/redis';
import { RedisBackendRegistry as UpstashRegistry } from '@backend-registry/upstash';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { startRedis } from '../servers/redis.ts';
import type { PeerServer, ServerOptions } from '../servers/server.ts';
import { addressOf, type Listener, numberOf, type Session, type SessionOptions, type System } from './system.ts';

class OurSession implements Session {
  readonly #registry: BackendRegistry;
  readonly #open: (Announcement | Cleanup | View)[] = [];
  /** Those that were filled in, each with its incarnation: a backend that beats or reports names its life, as `announce` does. */
  readonly #known: BackendRef[] = [];
  #view: View | undefined;
  readonly #health = new Map<number, boolean>();
  #following: Promise<void> = Promise.resolve();

  readonly #anew: Anew;

  constructor(registry: BackendRegistry, anew: Anew) {
    this.#registry = registry;
    this.#anew = anew;
  }

  async fill(count: number): Promise<void> {
    this.#known.length = 0;
    for (let first = 0; first < count; first += FILLED_AT_ONCE) {
      const some = Array.from({ length: Math.min(FILLED_AT_ONCE, count - first) }, (_, n) => describe(first + n));
      for (const { backend } of await this.#registry.registerAll(some))
        this.#known.push({ url: backend.url, port: backend.port, incarnation: backend.incarnation });
    }
  }

  register(n: number): Promise<unknown> {
    return this.#registry.register(describe(n));
  }

  heartbeat(n: number): Promise<unknown> {
    return this.#registry.heartbeat(this.#ref(n));
  }

  heartbeatAll(count: number): Promise<unknown> {
    return this.#registry.heartbeatAll(count === this.#known.length ? this.#known : this.#known.slice(0, count));
  }

  async list(): Promise<number> {
    return (await this.#registry.listBackends()).length;
  }

  async firstList(): Promise<number> {
    const registry = await this.#anew.open();
    const listed = await registry.listBackends();
    await registry.close();
    return listed.length;
  }

  update(n: number): Promise<unknown> {
    const health = this.#health.get(n) !== true;
    this.#health.set(n, health);
    return this.#registry.updateBackendHealth(this.#ref(n), !health);
  }

  #ref(n: number): BackendRef {
    return this.#known[n] ?? addressOf(n);
  }

  async watch({ seen, gone }: Listener): Promise<void> {
    const events = this.#registry.watch()[Symbol.asyncIterator]();
    await events.next();
    this.#following = (async () => {
      for (let { value, done } = await events.next(); done !== true; { value, done } = await events.next()) {
        if (value.type === 'removed' || (value.type === 'updated' && value.changed.includes('expiry')))
          gone(numberOf(value.backend));
        else if (value.type === 'updated') seen(numberOf(value.backend));
      }
    })();
  }

  async announce(n: number): Promise<void> {
    const announcement = announce(this.#registry, describe(n), { drainNoticeMs: 0 });
    this.#open.push(announcement);
    await announcement.ready;
  }

  /** Of a view, where there is one: it reads what it saw last, also while the store is away. */
  async live(): Promise<ReadonlySet<number>> {
    return this.#view === undefined ? this.stored() : new Set(this.#view.routable.map(numberOf));
  }

  async stored(): Promise<ReadonlySet<number>> {
    const healthy = await this.#registry.listBackends({ status: 'healthy' });
    return new Set(healthy.map(numberOf));
  }

  async tend(): Promise<void> {
    const cleanup = startCleanup(this.#registry);
    this.#open.push(cleanup);
    this.#view = createView(this.#registry);
    this.#open.push(this.#view);
    await Promise.all([cleanup.ready, this.#view.ready]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((each) => each.close()));
    await this.#registry.close();
    await this.#anew.close?.();
    await this.#following;
  }
}

function describe(n: number): { url: string; port: number; zone: string; metadata: Record<string, string> } {
  return { ...addressOf(n), zone: 'eu-1', metadata: { team: 'search' } };
}

/** Handles that know nothing yet, over a connection that is there already. */
interface Anew {
  open(): BackendRegistry | Promise<BackendRegistry>;
  close?(): unknown;
}

function overIORedis(url: string, options: RegistryOptions): Anew {
  let client: Redis | undefined;
  return {
    open() {
      client ??= new Redis(url);
      return new IORedisRegistry({ ...options, client });
    },
    close: () => client?.disconnect(),
  };
}

function overNodeRedis(url: string, options: RegistryOptions): Anew {
  const client = createClient({ url });
  client.on('error', () => undefined);
  return {
    async open() {
      if (!client.isOpen) await client.connect();
      return new NodeRedisRegistry({ ...options, client });
    },
    close: () => client.isOpen && client.destroy(),
  };
}

const FILLED_AT_ONCE = 1_000;

function optionsOf({ space, leaseMs }: SessionOptions): RegistryOptions {
  return { keyPrefix: `${space}:`, heartbeatTimeoutMs: leaseMs };
}

const stores = new Map<string, MemoryStore>();

const memory: System = {
  name: 'ours: memory',
  kind: 'ours',
  module: import.meta.url,
  about: 'in the process of its callers: no server, no network',
  cannot: { firstList: 'all handles have the same', announce: 'lives and dies with its process' },
  redis: false,
  tells: true,
  start: async () => NO_SERVER,
  async open(_, options) {
    const store = stores.get(options.space) ?? new MemoryStore();
    stores.set(options.space, store);
    const open = () => new MemoryBackendRegistry({ ...optionsOf(options), store });
    return new OurSession(open(), { open });
  },
};

const NO_SERVER: PeerServer = {
  endpoint: '',
  port: 0,
  version: '',
  pids: [],
  freeze: () => undefined,
  thaw: () => undefined,
  restart: async () => undefined,
  async empty() {
    stores.clear();
  },
  lose: () => NO_SERVER.empty(),
  [Symbol.asyncDispose]: async () => undefined,
};

export const ioredis: System = {
  name: 'ours: ioredis',
  kind: 'ours',
  module: import.meta.url,
  about: '@backend-registry/ioredis over ioredis 6',
  cannot: {},
  redis: true,
  tells: true,
  start: (options) => startRedis(options),
  open: async (url, options) =>
    new OurSession(new IORedisRegistry({ ...optionsOf(options), url }), overIORedis(url, optionsOf(options))),
};

export const synced: System = {
  ...ioredis,
  name: 'ours: ioredis, appendfsync always',
  about:
    'the same; every write is synced to its log before it is answered, as etcd does, on the same kind of file system',
  start: () => startRedis({ fsync: true }),
};

const nodeRedis: System = {
  name: 'ours: node-redis',
  kind: 'ours',
  module: import.meta.url,
  about: '@backend-registry/redis over node-redis 6',
  cannot: {},
  redis: true,
  tells: true,
  start: (options) => startRedis(options),
  open: async (url, options) =>
    new OurSession(new NodeRedisRegistry({ ...optionsOf(options), url }), overNodeRedis(url, optionsOf(options))),
};

const upstash: System = {
  name: 'ours: Upstash',
  kind: 'ours',
  module: import.meta.url,
  about:
    '@backend-registry/upstash, over HTTP through the bridge of this repository, a process of its own before a Redis; a watcher hears of changes over a stream of events',
  cannot: {},
  redis: true,
  tells: true,
  start: startBridge,
  async open(endpoint, options) {
    const { url, token } = JSON.parse(endpoint);
    const open = () => new UpstashRegistry({ ...optionsOf(options), url, token });
    return new OurSession(open(), { open });
  },
};

export const ours: readonly System[] = [memory, ioredis, nodeRedis, upstash, synced];

async function startBridge(options: ServerOptions): Promise<PeerServer> {
  const redis = await startRedis(options);
  const program = fileURLToPath(new URL('../programs/bridge.ts', import.meta.url));
  const bridge = spawn(process.execPath, [program, redis.endpoint], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [endpoint] = await once(createInterface(bridge.stdout), 'line');
  return {
    endpoint,
    port: Number(new URL(JSON.parse(endpoint).url).port),
    version: redis.version,
    get pids() {
      return [...redis.pids, bridge.pid ?? Number.NaN];
    },
    get storePids() {
      return redis.pids;
    },
    freeze: () => redis.freeze(),
    thaw: () => redis.thaw(),
    restart: () => redis.restart(),
    empty: () => redis.empty(),
    lose: () => redis.lose(),
    crowd: (keys: number) => redis.crowd(keys),
    async [Symbol.asyncDispose]() {
      const exited = once(bridge, 'exit');
      bridge.stdin.end();
      await exited;
      await redis[Symbol.asyncDispose]();
    },
  };
}
