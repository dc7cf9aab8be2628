/** What watchers of every Redis adapter are told and what they send, counted: on a real server, through faults and among many cleaners. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackendRegistry, startCleanup } from '@backend-registry/core';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { startStandalone } from '@backend-registry/redis-server';
import { describe, expect, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { Chain } from './chain.ts';
import { soak } from './soak.ts';
import { documentsRead, eventually, sample, scriptsRun } from './witness.ts';

const LIMIT = { timeout: 30_000 };
/** A poll comes up to a tenth earlier or later than asked for. */
const EARLIEST = 0.9;

export function testWatchers({ name, open, over, connect }: Adapter): void {
  describe(`${name}: watchers`, LIMIT, () => {
    test('5,000 changes by four writers, connections cut ten times: nothing is missed, nothing is told twice', async () => {
      const soaked = await soak({ changes: 5_000, cuts: 10, open: (url) => open({ url }) });
      expect(soaked.chain.faults).toEqual([]);
      expect(soaked.watched).toEqual(soaked.listed);
      expect(soaked.changes).toBeGreaterThanOrEqual(5_000);
      expect(soaked.cuts).toBe(10);
      // It has caught up each time, and never begun anew.
      expect(soaked.chain.counts.snapshot).toBe(1);
      for (const type of ['registered', 'updated', 'removed'] as const) {
        expect(soaked.chain.counts[type]).toBeGreaterThan(0);
      }
    });

    test('a subscription that is lost before it is answered is made again', async () => {
      await using server = await startStandalone();
      await using proxy = await startFaultProxy(server);
      await using registry = open({ url: proxy.url });
      await using other = open({ url: server.url });
      proxy.loseReplyOnce((request) => /subscribe/i.test(request.toString('latin1')));
      // Longer than the test: what is seen was told.
      const watcher = new Following(registry, { pollIntervalMs: 60_000 });
      await eventually(() => expect(proxy.lostReplies).toBe(1));
      await other.register(sample(1));
      await eventually(() => expect(watcher.chain.state.size).toBe(1));
      await other.unregister(sample(1));
      await eventually(() => expect(watcher.chain.state.size).toBe(0));
      await watcher.end();
    });

    test('the end of a lease is told without a poll, also while others have ended that nobody removes', async () => {
      await using server = await startStandalone();
      await using registry = open({ url: server.url });
      await registry.registerAll([
        { ...sample(1), heartbeatTimeoutMs: 300 },
        { ...sample(2), heartbeatTimeoutMs: 600 },
      ]);
      const watcher = new Following(registry, { pollIntervalMs: 60_000 });
      await eventually(() => expect(watcher.chain.state.size).toBe(2));
      const statuses = () => [...watcher.chain.state.values()].map(({ status }) => status);
      await eventually(() => expect(statuses()).toEqual(['expired', 'expired']));
      await watcher.end();
    });

    test('what a handle has listed it does not read again, neither for the next list nor for a watch', async () => {
      await using server = await startStandalone();
      await using writer = open({ url: server.url });
      await writer.registerAll(Array.from({ length: 100 }, (_, n) => sample(n)));
      const callers = await connect(server.url);
      for (const registry of [open({ url: server.url }), over(callers.client)]) {
        expect(await registry.listBackends()).toHaveLength(100);
        const read = await documentsRead(server);
        expect(await registry.listBackends()).toHaveLength(100);
        const watcher = new Following(registry, { pollIntervalMs: 50 });
        await eventually(async () => expect(await server.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).not.toBe(''));
        // Some polls later.
        await sleep(300);
        expect(watcher.chain.state.size).toBe(100);
        expect(await documentsRead(server)).toBe(read);
        await watcher.end();
        await registry.close();
      }
      await callers.end();
    });

    test('a handle that nobody uses sends nothing, and one that is watched sends its poll', async () => {
      await using server = await startStandalone();
      await using proxy = await startFaultProxy(server);
      await using registry = open({ url: proxy.url });
      await registry.registerAll(Array.from({ length: 100 }, (_, n) => sample(n)));

      // Clients introduce themselves when they connect.
      await eventually(async () => expect(await sentIn(100)).toBe(0));
      expect(await sentIn(500)).toBe(0);

      const pollIntervalMs = 50;
      const watcher = new Following(registry, { pollIntervalMs });
      await eventually(() => expect(watcher.chain.state.size).toBe(100));
      await eventually(async () => expect(await server.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).not.toBe(''));
      // What came with the subscription is over.
      await sleep(2 * pollIntervalMs);
      const before = { executed: await scriptsRun(server), at: performance.now() };
      const sent = await sentIn(1_000);
      const polls = (await scriptsRun(server)) - before.executed;
      const most = Math.ceil((performance.now() - before.at) / (pollIntervalMs * EARLIEST)) + 1;
      // One that was late comes.
      await eventually(async () => expect(await scriptsRun(server)).toBeGreaterThan(before.executed));
      expect(polls).toBeLessThanOrEqual(most);
      expect(sent).toBeLessThanOrEqual(most);
      await watcher.end();
      // Nobody is there to be told.
      await eventually(async () => expect(await server.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).toBe(''));

      async function sentIn(ms: number): Promise<number> {
        const { messages } = proxy.requests;
        await sleep(ms);
        return proxy.requests.messages - messages;
      }
    });

    test('five cleaners and three watchers: each watcher is told once of each backend that died', async () => {
      await using server = await startStandalone();
      // The cleaners wait for leases as short as this.
      const handles = Array.from({ length: 8 }, () => open({ url: server.url, heartbeatTimeoutMs: 300 }));
      const [writer] = handles as [BackendRegistry];
      const living = Array.from({ length: 60 }, (_, n) => ({ ...sample(n), heartbeatTimeoutMs: 60_000 }));
      // So few at a time that it is no mass eviction.
      const dying = Array.from({ length: 30 }, (_, n) => ({ ...sample(100 + n), heartbeatTimeoutMs: 300 + 40 * n }));
      await writer.registerAll(living);
      const ids = (await writer.registerAll(dying)).map(({ backend }) => backend.id).sort();

      const watchers = handles.slice(5).map((handle) => new Following(handle));
      for (const { chain } of watchers) await eventually(() => expect(chain.state.size).toBe(90));
      const cleaned: string[] = [];
      const cleaners = handles.slice(0, 5).map((handle) =>
        startCleanup(handle, {
          // All five at the same moment.
          jitterMs: 0,
          onRemoved: ({ removed, corrupt }) => cleaned.push(...removed.map(({ id }) => id), ...corrupt),
        }),
      );
      await eventually(() => expect(cleaned.length).toBeGreaterThanOrEqual(30));
      // Whoever is told of this was told of everything before.
      await writer.drain(sample(0));
      for (const { chain } of watchers) {
        await eventually(() => expect(chain.backends.filter(({ status }) => status === 'draining')).toHaveLength(1));
      }
      expect(cleaned.sort()).toEqual(ids);
      for (const { chain, removed } of watchers) {
        expect(removed.toSorted()).toEqual(ids.map((id) => `${id} expired`));
        expect(chain.faults).toEqual([]);
        expect(chain.backends).toEqual(await writer.listBackends());
      }

      for (const cleaner of cleaners) await cleaner.close();
      for (const watcher of watchers) await watcher.end();
      for (const handle of handles) await handle.close();
    });
  });
}

/** A watcher with its chain of events. */
class Following {
  readonly chain: Chain = new Chain();
  /** Who left, and why. */
  readonly removed: string[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(registry: BackendRegistry, options: { readonly pollIntervalMs?: number } = {}) {
    this.#done = this.#follow(registry, options);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(registry: BackendRegistry, options: { readonly pollIntervalMs?: number }): Promise<void> {
    for await (const event of registry.watch({ ...options, signal: this.#stop.signal })) {
      this.chain.take(event);
      if (event.type === 'removed') this.removed.push(`${event.backend.id} ${event.reason}`);
    }
  }
}
