import { heedTrouble, type RedisDriver } from '@backend-registry/core/redis';
import type { IORedisClient, IORedisSubscriber } from './client.ts';
import { hearEveryError } from './errors.ts';
import { scan } from './scan.ts';

/** The port to one client of the caller's. */
export function ioredisDriver(client: IORedisClient): RedisDriver {
  return {
    evalsha: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
    eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
    mget: (keys) => client.mget(...keys),
    oneServer: isOneServer(client),
    scan: (cursor, pattern, count) => scan(client, cursor, pattern, count),
    async subscribe(channel, onMessage, onReady) {
      const subscriber = client.duplicate();
      // It is listened to again below, where a refusal is heard. What ioredis does by itself is nobody's when it is refused or its connection ends, and would end the process.
      const { options } = subscriber as { readonly options?: { autoResubscribe?: boolean } };
      if (options !== undefined) options.autoResubscribe = false;
      hearEveryError(subscriber);
      // A lost connection is nothing to crash for: it comes back, and then everything is looked at.
      subscriber.on('error', () => undefined);
      subscriber.on('message', (_channel: string, message: string) => onMessage(message));
      const listen = () => subscriber.subscribe(channel).then(onReady, () => undefined);
      subscriber.on('ready', listen);
      void listen();
      return async () => subscriber.disconnect();
    },
    close: () => Promise.resolve(),
  };
}

/** Not a Cluster, which may read from replicas; nor what Sentinel leads to a replica, and after a lost connection to another one. */
function isOneServer({ isCluster, options }: IORedisClient): boolean {
  const { role } = (options ?? {}) as { readonly role?: string };
  return isCluster === false && role !== 'slave';
}

/** The port to a client of our own: what it tells of its connection is remembered, and it ends with the registry. */
export function ownedDriver(client: IORedisClient & IORedisSubscriber): RedisDriver {
  const trouble = heedTrouble(client);
  return {
    ...ioredisDriver(client),
    trouble,
    async close() {
      client.disconnect();
    },
  };
}
