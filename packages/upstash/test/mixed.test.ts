import { RedisBackendRegistry as ThroughIORedis } from '@backend-registry/ioredis';
import { testMixed } from '@backend-registry/redis-harness/mixed';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from '@upstash/redis';
import { afterAll } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const bridge = await startUpstashRest();
afterAll(() => bridge[Symbol.asyncDispose]());
const { url, token } = bridge;
const ioredis = (keyPrefix: string) => new ThroughIORedis({ url: bridge.redisUrl, keyPrefix });

testMixed({ ioredis, 'Upstash by url': (keyPrefix) => new RedisBackendRegistry({ url, token, keyPrefix }) });
testMixed({
  ioredis,
  'Upstash over a client': (keyPrefix) => new RedisBackendRegistry({ client: new Redis({ url, token }), keyPrefix }),
});
