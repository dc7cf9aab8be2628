/** A client that reads from a replica, as `scaleReads` of a Cluster makes one do: a replica may lag, a reader may not. */
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { startStandalone } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { type IORedisClient, RedisBackendRegistry } from '../src/index.ts';

test('a replica that lags takes no reader back in time', async () => {
  await using master = await startStandalone({ args: ['--repl-diskless-sync-delay', '0'] });
  await using proxy = await startFaultProxy(master);
  await using replica = await startStandalone({ args: ['--replicaof', '127.0.0.1', String(proxy.port)] });
  const primary = new Redis(master.url);
  const reading = new Redis(replica.url);
  const client: IORedisClient = {
    evalsha: (...call) => primary.evalsha(...call),
    eval: (...call) => primary.eval(...call),
    mget: (...keys) => reading.mget(...keys),
    duplicate: () => primary.duplicate(),
  };
  /** As if Sentinel had led it to a replica. */
  const led: IORedisClient = { ...client, isCluster: false, options: { role: 'slave' } };
  await using writer = new RedisBackendRegistry({ url: master.url });
  await using reader = new RedisBackendRegistry({ client });
  const backends = Array.from({ length: 50 }, (_, n) => ({ url: 'http://10.0.0.1', port: 8_001 + n }));
  await writer.registerAll(backends);
  await vi.waitFor(async () => expect(await reading.dbsize()).toBe(await primary.dbsize()), { timeout: 20_000 });
  expect(await reader.listBackends()).toEqual(await writer.listBackends());

  proxy.freeze();
  // One by one, all at once, and new ones: each is read in another way.
  for (const change of [
    () => writer.drain(backends[0] ?? never()),
    () => Promise.all(backends.map((backend) => writer.updateBackendMetrics(backend, { inFlightRequests: 7 }))),
    () => writer.register({ url: 'http://10.0.0.2', port: 8_001 }),
    () => writer.unregister(backends[1] ?? never()),
  ]) {
    await change();
    expect(await reader.listBackends()).toEqual(await writer.listBackends());
    for (const first of [client, led]) {
      await using newcomer = new RedisBackendRegistry({ client: first });
      expect(await newcomer.listBackends()).toEqual(await writer.listBackends());
    }
  }
  expect(await reading.mget('backend:http://10.0.0.2:8001')).toEqual([null]);
  proxy.thaw();
  primary.disconnect();
  reading.disconnect();
});

function never(): never {
  throw new Error('there is no such backend');
}
