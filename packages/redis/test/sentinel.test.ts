import { testRegistry } from '@backend-registry/core/conformance';
import { groupHarness, keepsItsFleet } from '@backend-registry/redis-harness/group';
import { startSentinel } from '@backend-registry/redis-server';
import { afterAll, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const group = await startSentinel();
afterAll(() => group[Symbol.asyncDispose]());
const sentinel = { name: group.name, nodes: group.sentinels.map(({ host, port }) => ({ host, port })) };

await testRegistry(
  groupHarness({
    name: 'node-redis, Sentinel',
    masterOf: () => group.master(),
    open: (options) => new RedisBackendRegistry({ sentinel, ...options }),
  }),
);

test('the option db counts', async () => {
  await using registry = new RedisBackendRegistry({ sentinel, db: 3 });
  await registry.register({ url: 'http://10.0.0.1', port: 8001 });
  const master = await group.master();
  expect(await master.cli('INFO', 'keyspace')).toContain('db3:');
});

test('a failover of Sentinel loses no backend, and no view is ever empty', async () => {
  const open = () => new RedisBackendRegistry({ sentinel, keyPrefix: 'failover:' });
  await keepsItsFleet(open, () => group.failover());
}, 60_000);
