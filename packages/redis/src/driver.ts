import { heedTrouble, type RedisDriver } from '@backend-registry/core/redis';
import { duplicatorOf, end, type NodeRedisClient, type NodeRedisSubscriber } from './client.ts';
import { scan } from './scan.ts';

/** The port to one client of the caller's. */
export function nodeRedisDriver(client: NodeRedisClient): RedisDriver {
  const duplicate = duplicatorOf(client);
  const driver: RedisDriver = {
    evalsha: (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] }),
    eval: (source, keys, args) => client.eval(source, { keys: [...keys], arguments: [...args] }),
    mget: async (keys) => (await client.mGet([...keys])) as (string | null)[],
    scan: (cursor, pattern, count) => scan(client, cursor, pattern, count),
    close: () => Promise.resolve(),
  };
  if (duplicate === undefined) return driver;
  return {
    ...driver,
    async subscribe(channel, onMessage, onReady) {
      const subscriber = duplicate();
      // Without a listener of its errors, a lost connection would end the process.
      subscriber.on('error', () => undefined);
      // The client subscribes again before it says that it is ready.
      subscriber.on('ready', onReady);
      subscriber
        .connect()
        .then(() => subscriber.subscribe(channel, onMessage))
        .then(onReady, () => undefined);
      return () => end(subscriber);
    },
  };
}

export interface OwnedClient
  extends NodeRedisClient,
    Pick<NodeRedisSubscriber, 'connect' | 'on' | 'destroy' | 'disconnect'> {}

/**
 * The port to a client of our own, which begins to connect now: calls made meanwhile wait for it within their deadline. What it tells of its
 * connection is remembered, and it ends with the registry.
 */
export function ownedDriver(client: OwnedClient): RedisDriver {
  const trouble = heedTrouble(client);
  client.connect().catch(() => undefined);
  return { ...nodeRedisDriver(client), trouble, close: () => end(client) };
}
