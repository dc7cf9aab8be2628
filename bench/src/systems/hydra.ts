/** `hydra`: one service a process, its presence a key that lasts three seconds. */
import { createRequire } from 'node:module';
import { startRedis } from '../servers/redis.ts';
import { hostOf, type Session, type System } from './system.ts';

interface Hydra {
  instanceID: string;
  readonly config: { serviceIP: string };
  readonly redisdb: { ping(callback: (error: unknown) => void): void };
  readonly internalCache: {
    cache: unknown;
    delete?(key: string): void;
    put(key: string, value: unknown, ttl: number): void;
  };
  init(config: object): Promise<unknown>;
  registerService(): Promise<unknown>;
  getServicePresence(name: string): Promise<{ readonly ip: string }[]>;
  _updatePresence(): void;
  shutdown(): Promise<unknown>;
  on(event: string, listener: () => void): void;
}

const load = createRequire(import.meta.url);

export const hydra: System = {
  name: 'hydra',
  kind: 'peer',
  module: import.meta.url,
  about: `hydra ${load('hydra/package.json').version} with its own node-redis 2.8; a presence lasts 3 s, whatever is asked for; a list is kept for 3 s, and is measured without that`,
  cannot: {
    register: 'a process registers itself only',
    heartbeatAll: 'a process beats for itself only',
    watch: 'nobody is told: ask again',
  },
  redis: true,
  tells: false,
  start: (options) => startRedis(options),
  async open(url, { space }) {
    const own = instance();
    const name = space.replaceAll('-', '');
    await own.init(configOf(url, name, 0));
    own.on('log', () => undefined);
    const announced: Hydra[] = [];
    /** It beats without telling when it has: whatever comes back on its connection after that does. */
    const answered = () => new Promise<void>((resolve) => own.redisdb.ping(() => resolve()));
    const beat = (n: number) => {
      own.instanceID = `${n}`.padStart(32, '0');
      own.config.serviceIP = hostOf(n);
      own._updatePresence();
      return answered();
    };
    const session: Session = {
      fades: true,
      async fill(count) {
        for (let n = 0; n < count; n += 1) await (n % 1_000 === 999 ? beat(n) : void beat(n));
        await answered();
      },
      heartbeat: beat,
      async list() {
        own.internalCache.put(`checkServicePresence:${name}`, undefined, 0);
        return (await own.getServicePresence(name)).length;
      },
      async announce(n) {
        const one = instance();
        await one.init(configOf(url, name, n));
        one.on('log', () => undefined);
        await one.registerService();
        announced.push(one);
      },
      async live() {
        const nodes = await own.getServicePresence(name).catch((error: Error) => {
          // That nobody is there, it says with an error.
          if (/unavailable/i.test(error.message)) return [];
          throw error;
        });
        return new Set(nodes.map(({ ip }) => Number(ip.split('.').at(-1))));
      },
      async close() {
        for (const one of [own, ...announced]) await one.shutdown().catch(() => undefined);
      },
    };
    return session;
  },
};

/** The package is one object for a process: each time anew. */
function instance(): Hydra {
  delete load.cache[load.resolve('hydra')];
  return load('hydra');
}

function configOf(url: string, serviceName: string, n: number): object {
  return {
    hydra: {
      serviceName,
      serviceIP: hostOf(n),
      servicePort: 8000,
      serviceType: 'bench',
      serviceDescription: 'bench',
      redis: { url: `${url}/0` },
    },
  };
}
