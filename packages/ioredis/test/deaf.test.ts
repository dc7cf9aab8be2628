/** A connection that listens, lives, and brings nothing: a network has swallowed it without a word. */
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { eventually } from '@backend-registry/redis-harness/witness';
import { startStandalone } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { type IORedisClient, RedisBackendRegistry } from '../src/index.ts';

test('it is made anew, and until then the poll finds what it swallowed', async () => {
  await using server = await startStandalone();
  await using swallowing = await startFaultProxy(server);
  const direct = new Redis(server.url);
  const urls = [swallowing.url, server.url];
  const client: IORedisClient = {
    evalsha: (...call) => direct.evalsha(...call),
    eval: (...call) => direct.eval(...call),
    mget: (...keys) => direct.mget(...keys),
    duplicate: () => new Redis(urls.shift() ?? server.url),
  };
  await using writer = new RedisBackendRegistry({ url: server.url });
  await using reader = new RedisBackendRegistry({ client });
  const backend = { url: 'http://10.0.0.1', port: 8001 };
  await writer.register(backend);
  let seen: boolean | undefined;
  const left = new AbortController();
  const watching = (async () => {
    for await (const event of reader.watch({ pollIntervalMs: 200, signal: left.signal })) {
      if (event.type === 'updated') seen = event.backend.health;
    }
  })();
  const listeners = async () => (await direct.pubsub('NUMSUB', 'registry:changes'))[1];
  await eventually(async () => expect(await listeners()).toBe(1));
  swallowing.freeze();
  for (let turn = 0; urls.length > 0 && turn < 100; turn += 1) {
    const health = turn % 2 === 0;
    if ((await writer.updateBackendHealth(backend, health)).status === 'updated') {
      await eventually(() => expect(seen).toBe(health));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(urls).toEqual([]);
  await eventually(async () => expect(await listeners()).toBeGreaterThanOrEqual(1));
  left.abort();
  await watching;
  direct.disconnect();
}, 60_000);
