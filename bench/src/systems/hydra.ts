/** `hydra`: one service a process, its presence a key that lasts three seconds. */
import { createRequire } from 'node:module';
import { startRedis } from '../servers/redis.ts';
import { hostOf, numberOf, type Session, type System } from './system.ts';

type Callback = (error: unknown, replies: readonly unknown[]) => void;

interface Batch {
  exec(callback?: Callback): unknown;
}

interface Hydra {
  instanceID: string;
  readonly config: { serviceIP: string };
  readonly redisdb: { batch(): Batch };
  readonly internalCache: { put(key: string, value: unknown, ttl: number): void };
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
  about: `hydra ${load('hydra/package.json').version} with its own node-redis 2.8; a presence lasts 3 s, whatever is asked for; a list is kept for 3 s, and is measured without that; a heartbeat ends with the answer to what it sends, which hydra does not wait for`,
  cannot: {
    register: 'a process registers itself only',
    heartbeatAll: 'a process beats for itself only',
    update: 'a process is alive or not: no more is told',
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
    const acknowledged = acknowledging(own);
    const beat = (n: number) => {
      own.instanceID = `${n}`.padStart(32, '0');
      own.config.serviceIP = hostOf(n);
      return acknowledged(() => own._updatePresence());
    };
    /** Asks the server, whatever was asked in the last 3 s. */
    const present = () => {
      own.internalCache.put(`checkServicePresence:${name}`, undefined, 0);
      return own.getServicePresence(name);
    };
    const session: Session = {
      fades: true,
      async fill(count) {
        for (let first = 0; first < count; first += 1_000)
          await Promise.all(Array.from({ length: Math.min(1_000, count - first) }, (_, n) => beat(first + n)));
      },
      heartbeat: beat,
      list: async () => (await present()).length,
      async announce(n) {
        const one = instance();
        await one.init(configOf(url, name, n));
        one.on('log', () => undefined);
        await one.registerService();
        announced.push(one);
      },
      async live() {
        const nodes = await present().catch((error: Error) => {
          // That nobody is there, it says with an error.
          if (/unavailable/i.test(error.message)) return [];
          throw error;
        });
        return new Set(nodes.map(({ ip }) => numberOf({ url: `http://${ip}` })));
      },
      async close() {
        for (const one of [own, ...announced]) await one.shutdown().catch(() => undefined);
      },
    };
    return session;
  },
};

/** It beats without telling when it has: the batch of commands that it sends is given a callback, which hydra leaves out. */
function acknowledging({ redisdb }: Hydra): (beat: () => void) => Promise<unknown> {
  const batch = redisdb.batch.bind(redisdb);
  let callback: Callback | undefined;
  redisdb.batch = () => {
    const made = batch();
    const exec = made.exec.bind(made);
    made.exec = () => exec(callback);
    return made;
  };
  return (beat) =>
    new Promise((resolve, reject) => {
      callback = (_, replies) => {
        const failed = replies.find((reply) => reply instanceof Error);
        if (failed === undefined) resolve(replies);
        else reject(failed);
      };
      beat();
      callback = undefined;
    });
}

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
