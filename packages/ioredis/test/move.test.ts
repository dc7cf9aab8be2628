import { MemoryBackendRegistry } from '@backend-registry/core';
import { restoreBackends, storedBackends } from '@backend-registry/core/move';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { testMove } from '@backend-registry/redis-harness/move';
import { startCluster, startStandalone } from '@backend-registry/redis-server';
import { afterAll, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const server = await startStandalone();
const proxy = await startFaultProxy(server);
const cluster = await startCluster();
const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

testMove({
  name: 'ioredis',
  open: (options) => new RedisBackendRegistry({ ...options, url: proxy.url }),
  raw: (_, ...command) => server.cli(...command),
  loseReply: () =>
    proxy.loseReplyOnce((request) => request.includes('registry:copies') && request.includes('backend:')),
  lost: () => proxy.lostReplies,
});

test('on a Cluster, everything is carried from one prefix to another', async () => {
  await using from = new RedisBackendRegistry({ cluster: nodes, keyPrefix: '{a}:' });
  await using to = new RedisBackendRegistry({ cluster: nodes, keyPrefix: '{b}:' });
  expect(await cluster.masterOf('{a}:')).not.toBe(await cluster.masterOf('{b}:'));
  await from.registerAll(Array.from({ length: 700 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n, weight: n })));
  let restored = 0;
  for await (const { backends, ageMs } of storedBackends(from)) {
    for (const { status } of await restoreBackends(to, backends, { ageMs })) restored += status === 'restored' ? 1 : 0;
  }
  expect(restored).toBe(700);
  const told = async (registry: RedisBackendRegistry) =>
    (await registry.listBackends()).map(({ version: _, ...backend }) => backend);
  expect(await told(to)).toEqual(await told(from));
});

test('a registry that is not in Redis is refused', async () => {
  await using registry = new MemoryBackendRegistry();
  await expect(storedBackends(registry).next()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});
