/**
 * What operations may send, receive and run, counted on a real server: a guard against what makes them dearer. Counts are the same on every machine and on every
 * run, so requests and commands are compared exactly: one more is a change of the code, and whoever wants it changes the number and its reason. Bytes are what they
 * were when the bound was written, and may be a quarter more: room for a longer name or one more argument, not for a document.
 */
import type { BackendRegistry } from '@backend-registry/core';
import { type FaultProxy, startFaultProxy } from '@backend-registry/fault-proxy';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { sample } from './witness.ts';

const FLEET = 1_000;
/** How much more bytes may be than a bound says. */
const MARGIN = 1.25;

interface Bound {
  readonly operation: string;
  /** How many backends or calls it is for: all other figures are for one. */
  readonly of: number;
  /** Requests of the protocol. */
  readonly requests: number;
  /** Bytes. */
  readonly sent: number;
  readonly received: number;
  /** Commands that the scripts run. */
  readonly inScripts: number;
  readonly because: string;
  run(registry: BackendRegistry): Promise<unknown>;
}

const fleet = Array.from({ length: FLEET }, (_, n) => sample(n));
const one = sample(0);
let weight = 1;

const bounds: readonly Bound[] = [
  {
    operation: 'heartbeat',
    of: 1,
    requests: 1,
    sent: 218,
    received: 4,
    inScripts: 5,
    because: 'one script that reads what is registered, writes the time and moves the lease',
    run: (registry) => registry.heartbeat(one),
  },
  {
    operation: 'heartbeat with an incarnation, as announce sends it',
    of: 1,
    requests: 1,
    sent: 231,
    received: 4,
    inScripts: 6,
    because: 'one command more than without: the life that is registered is compared',
    run: (registry) => registry.heartbeat({ ...one, incarnation: 'life' }),
  },
  {
    operation: 'updateBackendHealth',
    of: 1,
    requests: 1,
    sent: 223,
    received: 8,
    inScripts: 9,
    because: 'one script; it is told at once',
    run: (registry) => {
      weight += 1;
      return registry.updateBackendHealth(one, weight % 2 === 0);
    },
  },
  {
    operation: 'drain',
    of: 1,
    requests: 1,
    sent: 223,
    received: 8,
    inScripts: 9,
    because: 'one script; it is told at once',
    run: (registry) => {
      weight += 1;
      return registry.drain(one, weight % 2 === 0);
    },
  },
  {
    operation: 'register and unregister',
    of: 1,
    requests: 2,
    sent: 777,
    received: 335,
    inScripts: 29,
    because: 'a script each: what is registered is written at once, and nothing of it is left',
    run: async (registry) => {
      await registry.register(sample(FLEET));
      await registry.unregister(sample(FLEET));
    },
  },
  {
    operation: 'cleanupExpiredBackends, nothing expired',
    of: 1,
    requests: 2,
    sent: 389,
    received: 139,
    inScripts: 5,
    because: 'what has changed, and who has expired: nothing, at any size',
    run: (registry) => registry.cleanupExpiredBackends(),
  },
  {
    operation: `heartbeatAll of ${FLEET}`,
    of: FLEET,
    requests: 2 / FLEET,
    sent: 37.4,
    received: 0.012,
    inScripts: 26 / FLEET,
    because:
      '500 share a script; of each, its id and the end of its lease are sent, and an answer that all are well is short',
    run: (registry) => registry.heartbeatAll(fleet),
  },
  {
    operation: 'register, changed',
    of: 1,
    requests: 1,
    sent: 460,
    received: 308,
    inScripts: 12,
    because: 'one script; the document goes there, and the one that is registered comes back',
    run: (registry) => {
      weight += 1;
      return registry.register({ ...one, weight });
    },
  },
  {
    operation: `registerAll of ${FLEET}, changed`,
    of: FLEET,
    requests: 32 / FLEET,
    sent: 225,
    received: 304,
    inScripts: (32 * 12) / FLEET,
    because: '32 share a script, so that none keeps the server for long, and each command in it is for all of them',
    run: (registry) => {
      weight += 1;
      return registry.registerAll(fleet.map((backend) => ({ ...backend, weight })));
    },
  },
  {
    operation: 'updateBackendMetrics',
    of: 1,
    requests: 1,
    sent: 220,
    received: 8,
    inScripts: 8,
    because: 'one script; only the metric goes there, and no document comes back',
    run: (registry) => {
      weight += 1;
      return registry.updateBackendMetrics(one, { inFlightRequests: weight });
    },
  },
  {
    operation: `listBackends of ${FLEET}, nothing changed`,
    of: 1,
    requests: 1,
    sent: 280,
    received: 135,
    inScripts: 3,
    because: 'one script that says that nothing has changed, at any size: no document is sent again',
    run: (registry) => registry.listBackends(),
  },
  {
    operation: `listBackends of ${FLEET}, one changed`,
    of: 1,
    requests: 3,
    sent: 790,
    received: 867,
    inScripts: 19,
    because: 'the change is made with one script, found with another, and its document alone is read',
    run: async (registry) => {
      weight += 1;
      await registry.register({ ...one, weight });
      await registry.listBackends();
    },
  },
  {
    operation: 'getBackend',
    of: 1,
    requests: 1,
    sent: 212,
    received: 376,
    inScripts: 5,
    because: 'one script, one document',
    run: (registry) => registry.getBackend(one),
  },
];

export function testBounds({ name, open }: Adapter): void {
  describe(`${name}: what an operation costs, counted`, () => {
    let server: RedisServer;
    let proxy: FaultProxy;
    let registry: BackendRegistry;

    beforeAll(async () => {
      server = await startStandalone();
      proxy = await startFaultProxy(server);
      registry = open({ url: proxy.url, heartbeatTimeoutMs: 3_600_000 });
      await registry.registerAll(fleet.map((backend) => ({ ...backend, incarnation: 'life' })));
    });
    afterAll(async () => {
      await registry.close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    for (const { operation, of, because, run, ...most } of bounds) {
      test(`${operation}: ${because}`, async () => {
        // The server knows the script, and the handle its copy.
        await run(registry);
        await registry.listBackends();
        const before = await counted();
        await run(registry);
        const after = await counted();
        const found = {
          requests: (after.requests - before.requests) / of,
          sent: (after.sent - before.sent) / of,
          received: (after.received - before.received) / of,
          inScripts: (after.inScripts - before.inScripts) / of,
        };
        expect(found.requests).toBeGreaterThan(0);
        expect(over(found, most)).toEqual([]);
      });
    }

    test('a change that a watcher is told: it asks nothing, because the message has what it needs', async () => {
      const stop = new AbortController();
      // No poll falls into the test.
      const events = registry.watch({ signal: stop.signal, pollIntervalMs: 600_000 })[Symbol.asyncIterator]();
      await events.next(); // the snapshot
      await using writer = open({ url: server.url, heartbeatTimeoutMs: 3_600_000 });
      const change = async () => {
        weight += 1;
        await writer.register({ ...one, weight });
        for (let event = await events.next(); event.value.backend.weight !== weight; ) event = await events.next();
      };
      // It is told from when it has subscribed.
      await change();
      await change();
      const before = proxy.requests.messages;
      for (let n = 0; n < 100; n += 1) await change();
      expect(proxy.requests.messages - before).toBe(0);
      stop.abort();
    });

    async function counted(): Promise<{ requests: number; sent: number; received: number; inScripts: number }> {
      const { requests, replies } = proxy;
      const counts = { requests: requests.messages, sent: requests.bytes, received: replies.bytes };
      return { ...counts, inScripts: (await commands(server)) - counts.requests };
    }
  });
}

type Figures = Readonly<Record<'requests' | 'sent' | 'received' | 'inScripts', number>>;

/** What is otherwise than it may be, in words. */
function over(found: Figures, most: Figures): string[] {
  const differs: Readonly<Record<keyof Figures, boolean>> = {
    requests: found.requests !== most.requests,
    inScripts: found.inScripts !== most.inScripts,
    sent: found.sent > MARGIN * most.sent,
    received: found.received > MARGIN * most.received,
  };
  return (Object.keys(differs) as (keyof Figures)[])
    .filter((figure) => differs[figure])
    .map((figure) => `${figure}: ${found[figure]} instead of ${most[figure]}`);
}

/** What the bounds themselves ask. */
const NOT_COUNTED = new Set(['auth', 'info']);

/** All that the server has run, what scripts call included. */
async function commands(server: RedisServer): Promise<number> {
  const info = String(await server.cli('INFO', 'commandstats'));
  let calls = 0;
  for (const [, command = '', count] of info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm))
    if (!NOT_COUNTED.has(command)) calls += Number(count);
  return calls;
}
