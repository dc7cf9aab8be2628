import type { RedisDriver } from '@backend-registry/core/redis';
import type { IORedisClient } from './client.ts';

/** The port to one client. @param end frees the client where it is ours */
export function ioredisDriver(client: IORedisClient, end: () => void): RedisDriver {
  return {
    evalsha: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
    eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
    mget: (keys) => client.mget(...keys),
    async subscribe(channel, onMessage, onReady) {
      const subscriber = client.duplicate();
      // A lost connection is nothing to crash for: it comes back, and then everything is looked at.
      subscriber.on('error', () => undefined);
      subscriber.on('message', onMessage);
      const listen = () => subscriber.subscribe(channel).then(onReady, () => undefined);
      subscriber.on('ready', listen);
      void listen();
      return async () => subscriber.disconnect();
    },
    async close() {
      end();
    },
  };
}
