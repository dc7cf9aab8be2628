/** What a program in another language left in Redis becomes part of the registry. */
import type { RegistryOptions } from '@backend-registry/core';
import { eventually } from '@backend-registry/redis-harness/witness';
import { startCluster, startStandalone } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { preparePython, runPython } from './python/run.ts';

const server = await startStandalone();
const open: RedisBackendRegistry[] = [];
beforeAll(preparePython, 600_000);
beforeEach(() => server.cli('FLUSHALL'));
afterAll(async () => {
  for (const registry of open) await registry.close();
  await server[Symbol.asyncDispose]();
});

function registryOf(options: RegistryOptions = {}): RedisBackendRegistry {
  const registry = new RedisBackendRegistry({ url: server.url, ...options });
  open.push(registry);
  return registry;
}

const url = 'http://api.example.com';
const fields = { health: true, in_flight_requests: 1, rif_avg_latency: 2, overall_avg_latency: 3 };

/** A row as another program leaves it. @param age of its heartbeat in seconds, or what stands there instead of one */
async function leave(key: string, document: unknown, age: number | string | null = 0, prefix = ''): Promise<void> {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  await server.cli('SET', `${prefix}backend:${key}`, text);
  if (age === null) return;
  const [seconds = 0] = (await server.cli('TIME')) as string[];
  await server.cli('SET', `${prefix}heartbeat:${key}`, typeof age === 'string' ? age : String(Number(seconds) - age));
}

const ids = (backends: readonly { id: string }[]) => backends.map(({ id }) => id);

test('rows that Python wrote are listed, beat, expire and are cleaned up like all others', async () => {
  const registry = registryOf({ heartbeatTimeoutMs: 30_000 });
  await runPython('write.py', server.port, '', 8001, 8002);
  expect(await registry.listBackends()).toEqual([]);

  const { adopted, expired, corrupt } = await registry.adoptBackends();
  expect(ids(adopted)).toEqual([`${url}:8001`, `${url}:8002`]);
  expect({ expired, corrupt }).toEqual({ expired: [], corrupt: [] });
  expect(await registry.listBackends()).toEqual(adopted);
  expect(adopted[0]).toMatchObject({
    url,
    port: 8001,
    status: 'healthy',
    inFlightRequests: 10,
    rifAvgLatency: 150.5,
    overallAvgLatency: 145.2,
    weight: 1,
    zone: null,
    metadata: {},
  });

  const [first = never(), second = never()] = adopted;
  expect(await registry.heartbeat(first)).toEqual({ status: 'renewed' });
  expect(await registry.drain(first)).toEqual({ status: 'updated' });
  expect(await registry.heartbeat({ ...second, heartbeatTimeoutMs: 1 })).toEqual({ status: 'renewed' });
  await eventually(async () => expect((await registry.getBackend(second))?.status).toBe('expired'));
  expect(ids((await registry.cleanupExpiredBackends()).removed)).toEqual([second.id]);
  expect(await server.cli('EXISTS', `backend:${second.id}`, `heartbeat:${second.id}`)).toBe(0);
  expect(await registry.unregister(first)).toEqual({ status: 'unregistered' });
  expect(await registry.adoptBackends()).toEqual({ adopted: [], expired: [], corrupt: [] });
});

test('the lease is what its heartbeat has left', async () => {
  const registry = registryOf({ heartbeatTimeoutMs: 60_000 });
  await leave(`${url}:8001`, { url, port: 8001, ...fields }, 20);
  await registry.adoptBackends();
  const { expiresInMs = 0 } = (await registry.getBackend({ url, port: 8001 })) ?? {};
  // Heartbeats of this test are whole seconds, so up to one more has gone, and on a busy machine some.
  expect(expiresInMs).toBeLessThanOrEqual(40_000);
  expect(expiresInMs).toBeGreaterThan(30_000);
});

test('a heartbeat ahead of the clock lasts one timeout', async () => {
  const registry = registryOf({ heartbeatTimeoutMs: 60_000 });
  await leave(`${url}:8001`, { url, port: 8001 }, -3_600);
  await registry.adoptBackends();
  expect((await registry.getBackend({ url, port: 8001 }))?.expiresInMs).toBeLessThanOrEqual(60_000);
});

test('expired rows are reported and left alone', async () => {
  const registry = registryOf({ heartbeatTimeoutMs: 60_000 });
  await leave(`${url}:8001`, { url, port: 8001, ...fields }, 61);
  await leave(`${url}:8002`, { url, port: 8002, ...fields }, null);
  await leave(`${url}:8003`, { url, port: 8003, ...fields }, 10);
  const { adopted, expired } = await registry.adoptBackends();
  expect(expired).toEqual([`${url}:8001`, `${url}:8002`]);
  expect(ids(adopted)).toEqual([`${url}:8003`]);
  expect(await server.cli('EXISTS', `backend:${url}:8001`, `heartbeat:${url}:8001`, `backend:${url}:8002`)).toBe(3);
});

test('rows that are no backends are reported and left alone', async () => {
  const registry = registryOf();
  const rows: [key: string, document: unknown, heartbeat?: string][] = [
    ['http://no-json:1', '{"url":'],
    ['http://list:1', [1]],
    ['http://no-address:1', fields],
    ['http://other-port:1', { url: 'http://other-port', port: 2 }],
    ['HTTP://Upper:1', { url: 'HTTP://Upper', port: 1 }],
    ['http://slash/:1', { url: 'http://slash/', port: 1 }],
    ['http://text-port:1', { url: 'http://text-port', port: '1' }],
    ['http://negative:1', { url: 'http://negative', port: 1, in_flight_requests: -1 }],
    ['http://health:1', { url: 'http://health', port: 1, health: 'yes' }],
    ['http://beat:1', { url: 'http://beat', port: 1 }, 'yesterday'],
    ['ftp://scheme:1', { url: 'ftp://scheme', port: 1 }],
  ];
  for (const [key, document, heartbeat] of rows) await leave(key, document, heartbeat);
  await server.cli('HSET', 'backend:http://hash:1', 'a', 'b');
  await server.cli('SET', 'backend:', 'x');
  const keys = ((await server.cli('KEYS', '*')) as string[]).sort();

  const { adopted, expired, corrupt } = await registry.adoptBackends();
  expect({ adopted, expired }).toEqual({ adopted: [], expired: [] });
  expect(ids(corrupt)).toEqual(['', 'http://hash:1', ...rows.map(([key]) => key)].sort());
  const reason = (id: string) => corrupt.find((row) => row.id === id)?.reason;
  expect(reason('http://no-json:1')).toBe('it is not JSON');
  expect(reason('http://hash:1')).toBe('it is not a string');
  expect(reason('http://other-port:1')).toContain('not that of its key');
  expect(reason('http://text-port:1')).toContain('port');
  expect(((await server.cli('KEYS', '*')) as string[]).sort()).toEqual(keys);
});

test('what is registered is left alone, and two calls at once adopt the same backends', async () => {
  const registry = registryOf();
  await registry.register({ url, port: 8001, zone: 'eu-1', metadata: { team: 'search' } });
  const before = await registry.listBackends();
  expect(await registry.adoptBackends()).toEqual({ adopted: [], expired: [], corrupt: [] });
  expect(await registry.listBackends()).toEqual(before);

  await leave(`${url}:8002`, { url, port: 8002, ...fields });
  await Promise.all([registry.adoptBackends(), registryOf().adoptBackends()]);
  expect(ids(await registry.listBackends())).toEqual([`${url}:8001`, `${url}:8002`]);
});

test('what another program wrote over one that is registered is taken in again, and stays the same life', async () => {
  const registry = registryOf({ heartbeatTimeoutMs: 60_000 });
  await registry.registerAll([
    { url, port: 8001, incarnation: 'first life', weight: 2 },
    { url, port: 8002 },
  ]);
  const [, untouched] = await registry.listBackends();
  const types: string[] = [];
  const watcher = registryOf();
  const following = (async () => {
    for await (const event of watcher.watch({ pollIntervalMs: 600_000 })) types.push(event.type);
  })();
  await eventually(() => expect(types).toEqual(['snapshot']));
  await leave(`${url}:8001`, { url, port: 8001, ...fields, in_flight_requests: 7 }, 20);
  // The handle that has listed it, and a fresh one that cannot read it.
  expect(await registryOf().listBackends()).toEqual([untouched]);
  for (const each of [registry, registryOf()])
    expect(ids((await each.adoptBackends({ dryRun: true })).adopted)).toEqual([`${url}:8001`]);
  const { adopted, corrupt } = await registry.adoptBackends();
  expect(adopted).toMatchObject([{ port: 8001, status: 'healthy', inFlightRequests: 7, incarnation: 'first life' }]);
  expect(corrupt).toEqual([]);
  expect(await registryOf().listBackends()).toEqual([adopted[0], untouched]);
  await eventually(() => expect(types).toHaveLength(2));
  expect((await registry.getBackend({ url, port: 8001 }))?.expiresInMs).toBeLessThanOrEqual(40_000);
  expect(await registry.heartbeat({ url, port: 8001, incarnation: 'first life' })).toEqual({ status: 'renewed' });
  expect(await registry.adoptBackends()).toEqual({ adopted: [], expired: [], corrupt: [] });

  // One whose heartbeat is too old, or whose document has gone meanwhile, is left alone.
  await leave(`${url}:8001`, { url, port: 8001, ...fields }, 61);
  expect(await registry.adoptBackends()).toEqual({ adopted: [], expired: [`${url}:8001`], corrupt: [] });
  await server.cli('DEL', `backend:${url}:8001`);
  expect(await registry.adoptBackends()).toEqual({ adopted: [], expired: [], corrupt: [] });
  await watcher.close();
  await following;
});

test('fields of ours that are there are kept', async () => {
  const registry = registryOf();
  const own = { weight: 3, zone: 'eu-1', metadata: { team: 'search' }, incarnation: 'first life' };
  await leave(`${url}:8001`, { url, port: 8001, ...fields, ...own });
  const { adopted } = await registry.adoptBackends();
  expect(adopted).toEqual([expect.objectContaining(own)]);
});

test('only what stands behind the prefix is adopted, whatever its characters mean in a pattern', async () => {
  const prefix = 'a*[b]?\\^-{c}:';
  const registry = registryOf({ keyPrefix: prefix });
  await runPython('write.py', server.port, prefix, 8001);
  await leave(`${url}:8002`, { url, port: 8002 }, 0, 'aXbY\\^-{c}:');
  await leave(`${url}:8003`, { url, port: 8003 });
  expect(ids((await registry.adoptBackends()).adopted)).toEqual([`${url}:8001`]);
});

test("a prefix of the caller's client stands before all of it", async () => {
  const client = new Redis(server.url, { keyPrefix: 'app*:' });
  await using registry = new RedisBackendRegistry({ client, keyPrefix: 'shop:' });
  await leave(`${url}:8001`, { url, port: 8001 }, 0, 'app*:shop:');
  await leave(`${url}:8002`, { url, port: 8002 }, 0, 'shop:');
  expect(ids((await registry.adoptBackends()).adopted)).toEqual([`${url}:8001`]);
  expect(ids(await registry.listBackends())).toEqual([`${url}:8001`]);
  client.disconnect();
});

test('thousands of rows are found among other keys', async () => {
  const registry = registryOf();
  await server.cli('EVAL', 'for n = 1, 20000 do redis.call("SET", "foreign:" .. n, n) end', 0);
  const ports = Array.from({ length: 2_500 }, (_, n) => 10_000 + n);
  await runPython('write.py', server.port, '', ...ports);
  expect((await registry.adoptBackends()).adopted).toHaveLength(2_500);
  expect(await registry.listBackends()).toHaveLength(2_500);
}, 30_000);

test('a signal ends it', async () => {
  const registry = registryOf();
  const reason = new Error('enough');
  await expect(registry.adoptBackends({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('on a Cluster, every node is looked at', async () => {
  await using cluster = await startCluster();
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  // Tags whose slots are on different nodes.
  const prefixes = ['{a}:', '{b}:', '{c}:', '{d}:'];
  expect(new Set(await Promise.all(prefixes.map((prefix) => cluster.masterOf(prefix)))).size).toBeGreaterThan(1);
  for (const keyPrefix of prefixes) {
    await using registry = new RedisBackendRegistry({ cluster: nodes, keyPrefix });
    const master = await cluster.masterOf(keyPrefix);
    // More than one step for each node.
    await master.cli('EVAL', 'for n = 1, 3000 do redis.call("SET", KEYS[1] .. n, n) end', 1, `${keyPrefix}foreign:`);
    const [seconds = ''] = (await master.cli('TIME')) as string[];
    await master.cli('SET', `${keyPrefix}backend:${url}:8001`, JSON.stringify({ url, port: 8001, ...fields }));
    await master.cli('SET', `${keyPrefix}heartbeat:${url}:8001`, seconds);
    expect(ids((await registry.adoptBackends()).adopted)).toEqual([`${url}:8001`]);
    expect(ids(await registry.listBackends())).toEqual([`${url}:8001`]);
  }
}, 120_000);

function never(): never {
  throw new Error('There is none');
}

test('whoever registers while rows are adopted is left alone', async () => {
  const registry = registryOf();
  const backends = Array.from({ length: 400 }, (_, n) => ({ url, port: 8_001 + n }));
  for (const { port } of backends) await leave(`${url}:${port}`, { url, port, ...fields });
  const other = registryOf();
  const [{ adopted }] = await Promise.all([
    registry.adoptBackends(),
    Promise.all(backends.map((backend) => other.register({ ...backend, incarnation: 'itself', weight: 2 }))),
  ]);
  const listed = await registry.listBackends();
  expect(listed.map(({ incarnation, weight }) => ({ incarnation, weight }))).toEqual(
    backends.map(() => ({ incarnation: 'itself', weight: 2 })),
  );
  for (const { incarnation } of adopted) expect(incarnation).not.toBe('itself');
});
