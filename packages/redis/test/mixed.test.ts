import { RedisBackendRegistry as ThroughIORedis } from '@backend-registry/ioredis';
import { testMixed } from '@backend-registry/redis-harness/mixed';
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll } from 'vitest';
import { RedisBackendRegistry as ThroughNodeRedis } from '../src/index.ts';

const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());

testMixed({
  ioredis: (keyPrefix) => new ThroughIORedis({ url: server.url, keyPrefix }),
  'node-redis': (keyPrefix) => new ThroughNodeRedis({ url: server.url, keyPrefix }),
});
