/** A database that refuses TIME, and PUBLISH, to scripts: the clock of the client takes the place of its own, and the registry says so. */
import type { BackendAddress } from '@backend-registry/core';
import { testSuite } from '@backend-registry/redis-harness/suite';
import { upstashHarness } from '@backend-registry/redis-harness/upstash';
import { startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { afterAll, expect, test, vi } from 'vitest';
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

test('a clock that goes back brings back whose lease has not ended any more, also where as many have expired as before', async () => {
  await using bridge = await startUpstashRest({ redis: server.url, refusedInScripts });
  const { url, token } = bridge;
  const opened = () => new RedisBackendRegistry({ url, token, keyPrefix: 'back:', subscribe: false });
  await using reader = opened();
  await using writer = opened();
  const statuses = async (registry: RedisBackendRegistry) =>
    (await registry.listBackends()).map(({ status }) => status);
  const [first, second] = [8001, 8002].map((port) => ({ url: 'http://10.0.0.1', port })) as [
    BackendAddress,
    BackendAddress,
  ];
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now });
  try {
    await writer.register({ ...first, heartbeatTimeoutMs: 1_000 });
    await writer.register(second);
    vi.setSystemTime(now + 5_000);
    expect(await statuses(reader)).toEqual(['expired', 'healthy']);
    vi.setSystemTime(now - 3_600_000);
    await writer.heartbeat({ ...second, heartbeatTimeoutMs: 100 });
    vi.setSystemTime(now - 3_599_000);
    expect(await statuses(reader)).toEqual(['healthy', 'expired']);
    expect(await statuses(writer)).toEqual(['healthy', 'expired']);
  } finally {
    vi.useRealTimers();
  }
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
