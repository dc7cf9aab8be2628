/** `moleculer` with its Redis discoverer: every node looks for the keys of all others with each of its own heartbeats. */
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { startRedis } from '../servers/redis.ts';
import { each, type Session, type System } from './system.ts';

interface Discoverer {
  readonly PREFIX: string;
  sendHeartbeat(): Promise<void>;
  collectOnlineNodes(): Promise<void>;
}

interface Broker {
  readonly registry: {
    readonly discoverer: Discoverer;
    readonly nodes: { list(options: object): { readonly id: string }[] };
  };
  readonly localBus: { on(event: string, listener: (payload: { node: { id: string } }) => void): void };
  start(): Promise<void>;
  stop(): Promise<void>;
}

const load = createRequire(import.meta.url);

export const moleculer: System = {
  name: 'moleculer, Redis discoverer',
  kind: 'peer',
  module: import.meta.url,
  about: `moleculer ${load('moleculer').MOLECULER_VERSION} over ioredis 6, Redis its transporter, too, \`scanLength\` 1,000; a list is one look for all nodes, which each heartbeat makes besides`,
  cannot: {
    register: 'a node registers itself only',
    heartbeatAll: 'a node beats for itself only',
    update: 'a node tells of its services only',
    watch: 'only what services a node has is told',
  },
  redis: true,
  tells: false,
  looks: 'it reads its own list, renewed with each of its heartbeats',
  start: (options) => startRedis(options),
  async open(url, { space, leaseMs }) {
    const own = broker(url, space, leaseMs, 'reader');
    await own.start();
    const client = new Redis(url);
    client.on('error', () => undefined);
    const announced: Broker[] = [];
    const { nodes, discoverer } = own.registry;
    const others = () => nodes.list({ onlyAvailable: true, withServices: false }).filter(({ id }) => id !== 'reader');
    const session: Session = {
      /** As each of them would write it, if it ran. */
      async fill(count) {
        const seconds = Math.ceil(leaseMs / 1_000);
        await each(count, async (n) => {
          const [id, instanceID] = [`node-${n}`, `${n}`.padStart(8, '0')];
          const beat = { sender: id, ver: '5', cpu: 1, seq: 1, instanceID };
          const info = { ...beat, services: [], config: {}, client: {}, hostname: 'host', ipList: ['127.0.0.1'] };
          await Promise.all([
            client.setex(`${discoverer.PREFIX}-BEAT:${id}|${instanceID}|1`, seconds, JSON.stringify(beat)),
            client.setex(`${discoverer.PREFIX}-INFO:${id}`, 1_800, JSON.stringify(info)),
          ]);
        });
        do await discoverer.collectOnlineNodes();
        while (others().length < count);
      },
      heartbeat: () => discoverer.sendHeartbeat(),
      async list() {
        await discoverer.collectOnlineNodes();
        return others().length;
      },
      async announce(n) {
        const one = broker(url, space, leaseMs, `node-${n}`);
        await one.start();
        announced.push(one);
      },
      live: async () => new Set(others().map(({ id }) => Number(id.split('-').at(-1)))),
      async close() {
        client.disconnect();
        await Promise.all([own, ...announced].map((one) => one.stop().catch(() => undefined)));
      },
    };
    return session;
  },
};

function broker(url: string, namespace: string, leaseMs: number, nodeID: string): Broker {
  const { ServiceBroker } = load('moleculer');
  const seconds = leaseMs / 1_000;
  return new ServiceBroker({
    namespace,
    nodeID,
    logger: false,
    transporter: url,
    heartbeatInterval: seconds / 3,
    heartbeatTimeout: Math.ceil(seconds),
    registry: { discoverer: { type: 'Redis', options: { redis: url, scanLength: 1_000 } } },
    skipProcessEventRegistration: true,
  });
}
