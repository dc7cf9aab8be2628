/** The rules of `docs/redis-layout.md` are enough for what they are for. */
import { announce, type BackendRegistry, RegistryError, startCleanup } from '@backend-registry/core';
import { restoreBackends, type StoredBackend } from '@backend-registry/core/move';
import { eventually } from '@backend-registry/redis-harness/witness';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { describe, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { linesUnder } from './page.ts';

const backend = { url: 'http://10.0.0.1', port: 8001 };
const rules = linesUnder('Rights').map((line) => line.split(' '));

/** What each user does, with a registry of its own and another one of somebody who may do everything. */
const duties: Record<string, (registry: BackendRegistry, all: BackendRegistry) => Promise<void>> = {
  async backend(registry) {
    const announcement = announce(registry, backend, { heartbeatIntervalMs: 20 });
    await announcement.ready;
    await announcement.update({ weight: 2 });
    await registry.heartbeat(backend);
    await registry.updateBackendHealth(backend, false);
    await registry.updateBackendMetrics(backend, { inFlightRequests: 1 });
    await registry.drain(backend);
    await registry.getBackend(backend);
    await announcement.close({ deadlineMs: 0 });
    await registry.register(backend);
    expect(await registry.unregister(backend)).toEqual({ status: 'unregistered' });
  },
  async proxy(registry, all) {
    const types: string[] = [];
    const following = (async () => {
      for await (const event of registry.watch({ pollIntervalMs: 20 })) types.push(event.type);
    })();
    await eventually(() => expect(types).toEqual(['snapshot']));
    await all.register(backend);
    await eventually(() => expect(types).toContain('registered'));
    await all.unregister(backend);
    await eventually(() => expect(types).toContain('removed'));
    expect(await registry.listBackends()).toEqual([]);
    expect(await registry.getBackend(backend)).toBe(null);
    await registry.close();
    await following;
  },
  async cleaner(registry, all) {
    await all.register({ ...backend, heartbeatTimeoutMs: 1 });
    await eventually(async () => expect((await all.getBackend(backend))?.status).toBe('expired'));
    expect((await registry.cleanupExpiredBackends()).removed).toMatchObject([backend]);
    await all.register(backend);
    expect(await registry.listBackends()).toHaveLength(1);
    await using cleanup = startCleanup(registry);
    await cleanup.ready;
  },
};

async function withUser(server: RedisServer, rule: readonly string[], db: number): Promise<void> {
  const [, , name = ''] = rule;
  await server.cli(rule[0] ?? '', ...rule.slice(1));
  await using all = new RedisBackendRegistry({ url: server.url, db });
  await using registry = new RedisBackendRegistry({ url: server.url, username: name, password: 'secret', db });
  await duties[name]?.(registry, all);
  expect((await denied(server)).filter((command) => !command.startsWith('client'))).toEqual([]);
}

/** What the ACL has refused; a client that may not say what it is called goes on without. */
async function denied(server: RedisServer): Promise<string[]> {
  const log = (await server.cli('ACL', 'LOG')) as string[][];
  return log.map((entry) => entry[entry.indexOf('object') + 1] ?? '');
}

describe('the rules of the page', () => {
  test('are those of each duty', () => {
    expect(rules.map(([, , name]) => name)).toEqual(Object.keys(duties));
  });

  for (const rule of rules) {
    test(`are enough for a ${rule[2]}, in any database`, async () => {
      await using server = await startStandalone();
      await withUser(server, rule, 0);
      await withUser(server, rule, 1);
    });
  }
});

const other = { url: 'http://10.0.0.2', port: 8002 };
const stored: StoredBackend = {
  ...{ ...other, id: 'http://10.0.0.2:8002', health: true, draining: false, incarnation: 'copied', version: '7' },
  ...{ inFlightRequests: 0, rifAvgLatency: 0, overallAvgLatency: 0, metricsUpdatedAt: null },
  ...{ weight: 1, zone: null, metadata: {}, registeredAt: 1, lastHeartbeatAt: 2, expiresInMs: 60_000, readAt: 1e13 },
};

/** What is written, by who may do less than it takes; and what must be there when somebody who may has made the same call again. */
const writes: Record<string, { call(registry: BackendRegistry): Promise<unknown>; after: object[] }> = {
  'a first registration': { call: (registry) => registry.register(other), after: [backend, other] },
  'a registration that changes': {
    call: (registry) => registry.register({ ...backend, weight: 5 }),
    after: [{ ...backend, weight: 5 }],
  },
  'a new life': {
    call: (registry) => registry.register({ ...backend, incarnation: 'next' }),
    after: [{ ...backend, incarnation: 'next' }],
  },
  'a heartbeat': { call: (registry) => registry.heartbeat(backend), after: [backend] },
  'a report of health': {
    call: (registry) => registry.updateBackendHealth(backend, false),
    after: [{ ...backend, health: false }],
  },
  'a report of metrics': {
    call: (registry) => registry.updateBackendMetrics(backend, { inFlightRequests: 7 }),
    after: [{ ...backend, inFlightRequests: 7 }],
  },
  'a drain': { call: (registry) => registry.drain(backend), after: [{ ...backend, status: 'draining' }] },
  unregistering: { call: (registry) => registry.unregister(backend), after: [] },
  'a cleanup': { call: (registry) => registry.cleanupExpiredBackends(), after: [backend] },
  'a restored backend': { call: (registry) => restoreBackends(registry, [stored]), after: [backend, other] },
};

describe('a write that the ACL stops half-way', () => {
  for (const [name, { call, after }] of Object.entries(writes)) {
    test(`${name}: the same call of somebody who may leaves it whole, and every reader sees it`, async () => {
      await using server = await startStandalone();
      const refusedFor: string[] = [];
      for (const command of ['del', 'expire', 'hdel', 'hset', 'mset', 'publish', 'zadd', 'zrem']) {
        await server.cli('FLUSHALL');
        await server.cli('ACL', 'SETUSER', 'less', 'reset', 'on', '>secret', '~*', '&*', '+@all', `-${command}`);
        await using all = new RedisBackendRegistry({ url: server.url });
        await using less = new RedisBackendRegistry({ url: server.url, username: 'less', password: 'secret' });
        await all.register(backend);
        if (name === 'a cleanup') {
          await all.register({ ...other, heartbeatTimeoutMs: 1 });
          await eventually(async () => expect((await all.getBackend(other))?.status).toBe('expired'));
        }
        await using reader = new RedisBackendRegistry({ url: server.url });
        await reader.listBackends();
        try {
          await call(less);
        } catch (error) {
          expect(RegistryError.is(error, 'REFUSED'), String(error)).toBe(true);
          refusedFor.push(command);
        }
        await reader.listBackends();
        await call(all);
        const fresh = new RedisBackendRegistry({ url: server.url });
        const listed = await fresh.listBackends();
        await fresh.close();
        expect(listed, `without ${command}`).toMatchObject(after);
        expect(listed).toHaveLength(after.length);
        expect(await reader.listBackends(), `without ${command}`).toEqual(listed);
        expect(await partsOf(server), `without ${command}`).toEqual(listed.map(({ id }) => id));
      }
      // Each has at least one command that it cannot do without.
      expect(refusedFor).not.toEqual([]);
    });
  }
});

/** The ids in every part of the index, which must be the same; and nothing may be newer than the version of the whole. */
async function partsOf(server: RedisServer): Promise<string[]> {
  const list = async (...command: string[]) => ((await server.cli(...command)) as string[]).toSorted();
  const ids = await list('ZRANGE', 'registry:leases', '0', '-1');
  expect(await list('ZRANGE', 'registry:versions', '0', '-1')).toEqual(ids);
  expect(await list('HKEYS', 'registry:incarnations')).toEqual(ids);
  expect(await list('KEYS', 'backend:*')).toEqual(ids.map((id) => `backend:${id}`));
  expect(await list('KEYS', 'heartbeat:*')).toEqual(ids.map((id) => `heartbeat:${id}`));
  const version = Number(await server.cli('HGET', 'registry:meta', 'version'));
  for (const key of ['registry:versions', 'registry:removed']) {
    const [, newest = '0'] = (await server.cli('ZRANGE', key, '-1', '-1', 'WITHSCORES')) as string[];
    expect(Number(newest)).toBeLessThanOrEqual(version);
  }
  return ids;
}

test("a watcher that may not SUBSCRIBE any more polls, and its refusal is nobody's unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  await using server = await startStandalone();
  await server.cli('ACL', 'SETUSER', 'user', 'on', '>secret', '~*', '&*', '+@all');
  await using registry = new RedisBackendRegistry({ url: server.url, username: 'user', password: 'secret' });
  const types: string[] = [];
  const following = (async () => {
    for await (const event of registry.watch({ pollIntervalMs: 50 })) types.push(event.type);
  })();
  await eventually(async () => expect(await server.cli('PUBSUB', 'NUMSUB', 'registry:changes')).toContain(1));
  await server.cli('ACL', 'SETUSER', 'user', '-subscribe');
  await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(async () => expect(await denied(server)).toContain('subscribe'));
  await registry.register(backend);
  await eventually(() => expect(types).toContain('registered'));
  await registry.close();
  await following;
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
