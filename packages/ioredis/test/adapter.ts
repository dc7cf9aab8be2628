import { once } from 'node:events';
import type { Adapter } from '@backend-registry/redis-harness/adapter';
import { Redis } from 'ioredis';
import { type IORedisClient, RedisBackendRegistry, type RedisBackendRegistryOptions } from '../src/index.ts';

export const adapter: Adapter = {
  name: 'ioredis',
  module: { RedisBackendRegistry },
  open: ({ ca, ...options }) =>
    new RedisBackendRegistry({
      ...options,
      ...(ca === undefined ? {} : { tls: { ca } }),
    } as RedisBackendRegistryOptions),
  over: (client, options) => new RedisBackendRegistry({ ...options, client: client as IORedisClient }),
  create: (options) => new RedisBackendRegistry(options as RedisBackendRegistryOptions),
  async connect(url, options = {}) {
    const client = new Redis(url, options);
    await once(client, 'ready');
    return { client, ping: () => client.ping(), end: () => client.quit() };
  },
};
