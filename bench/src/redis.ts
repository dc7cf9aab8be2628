/** The Redis adapters, against the same client doing the least that the same job needs. */
import type { Backend, BackendRegistration, BackendRegistry } from '@backend-registry/core';
import { RedisBackendRegistry as IORedisRegistry } from '@backend-registry/ioredis';
import { RedisBackendRegistry as NodeRedisRegistry } from '@backend-registry/redis';
import type { RedisServer } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { Row } from './measure.ts';

/** One client library: its raw commands, and our registry over a client made in the same way. */
interface Library {
  readonly name: string;
  readonly registry: BackendRegistry;
  set(key: string, value: string): Promise<unknown>;
  mset(pairs: readonly string[]): Promise<unknown>;
  mget(keys: readonly string[]): Promise<readonly (string | null)[]>;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

const FLEET = 1_000;
const IN_FLIGHT = 64;

async function ioredis(server: RedisServer): Promise<Library> {
  const client = new Redis(server.url);
  const registry = new IORedisRegistry({ client: new Redis(server.url), keyPrefix: 'ioredis:' });
  return {
    name: 'ioredis',
    registry,
    set: (key, value) => client.set(key, value),
    mset: (pairs) => client.mset(...pairs),
    mget: (keys) => client.mget(...keys),
    ping: () => client.ping(),
    async close() {
      await registry.close();
      client.disconnect();
    },
  };
}

async function nodeRedis(server: RedisServer): Promise<Library> {
  const client = createClient({ url: server.url });
  const own = createClient({ url: server.url });
  for (const each of [client, own]) {
    each.on('error', () => undefined);
    await each.connect();
  }
  const registry = new NodeRedisRegistry({ client: own, keyPrefix: 'node-redis:' });
  return {
    name: 'node-redis',
    registry,
    set: (key, value) => client.set(key, value),
    mset: (pairs) => client.mSet([...pairs]),
    mget: (keys) => client.mGet([...keys]),
    ping: () => client.ping(),
    async close() {
      await registry.close();
      client.destroy();
      own.destroy();
    },
  };
}

function addresses(count: number): BackendRegistration[] {
  return Array.from({ length: count }, (_, n) => ({ url: `http://10.0.${n >> 8}.${n & 255}`, port: 8000 }));
}

/** Does something with each, so many at a time. */
async function inFlight<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < items.length) await act(items[next++] as T);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

async function rowsOf(library: Library): Promise<Row[]> {
  const { name, registry } = library;
  const backends = addresses(FLEET);
  await registry.registerAll(backends);
  const listed = await registry.listBackends();
  const document = JSON.stringify(listed[0]);
  const keys = listed.map(({ id }) => `raw:${name}:${id}`);
  await library.mset(keys.flatMap((key) => [key, document]));
  const beats = keys.flatMap((key) => [`${key}:beat`, '1694234567.123456']);
  let weight = 1;
  let requests = 0;
  return [
    {
      name: `${name}: heartbeat, ${IN_FLIGHT} in flight`,
      operations: FLEET,
      targetRatio: 0.6,
      limitIs: 'SET of a time',
      ours: { run: () => inFlight(backends, (backend) => registry.heartbeat(backend)) },
      limit: { run: () => inFlight(keys, (key) => library.set(`${key}:beat`, '1694234567.123456')) },
    },
    {
      name: `${name}: heartbeatAll of 1,000, heartbeats`,
      operations: FLEET,
      targetRatio: 0.35,
      limitIs: 'MSET of as many times',
      ours: { run: () => registry.heartbeatAll(backends) },
      limit: { run: () => library.mset(beats) },
    },
    {
      name: `${name}: register, ${IN_FLIGHT} in flight`,
      operations: FLEET,
      targetRatio: 0.6,
      limitIs: 'SET of the document',
      ours: {
        prepare: () => {
          weight += 1;
        },
        run: () => inFlight(backends, (backend) => registry.register({ ...backend, weight })),
      },
      limit: { run: () => inFlight(keys, (key) => library.set(key, document)) },
    },
    {
      name: `${name}: listBackends of 1,000, nothing changed`,
      operations: 1,
      targetRatio: 0.5,
      limitIs: 'PING, and copying an array of 1,000',
      ours: { run: () => registry.listBackends() },
      limit: {
        async run() {
          await library.ping();
          return listed.slice();
        },
      },
    },
    {
      name: `${name}: listBackends of 1,000, all changed`,
      operations: 1,
      targetRatio: 0.625,
      limitIs: 'MGET and JSON.parse of as many documents',
      everyRun: async () => {
        requests += 1;
        await inFlight(backends, (backend) => registry.updateBackendMetrics(backend, { inFlightRequests: requests }));
      },
      ours: { run: () => registry.listBackends() },
      limit: {
        async run() {
          return (await library.mget(keys)).map((text): Backend => JSON.parse(text ?? ''));
        },
      },
    },
    {
      name: `${name}: one backend, ${IN_FLIGHT} writers of metrics`,
      operations: FLEET,
      limitIs: 'SET of the document',
      ours: {
        run: () =>
          inFlight(keys, () => {
            requests += 1;
            return registry.updateBackendMetrics(backends[0] as BackendRegistration, { inFlightRequests: requests });
          }),
      },
      limit: { run: () => inFlight(keys, () => library.set(keys[0] as string, document)) },
    },
  ];
}

/** Every row over both libraries, on one server; and how to end them. */
export async function redisRows(server: RedisServer): Promise<{ readonly rows: Row[]; close(): Promise<void> }> {
  const libraries = [await ioredis(server), await nodeRedis(server)];
  const rows = (await Promise.all(libraries.map(rowsOf))).flat();
  return {
    rows,
    async close() {
      for (const library of libraries) await library.close();
    },
  };
}
