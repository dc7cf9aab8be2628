/** `@hazeljs/discovery` on Redis. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { startRedis } from '../servers/redis.ts';
import { addressOf, documentOf, each, hostOf, numberOf, type Session, type System } from './system.ts';

interface Instance {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly [field: string]: unknown;
}

interface Backend {
  register(instance: Instance): Promise<void>;
  heartbeat(id: string): Promise<void>;
  updateStatus(id: string, status: string): Promise<void>;
  getInstances(name: string): Promise<Instance[]>;
}

interface Registry {
  register(): Promise<void>;
  deregister(): Promise<void>;
}

// Its main entry needs a package that does not exist: its files are loaded one by one.
const load = createRequire(import.meta.url);
const FILES = '@hazeljs/discovery/dist';

const SERVICE = 'fleet';

export const hazel: System = {
  name: '@hazeljs/discovery',
  kind: 'peer',
  module: import.meta.url,
  about: `@hazeljs/discovery ${load('@hazeljs/discovery/package.json').version} on Redis, over ioredis 6 with \`enableAutoPipelining\`; it makes batches of nothing`,
  cannot: { watch: 'nobody is told: ask again' },
  redis: true,
  tells: false,
  start: (options) => startRedis(options),
  async open(url, { space, leaseMs }) {
    const nothing = () => undefined;
    const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
    load(`${FILES}/utils/logger.js`).DiscoveryLogger.setLogger(silent);
    const client = new Redis(url, { enableAutoPipelining: true });
    client.on('error', () => undefined);
    await client.ping();
    const { RedisRegistryBackend } = load(`${FILES}/backends/redis-backend.js`);
    const { ServiceRegistry } = load(`${FILES}/registry/service-registry.js`);
    const options = { keyPrefix: `${space}:`, ttl: Math.ceil(leaseMs / 1_000) };
    const backend: Backend = new RedisRegistryBackend(client, options);
    const open: { close(): unknown }[] = [];
    const up = new Map<number, boolean>();
    const session: Session = {
      fill: (count) => each(count, (n) => backend.register(instanceOf(n))),
      register: (n) => backend.register(instanceOf(n)),
      heartbeat: (n) => backend.heartbeat(idOf(n)),
      heartbeatAll: (count) => Promise.all(Array.from({ length: count }, (_, n) => backend.heartbeat(idOf(n)))),
      list: async () => (await backend.getInstances(SERVICE)).length,
      async update(n) {
        const status = up.get(n) === true;
        up.set(n, !status);
        await backend.updateStatus(idOf(n), status ? 'UP' : 'DOWN');
      },
      async announce(n) {
        // It asks the backend itself whether it is well, and beats when it says so.
        const health = createServer((_, response) => void response.end('ok'));
        await new Promise<void>((resolve) => health.listen(0, '127.0.0.1', resolve));
        const registry: Registry = new ServiceRegistry(
          {
            name: SERVICE,
            host: '127.0.0.1',
            port: (health.address() as AddressInfo).port,
            healthCheckInterval: leaseMs / 3,
            metadata: addressOf(n),
          },
          backend,
        );
        await registry.register();
        open.push({ close: () => registry.deregister().catch(() => undefined) }, health);
      },
      async live() {
        const instances = await backend.getInstances(SERVICE);
        return new Set(
          instances
            .filter(({ status }) => status === 'UP')
            .map(({ metadata }) => numberOf(metadata as { url: string })),
        );
      },
      async close() {
        await Promise.all(open.map((each) => each.close()));
        client.disconnect();
      },
    };
    return session;
  },
};

function idOf(n: number): string {
  return `${SERVICE}:${hostOf(n)}:8000`;
}

function instanceOf(n: number): Instance {
  return {
    id: idOf(n),
    name: SERVICE,
    host: hostOf(n),
    port: 8000,
    protocol: 'http',
    metadata: documentOf(n),
    healthCheckPath: '/health',
    healthCheckInterval: 30_000,
    zone: 'eu-1',
    tags: [],
    status: 'UP',
    lastHeartbeat: new Date(),
    registeredAt: new Date(),
  };
}
