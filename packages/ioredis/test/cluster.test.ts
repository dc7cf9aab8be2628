import { testRegistry } from '@backend-registry/core/conformance';
import { groupHarness, keepsItsFleet, tagged } from '@backend-registry/redis-harness/group';
import { startCluster } from '@backend-registry/redis-server';
import { afterAll, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const group = await startCluster();
afterAll(() => group[Symbol.asyncDispose]());
const cluster = group.nodes.map(({ host, port }) => ({ host, port }));
const open = () => new RedisBackendRegistry({ cluster });
/** Of the prefix that a Cluster has by default. */
const KEY = '{backend-registry}:registry:meta';

await testRegistry(
  groupHarness({
    name: 'ioredis, Cluster',
    masterOf: (key) => group.masterOf(key),
    open: (options) => new RedisBackendRegistry({ cluster, ...options }),
    prefixed: tagged,
  }),
);

test('a prefix without a hash tag is refused, and the message has one that fits', () => {
  expect(() => new RedisBackendRegistry({ cluster, keyPrefix: 'shop:' })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining('"{shop}:"') }),
  );
});

test('a slot that moves to another master under load loses no backend', async () => {
  await keepsItsFleet(open, async () => {
    const from = await group.masterOf(KEY);
    const others = await Promise.all([0, 8_000, 16_000].map((slot) => group.masterOf(slot)));
    const to = others.find(({ port }) => port !== from.port);
    if (to === undefined) throw new Error('there is one master only');
    await group.moveSlot(KEY, to, { keysPerStep: 1 });
  });
}, 60_000);

test('a failover of a master loses no backend, and no view is ever empty', async () => {
  await keepsItsFleet(open, () => group.failover(KEY));
}, 60_000);
