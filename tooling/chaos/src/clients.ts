import type { BackendRegistry } from '@backend-registry/core';
import { RedisBackendRegistry as IORedisRegistry } from '@backend-registry/ioredis';
import { RedisBackendRegistry as NodeRedisRegistry } from '@backend-registry/redis';

/** How to open a handle with a client of its own. */
export const clients: Readonly<Record<string, (options: object) => BackendRegistry>> = {
  ioredis: (options) => new IORedisRegistry(options),
  'node-redis': (options) => new NodeRedisRegistry(options),
};
