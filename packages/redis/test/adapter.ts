import type { Adapter } from '@backend-registry/redis-harness/adapter';
import { createClient } from 'redis';
import { type NodeRedisClient, RedisBackendRegistry, type RedisBackendRegistryOptions } from '../src/index.ts';

export const adapter: Adapter = {
  name: 'node-redis',
  module: { RedisBackendRegistry },
  open: ({ ca, ...options }) =>
    new RedisBackendRegistry({
      ...options,
      ...(ca === undefined ? {} : { socket: { tls: true, ca } }),
    } as RedisBackendRegistryOptions),
  over: (client, options) => new RedisBackendRegistry({ ...options, client: client as NodeRedisClient }),
  create: (options) => new RedisBackendRegistry(options as RedisBackendRegistryOptions),
  async connect(url, options = {}) {
    const client = createClient({ ...options, url });
    await client.connect();
    return { client, ping: () => client.ping(), end: () => client.close() };
  },
};
