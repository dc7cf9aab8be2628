import { testRegistry } from '@backend-registry/core/conformance';
import { redisHarness } from '@backend-registry/redis-harness';
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());

await testRegistry(
  redisHarness({
    name: 'node-redis, standalone',
    server,
    open: (url, options) => new RedisBackendRegistry({ url, ...options }),
  }),
);
