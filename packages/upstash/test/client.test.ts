import { testSuite } from '@backend-registry/redis-harness/suite';
import { upstashHarness } from '@backend-registry/redis-harness/upstash';
import { startStandalone } from '@backend-registry/redis-server';
import { Redis } from '@upstash/redis';
import { afterAll } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());

await testSuite(
  upstashHarness({
    name: 'Upstash, over the client as it comes',
    server,
    open: (endpoint, options) => new RedisBackendRegistry({ ...options, client: new Redis(endpoint) }),
  }),
);
