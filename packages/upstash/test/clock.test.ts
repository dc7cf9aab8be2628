/** A database that refuses TIME, and PUBLISH, to scripts: the clock of the client takes the place of its own, and the registry says so. */
import { testSuite } from '@backend-registry/redis-harness/suite';
import { upstashHarness } from '@backend-registry/redis-harness/upstash';
import { startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { afterAll, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());
const refusedInScripts = ['time', 'publish'];

test('it is found out with the first call, once, and declared', async () => {
  await using bridge = await startUpstashRest({ redis: server.url, refusedInScripts });
  const { url, token, counts } = bridge;
  await using registry = new RedisBackendRegistry({ url, token, keyPrefix: 'first:' });
  expect(registry.capabilities.clock).toBe('store');
  await registry.register({ url: 'http://10.0.0.1', port: 8001 });
  expect(registry.capabilities.clock).toBe('client');
  const { requests } = counts;
  await registry.heartbeat({ url: 'http://10.0.0.1', port: 8001 });
  expect(counts.requests).toBe(requests + 1);
  expect(await registry.listBackends()).toMatchObject([{ status: 'healthy' }]);
});

/** What depends on time. */
await testSuite(
  upstashHarness({
    name: 'Upstash, TIME and PUBLISH refused',
    server,
    open: (endpoint, options) => new RedisBackendRegistry({ ...endpoint, ...options }),
    bridge: { refusedInScripts },
  }),
  (name) => /^(leases|registration|cleanup): /.test(name),
);
