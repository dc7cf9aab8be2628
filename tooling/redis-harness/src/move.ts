/** What storedBackends() reads and restoreBackends() writes, through whichever adapter. */
import { type BackendRegistry, MemoryBackendRegistry, type RegistryOptions } from '@backend-registry/core';
import {
  type RestoreResult,
  restoreBackends,
  type StoredBackend,
  type StoredPage,
  storedBackends,
} from '@backend-registry/core/move';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { startCluster, startStandalone } from '@backend-registry/redis-server';
import { afterAll, describe, expect, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { eventually, Witness } from './witness.ts';

interface Stores {
  readonly name: string;
  /** A registry of its own for each prefix. */
  open(options: RegistryOptions & { readonly keyPrefix: string }): BackendRegistry;
  /** One command to the server that has the keys of this prefix. */
  raw(keyPrefix: string, ...command: [string, ...(string | number)[]]): Promise<unknown>;
  /** The reply to the next script that restores is lost. */
  loseReply(): void;
  /** Replies that were lost so far. */
  lost(): number;
}

const LEASE_MS = 600_000;
const url = 'http://10.0.0.1';
const first = { url, port: 8001 };
const second = { url, port: 8002 };

let prefixes = 0;

async function everything(registry: BackendRegistry): Promise<StoredBackend[]> {
  const all: StoredBackend[] = [];
  for await (const { backends } of storedBackends(registry)) all.push(...backends);
  return all;
}

const statuses = (results: readonly RestoreResult[]) => results.map(({ status }) => status);
const one = <T>([item]: readonly T[]): T => item ?? expect.fail('There is none');

export function testMove({ name, open, raw, loseReply, lost }: Stores): void {
  /** A source and a target that nobody has written to. */
  function pair(): { from: BackendRegistry; to: BackendRegistry; toPrefix: string } & AsyncDisposable {
    prefixes += 1;
    const toPrefix = `{to-${prefixes}}:`;
    const from = open({ keyPrefix: `{from-${prefixes}}:`, heartbeatTimeoutMs: LEASE_MS });
    const to = open({ keyPrefix: toPrefix, heartbeatTimeoutMs: LEASE_MS });
    return {
      from,
      to,
      toPrefix,
      async [Symbol.asyncDispose]() {
        await from.close();
        await to.close();
      },
    };
  }

  async function copy(from: BackendRegistry, to: BackendRegistry): Promise<RestoreResult[]> {
    const results: RestoreResult[] = [];
    for await (const { backends, askedAt } of storedBackends(from))
      results.push(...(await restoreBackends(to, backends, { askedAt })));
    return results;
  }

  describe(`moving: ${name}`, { timeout: 30_000 }, () => {
    test('all that a store knows of a backend is carried, and its lease is no longer than it was', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({
        ...first,
        health: false,
        inFlightRequests: 3,
        rifAvgLatency: 0.30000000000000004,
        overallAvgLatency: 145.2,
        weight: 0.1,
        zone: 'eu-1 "é"\u2028',
        metadata: { größe: '"version":1', empty: '' },
        incarnation: 'first life "é"',
      });
      await from.drain(first);
      await from.register(second);
      const there = await everything(from);
      const before = performance.now();
      const results = await restoreBackends(to, there, { askedAt: performance.now() });
      expect(statuses(results)).toEqual(['restored', 'restored']);
      const here = await everything(to);
      const told = (stored: StoredBackend) => {
        const { version: _, expiresInMs: __, readAt: ___, lastHeartbeatAt: ____, ...rest } = stored;
        return rest;
      };
      expect(here.map(told)).toEqual(there.map(told));
      expect(here[0]).toMatchObject({ draining: true, health: false, incarnation: 'first life "é"' });
      for (const [n, { expiresInMs, readAt, lastHeartbeatAt }] of here.entries()) {
        const original = one(there.slice(n));
        expect(expiresInMs).toBeLessThan(original.expiresInMs);
        expect(expiresInMs).toBeGreaterThan(original.expiresInMs - (performance.now() - before) * 2 - 1);
        // As long before the end of the lease as there, whatever a fraction of a microsecond is rounded to.
        const whole = (each: StoredBackend) => each.readAt - each.lastHeartbeatAt + each.expiresInMs;
        expect(Math.abs(readAt - lastHeartbeatAt + expiresInMs - whole(original))).toBeLessThan(0.01);
      }
      const listed = await to.listBackends();
      expect(results.map((result) => 'backend' in result && result.backend)).toEqual(listed);
    });

    test('what was restored beats, is changed, fenced and removed like all others', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'a' });
      await using witness = await Witness.of(to);
      await copy(from, to);
      await witness.settled();
      expect(witness.types()).toEqual(['snapshot initial', 'registered']);
      expect(await to.heartbeat({ ...first, incarnation: 'b' })).toEqual({ status: 'fenced' });
      expect(await to.heartbeat({ ...first, incarnation: 'a' })).toEqual({ status: 'renewed' });
      expect(await to.updateBackendMetrics(first, { inFlightRequests: 2 })).toEqual({ status: 'updated' });
      expect(await to.register({ ...first, incarnation: 'a' })).toMatchObject({ status: 'renewed' });
      expect(await to.unregister({ ...first, incarnation: 'a' })).toEqual({ status: 'unregistered' });
      await witness.settled();
      expect(witness.events.at(-1)).toMatchObject({ type: 'removed', reason: 'unregistered' });
    });

    test('in a dry run nothing is written, and what is answered is what then happens', async () => {
      await using stores = pair();
      const { from, to } = stores;
      const third = { url: 'http://10.0.0.3', port: 8001 };
      await from.registerAll([first, second, third].map((each) => ({ ...each, incarnation: 'there' })));
      const there = await everything(from);
      const dry = () => restoreBackends(to, there, { dryRun: true });
      // In a registry that nobody has written to.
      expect(statuses(await dry())).toEqual(['restored', 'restored', 'restored']);
      expect(await to.listBackends()).toEqual([]);
      await to.register({ ...first, incarnation: 'here' });
      await to.register({ ...second, incarnation: 'there' });
      await to.unregister(second);
      await using witness = await Witness.of(to);
      const before = await everything(to);
      const told = statuses(await dry());
      expect(told).toEqual(['present', 'unregistered', 'restored']);
      expect(statuses(await dry())).toEqual(told);
      await witness.settled();
      expect(witness.types()).toEqual(['snapshot initial']);
      const lasting = (each: StoredBackend) => ({ ...each, readAt: 0, expiresInMs: 0 });
      expect((await everything(to)).map(lasting)).toEqual(before.map(lasting));
      expect(statuses(await restoreBackends(to, there))).toEqual(told);
      // What was copied before, too.
      expect(statuses(await dry())).toEqual(['present', 'unregistered', 'unchanged']);
    });

    test('whatever is registered already is left alone', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'there', weight: 2 });
      await to.register({ ...first, incarnation: 'here' });
      const before = await to.getBackend(first);
      expect(statuses(await copy(from, to))).toEqual(['present']);
      expect(await to.listBackends()).toMatchObject([{ incarnation: 'here', weight: 1, version: before?.version }]);
      // Also the same life, which announces itself at both.
      await to.register({ ...first, incarnation: 'there' });
      expect(statuses(await copy(from, to))).toEqual(['present']);
      expect(await to.listBackends()).toMatchObject([{ incarnation: 'there', weight: 1 }]);
    });

    test('a lease that has ended is not written, also where it ends on the way', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, heartbeatTimeoutMs: 1 });
      await from.register(second);
      await eventually(async () => expect((await from.getBackend(first))?.status).toBe('expired'));
      const there = await everything(from);
      expect(there.map(({ expiresInMs, health }) => [expiresInMs > 0, health])).toEqual([
        [false, true],
        [true, true],
      ]);
      expect(statuses(await restoreBackends(to, there))).toEqual(['expired', 'restored']);
      await to.unregister(second);
      expect(statuses(await restoreBackends(to, there, { askedAt: performance.now() - LEASE_MS }))).toEqual([
        'expired',
        'expired',
      ]);
      // By the clocks of the stores, if nobody has measured.
      const old = there.map((backend) => ({ ...backend, readAt: backend.readAt - LEASE_MS }));
      expect(statuses(await restoreBackends(to, old))).toEqual(['expired', 'expired']);
      expect(await to.listBackends()).toEqual([]);
    });

    test('copied again, it follows the other store until it is announced here', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'one', heartbeatTimeoutMs: 30_000 });
      expect(statuses(await copy(from, to))).toEqual(['restored']);
      await using witness = await Witness.of(to);

      await from.heartbeat(first);
      expect(statuses(await copy(from, to))).toEqual(['renewed']);
      expect((await to.getBackend(first))?.expiresInMs).toBeGreaterThan(30_000);

      await from.updateBackendHealth(first, false);
      await from.updateBackendMetrics(first, { inFlightRequests: 4 });
      expect(statuses(await copy(from, to))).toEqual(['updated']);
      expect(await to.getBackend(first)).toMatchObject({ status: 'unhealthy', inFlightRequests: 4 });

      await from.register({ ...first, incarnation: 'two', zone: 'eu-2' });
      expect(statuses(await copy(from, to))).toEqual(['updated']);
      expect(await to.getBackend(first)).toMatchObject({ incarnation: 'two', zone: 'eu-2', status: 'healthy' });
      await witness.settled();
      expect(witness.events.slice(-2)).toMatchObject([{ type: 'removed', reason: 'replaced' }, { type: 'registered' }]);

      await to.heartbeat({ ...first, incarnation: 'two' });
      await from.drain(first);
      expect(statuses(await copy(from, to))).toEqual(['present']);
      expect(await to.getBackend(first)).toMatchObject({ status: 'healthy' });
    });

    test('copied again without anything new, nothing is written', async () => {
      await using stores = pair();
      const { from, to, toPrefix } = stores;
      await from.registerAll([first, second]);
      const there = await everything(from);
      await restoreBackends(to, there, { askedAt: performance.now() });
      const written = () =>
        Promise.all([
          raw(toPrefix, 'ZRANGE', `${toPrefix}registry:leases`, 0, -1, 'WITHSCORES'),
          raw(toPrefix, 'ZRANGE', `${toPrefix}registry:versions`, 0, -1, 'WITHSCORES'),
          raw(toPrefix, 'GET', `${toPrefix}heartbeat:${url}:8001`),
        ]);
      const before = await written();
      expect(statuses(await restoreBackends(to, there, { askedAt: performance.now() - 60_000 }))).toEqual([
        'unchanged',
        'unchanged',
      ]);
      expect(await written()).toEqual(before);
    });

    test('what was changed here stays, and lives as long as it beats there', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, heartbeatTimeoutMs: 30_000 });
      await copy(from, to);
      await to.drain(first);
      await from.updateBackendMetrics(first, { inFlightRequests: 4 });
      await from.heartbeat(first);
      expect(statuses(await copy(from, to))).toEqual(['present']);
      expect(await to.getBackend(first)).toMatchObject({ status: 'draining', inFlightRequests: 0 });
      expect((await to.getBackend(first))?.expiresInMs).toBeGreaterThan(30_000);
      expect(
        statuses(await restoreBackends(to, await everything(from), { askedAt: performance.now() - 10_000 })),
      ).toEqual(['present']);
      // Another life of it is not brought over what somebody has changed.
      await from.register({ ...first, incarnation: 'another' });
      expect(statuses(await copy(from, to))).toEqual(['present']);
    });

    test('a copy that has expired comes back when it beats there', async () => {
      await using stores = pair();
      const { from, to } = stores;
      // Long enough to be copied while it lasts.
      await from.register({ ...first, heartbeatTimeoutMs: 3_000 });
      await copy(from, to);
      await using witness = await Witness.of(to);
      await eventually(async () => expect((await to.getBackend(first))?.status).toBe('expired'));
      await from.heartbeat(first);
      expect(statuses(await copy(from, to))).toEqual(['renewed']);
      await witness.settled();
      expect((await to.getBackend(first))?.status).toBe('healthy');
      expect(witness.view.backends.map(({ status }) => status)).toEqual(['healthy']);
    });

    test('a copy whose backend has not beaten since is not renewed by being copied again', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register(first);
      await copy(from, to);
      for (let round = 0; round < 5; round += 1) expect(statuses(await copy(from, to))).toEqual(['unchanged']);
      await from.heartbeat(first);
      expect(statuses(await copy(from, to))).toEqual(['renewed']);
    });

    test('what was unregistered here does not come back; what a cleanup has removed does', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'one' });
      await from.register({ ...second, heartbeatTimeoutMs: 3_000 });
      expect(statuses(await copy(from, to))).toEqual(['restored', 'restored']);
      await to.unregister(first);
      await eventually(async () => expect((await to.cleanupExpiredBackends()).removed).toHaveLength(1));
      await from.heartbeat(second);
      expect(statuses(await copy(from, to))).toEqual(['unregistered', 'restored']);
      expect(await to.getBackend(first)).toBe(null);
      // Another life of it is another backend.
      await from.register({ ...first, incarnation: 'two' });
      expect(statuses(await copy(from, to))[0]).toBe('restored');
    });

    test('what was unregistered here after its last heartbeat there does not come back until it beats again', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'one' });
      await to.register({ ...first, incarnation: 'one' });
      await to.unregister(first);
      expect(statuses(await copy(from, to))).toEqual(['unregistered']);
      expect(await to.listBackends()).toEqual([]);
      // Longer than the answers took, which are taken off.
      await eventually(async () => {
        await from.heartbeat(first);
        expect(statuses(await copy(from, to))).toEqual(['restored']);
      });
    });

    test('what has expired here and beats there is no hindrance', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await to.register({ ...first, incarnation: 'dead', heartbeatTimeoutMs: 1 });
      await eventually(async () => expect((await to.getBackend(first))?.status).toBe('expired'));
      await from.register({ ...first, incarnation: 'alive' });
      await eventually(async () => {
        await from.heartbeat(first);
        expect(statuses(await copy(from, to))).toEqual(['updated']);
      });
      expect(await to.getBackend(first)).toMatchObject({ incarnation: 'alive', status: 'healthy' });
    });

    test('older data never come over newer ones', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'one' });
      const old = await everything(from);
      await from.register({ ...first, incarnation: 'two' });
      await copy(from, to);
      expect(statuses(await restoreBackends(to, old))).toEqual(['present']);
      expect(await to.getBackend(first)).toMatchObject({ incarnation: 'two' });
    });

    test('a row of another program is left alone', async () => {
      await using stores = pair();
      const { from, to, toPrefix } = stores;
      await from.registerAll([first, second]);
      const row = JSON.stringify({ ...first, health: true });
      await raw(toPrefix, 'SET', `${toPrefix}backend:${url}:8001`, row);
      await raw(toPrefix, 'HSET', `${toPrefix}heartbeat:${url}:8002`, 'a', 'b');
      expect(statuses(await copy(from, to))).toEqual(['foreign', 'foreign']);
      expect(await raw(toPrefix, 'GET', `${toPrefix}backend:${url}:8001`)).toBe(row);
      expect(await to.listBackends()).toEqual([]);
      expect(await raw(toPrefix, 'EXISTS', `${toPrefix}registry:meta`)).toBe(0);
    });

    test('what cannot be read is told, and what is wrong is refused whole', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.registerAll([first, second]);
      const fromPrefix = `{from-${prefixes}}:`;
      await raw(fromPrefix, 'SET', `${fromPrefix}backend:${url}:8001`, 'broken');
      const pages: StoredPage[] = [];
      for await (const page of storedBackends(from)) pages.push(page);
      expect(pages).toMatchObject([{ total: 2, backends: [{ id: `${url}:8002` }] }]);
      expect(pages[0]?.corrupt).toEqual([{ id: `${url}:8001`, reason: 'it is not JSON' }]);
      const [good = expect.fail()] = await everything(from);
      for (const [wrong, message] of [
        [{ ...good, incarnation: undefined }, /incarnation/],
        [{ ...good, port: 0 }, /port/],
        [{ ...good, expiresInMs: -1 }, /expiresInMs/],
        [{ ...good, version: 7 }, /version/],
        [{ ...good, draining: 'no' }, /draining/],
        [{ ...good, id: 'http://another:1' }, /id/],
        [good, /once/],
      ] as const) {
        const call = restoreBackends(to, [good, wrong as StoredBackend]);
        await expect(call).rejects.toMatchObject({ code: 'INVALID_BACKEND', message: expect.stringMatching(message) });
      }
      await expect(restoreBackends(to, [good], { askedAt: Number.NaN })).rejects.toMatchObject({
        code: 'CONFIGURATION',
      });
      expect(await to.listBackends()).toEqual([]);
    });

    test('a registry without anything has one page without anything', async () => {
      await using stores = pair();
      const pages: StoredPage[] = [];
      for await (const page of storedBackends(stores.from)) pages.push(page);
      expect(pages).toMatchObject([{ epoch: 'none', total: 0, backends: [], corrupt: [] }]);
      expect(await restoreBackends(stores.to, [])).toEqual([]);
      expect(await raw(stores.toPrefix, 'EXISTS', `${stores.toPrefix}registry:meta`)).toBe(0);
    });

    test('a reply that was lost is given again, whatever has happened since', async () => {
      await using stores = pair();
      const { from, to } = stores;
      await from.register({ ...first, incarnation: 'one' });
      const before = lost();
      loseReply();
      expect(statuses(await copy(from, to))).toEqual(['restored']);
      expect(lost()).toBe(before + 1);
      expect(await to.listBackends()).toHaveLength(1);
      await from.drain(first);
      loseReply();
      expect(statuses(await copy(from, to))).toEqual(['updated']);
      expect(lost()).toBe(before + 2);
    });

    test('who registers while others are restored is never overwritten', async () => {
      await using stores = pair();
      const { from, to } = stores;
      const fleet = Array.from({ length: 600 }, (_, n) => ({ url, port: 10_001 + n }));
      await from.registerAll(fleet.map((backend) => ({ ...backend, incarnation: 'there' })));
      const registering = Promise.all(
        fleet
          .filter((_, n) => n % 2 === 0)
          .map((backend) => to.register({ ...backend, incarnation: 'here', weight: 2 })),
      );
      const [results] = await Promise.all([copy(from, to), registering]);
      for (const [n, { incarnation, weight }] of (await to.listBackends()).entries())
        expect({ incarnation, weight }).toEqual(
          n % 2 === 0 ? { incarnation: 'here', weight: 2 } : { incarnation: 'there', weight: 1 },
        );
      expect(results).toHaveLength(600);
      expect(statuses(results.filter((_, n) => n % 2 === 1))).toEqual(Array(300).fill('restored'));
      // Two that copy at once write each backend once.
      await using others = pair();
      const both = await Promise.all([copy(from, others.to), copy(from, others.to)]);
      for (const [n] of fleet.entries())
        expect(both.map((each) => each[n]?.status).filter((status) => status === 'restored')).toHaveLength(1);
    });

    test('what only we need is forgotten after a day', async () => {
      await using stores = pair();
      const { from, to, toPrefix } = stores;
      await from.register(first);
      await copy(from, to);
      const seconds = Number(await raw(toPrefix, 'TTL', `${toPrefix}registry:copies`));
      expect(seconds).toBeGreaterThan(86_000);
      await raw(toPrefix, 'DEL', `${toPrefix}registry:copies`);
      await from.drain(first);
      expect(statuses(await copy(from, to))).toEqual(['present']);
      expect(await to.getBackend(first)).toMatchObject({ status: 'healthy' });
    });
  });
}

/** Over TCP: behind a proxy that can lose replies, and on a Cluster. */
export async function testMoveOverTcp({ name, open }: Adapter): Promise<void> {
  const server = await startStandalone();
  const proxy = await startFaultProxy(server);
  const cluster = await startCluster();
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  testMove({
    name,
    open: (options) => open({ ...options, url: proxy.url }),
    raw: (_, ...command) => server.cli(...command),
    loseReply: () =>
      proxy.loseReplyOnce((request) => request.includes('registry:copies') && request.includes('backend:')),
    lost: () => proxy.lostReplies,
  });

  test('on a Cluster, everything is carried from one prefix to another', { timeout: 30_000 }, async () => {
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
    await using from = open({ cluster: nodes, keyPrefix: '{a}:' });
    await using to = open({ cluster: nodes, keyPrefix: '{b}:' });
    expect(await cluster.masterOf('{a}:')).not.toBe(await cluster.masterOf('{b}:'));
    await from.registerAll(Array.from({ length: 700 }, (_, n) => ({ url, port: 1 + n, weight: n })));
    let restored = 0;
    for await (const { backends, askedAt } of storedBackends(from))
      for (const { status } of await restoreBackends(to, backends, { askedAt }))
        restored += status === 'restored' ? 1 : 0;
    expect(restored).toBe(700);
    const told = async (registry: BackendRegistry) =>
      (await registry.listBackends()).map(({ version: _, ...backend }) => backend);
    expect(await told(to)).toEqual(await told(from));
  });

  test('a registry that is not in Redis is refused', async () => {
    await using registry = new MemoryBackendRegistry();
    await expect(storedBackends(registry).next()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
}
