import type { RedisDriver } from '@backend-registry/core/redis';
import { duplicatorOf, end, type NodeRedisClient } from './client.ts';

/** The port to one client. @param close frees the client where it is ours */
export function nodeRedisDriver(client: NodeRedisClient, close: () => Promise<void>): RedisDriver {
  const duplicate = duplicatorOf(client);
  const driver: RedisDriver = {
    evalsha: (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] }),
    eval: (source, keys, args) => client.eval(source, { keys: [...keys], arguments: [...args] }),
    mget: async (keys) => (await client.mGet([...keys])) as (string | null)[],
    close,
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
