import { testRegistry } from '@backend-registry/core/conformance';
import { groupHarness, keepsItsFleet } from '@backend-registry/redis-harness/group';
import { startSentinel } from '@backend-registry/redis-server';
import { afterAll, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const group = await startSentinel();
afterAll(() => group[Symbol.asyncDispose]());
const sentinel = { name: group.name, nodes: group.sentinels.map(({ host, port }) => ({ host, port })) };

await testRegistry(
  groupHarness({
    name: 'ioredis, Sentinel',
    masterOf: () => group.master(),
    open: (options) => new RedisBackendRegistry({ sentinel, ...options }),
  }),
);

test('a failover of Sentinel loses no backend, and no view is ever empty', async () => {
  const open = () => new RedisBackendRegistry({ sentinel, keyPrefix: 'failover:' });
  await keepsItsFleet(open, () => group.failover());
}, 60_000);
