/**
 * What `docs/upstash-cost.md` says is what a bridge counts. The page is a snapshot: `npx --yes pnpm@12 upstash-cost` writes its tables and its calculator
 * anew.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { announce, type BackendRef, createView } from '@backend-registry/core';
import { eventually } from '@backend-registry/redis-harness/witness';
import { startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from '@upstash/redis';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { type Cost, type Counted, costPerHour, type Fleet } from './fleet.ts';

const server = await startStandalone();
const bridge = await startUpstashRest({ redis: server.url });
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => server.cli('FLUSHALL'));
const { url, token } = bridge;

/** Longer than the test: no lease ends in it by itself. */
const LASTING = { heartbeatTimeoutMs: 3_600_000 } as const;
const byUrl = () => new RedisBackendRegistry({ ...LASTING, url, token, subscribe: false });
const overClient = () => new RedisBackendRegistry({ ...LASTING, client: new Redis({ url, token }) });

interface Count extends Cost {
  readonly inScripts: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

function countedSoFar(): Count {
  const { requests, commands, scriptCalls, bytesIn, bytesOut } = bridge.counts;
  return { requests, commands, inScripts: scriptCalls, bytesUp: bytesIn, bytesDown: bytesOut };
}

async function count(run: () => Promise<unknown>): Promise<Count> {
  bridge.counts.reset();
  await run();
  return countedSoFar();
}

const base = 'http://api.example.com';
const backends = Array.from({ length: 1_000 }, (_, n) => ({ url: base, port: 8_001 + n }));
const hundred = backends.slice(0, 100);
const one = backends[0] as BackendRef;
const other = { url: base, port: 80 };

/** Inside the script of a poll that finds nothing new. */
const MOST_OF_A_POLL = 3;

interface Row extends Count {
  readonly operation: string;
  readonly when: string;
}

/** Each row of the page, made to happen: they run in this order, in one registry. */
async function measure(open: () => RedisBackendRegistry): Promise<Row[]> {
  const rows: Row[] = [];
  await using registry = open();
  const row = async (operation: string, when: string, run: () => Promise<unknown>) => {
    rows.push({ operation, when, ...(await count(run)) });
  };
  const list = () => registry.listBackends();

  await row('register', 'new address', () => registry.register(other));
  await row('register', 'nothing changed', () => registry.register(other));
  await row('register', 'something changed', () => registry.register({ ...other, weight: 2 }));
  await row('registerAll', '100 new addresses', () => registry.registerAll(hundred));
  await row('heartbeat', '–', () => registry.heartbeat(other));
  const [announced] = await registry.registerAll(hundred);
  await row('heartbeat', 'with its incarnation, as `announce` sends it', () =>
    registry.heartbeat(announced?.backend ?? one),
  );
  await row('updateBackendHealth', 'changed', () => registry.updateBackendHealth(other, false));
  await row('updateBackendHealth', 'unchanged', () => registry.updateBackendHealth(other, false));
  await row('updateBackendMetrics', 'changed', () => registry.updateBackendMetrics(other, { inFlightRequests: 3 }));
  await row('drain', 'changed', () => registry.drain(other));
  await row('unregister', '–', () => registry.unregister(other));
  await row('getBackend', '–', () => registry.getBackend(one));
  await row('listBackends', 'first call, 100 backends', list);
  await row('listBackends', 'nothing changed', list);
  await row('listBackends', 'once a minute, 100 backends', () => aMinuteLater(list));

  const all = await registry.registerAll(backends);
  const incarnations = all.map(({ backend }) => backend);
  await row('heartbeatAll', '1 backend', () => registry.heartbeatAll([one]));
  await row('heartbeatAll', '100 backends', () => registry.heartbeatAll(hundred));
  await row('heartbeatAll', '1,000 backends', () => registry.heartbeatAll(backends));
  await row('heartbeatAll', '1 backend, with its incarnation', () => registry.heartbeatAll(incarnations.slice(0, 1)));
  await row('heartbeatAll', '1,000 backends, with incarnations', () => registry.heartbeatAll(incarnations));
  await using another = open();
  await row('listBackends', 'first call, 1,000 backends', () => another.listBackends());
  await list();
  await row('listBackends', 'nothing changed, 1,000 backends', list);
  await registry.drain(one);
  await row('listBackends', '1 of 1,000 changed', list);
  await Promise.all(backends.map((backend) => registry.updateBackendHealth(backend, false)));
  await row('listBackends', 'all of 1,000 changed', list);
  await registry.unregister(one);
  await row('listBackends', '1 of 1,000 removed', list);
  await registry.register(one);
  await list();
  await row('listBackends', 'once a minute, 1,000 backends', () => aMinuteLater(list));
  const clean = () => registry.cleanupExpiredBackends();
  await row('cleanupExpiredBackends', 'nothing expired', clean);
  await expire(registry, backends[1] as BackendRef);
  await row('cleanupExpiredBackends', '1 backend expired', clean);
  await row('ping', '–', () => registry.ping());
  const unchanged = byName(rows, 'listBackends', 'nothing changed');
  await list();
  await expectPollsToBe(unchanged, registry);
  rows.push({ ...unchanged, operation: 'watch', when: 'one poll' });
  await using view = createView(registry, { follow: false });
  await view.refresh();
  await row('view.refresh', 'older than `maxAgeMs`, nothing changed', () => view.refresh());
  await row('view.refresh', 'younger than `maxAgeMs`', () => view.refresh({ maxAgeMs: 3_600_000 }));
  await registry.registerAll(backends);
  await another.listBackends();
  await registry.heartbeatAll(backends.map((backend) => ({ ...backend, heartbeatTimeoutMs: 1 })));
  await eventually(async () => {
    const listed = await another.listBackends();
    expect(listed.filter(({ status }) => status === 'expired')).toHaveLength(backends.length);
  });
  await row('cleanupExpiredBackends', '1,000 backends expired', clean);
  await row('listBackends', '1,000 of 1,000 removed', () => another.listBackends());
  return rows;
}

/** All handles believe that so much time has passed since the beginning. */
const realNow = performance.now.bind(performance);
let passedMs = 0;
vi.spyOn(performance, 'now').mockImplementation(() => realNow() + passedMs);

function aMinuteLater<T>(run: () => Promise<T>): Promise<T> {
  passedMs += 60_001;
  return run();
}

async function expire(registry: RedisBackendRegistry, backend: BackendRef): Promise<void> {
  await registry.heartbeat({ ...backend, heartbeatTimeoutMs: 1 });
  await eventually(async () => expect((await registry.getBackend(backend))?.status).toBe('expired'));
}

async function expectPollsToBe(look: Cost, registry: RedisBackendRegistry): Promise<void> {
  bridge.counts.reset();
  const left = new AbortController();
  const watching = (async () => {
    for await (const _ of registry.watch({ pollIntervalMs: 5, signal: left.signal }));
  })();
  await eventually(() => expect(bridge.counts.requests).toBeGreaterThanOrEqual(5));
  left.abort();
  await watching;
  // The last one may be under way still.
  await registry.listBackends();
  const { requests, commands } = countedSoFar();
  expect(commands / requests).toBe(look.commands / look.requests);
}

function costOf({ requests, commands }: Cost): Cost {
  return { requests, commands };
}

function byName(rows: readonly Row[], operation: string, when: string): Row {
  const found = rows.find((row) => row.operation === operation && row.when === when);
  if (found === undefined) throw new Error(`Nothing was counted for ${operation}, ${when}`);
  return found;
}

/** What the calculator is given. */
function countedOf(rows: readonly Row[]): Counted {
  const cost = (operation: string, when: string) => costOf(byName(rows, operation, when));
  const less = (a: Cost, b: Cost): Cost => ({ requests: a.requests - b.requests, commands: a.commands - b.commands });
  const look = cost('listBackends', 'nothing changed');
  const clean = cost('cleanupExpiredBackends', 'nothing expired');
  const single = cost('heartbeatAll', '1 backend, with its incarnation').commands;
  const thousand = cost('heartbeatAll', '1,000 backends, with incarnations').commands;
  // One is a script and a part of it; a thousand are two scripts and ten parts.
  const per100 = (thousand - 2 * single) / 8;
  return {
    heartbeat: cost('heartbeat', 'with its incarnation, as `announce` sends it'),
    heartbeatAll: { per500: single - per100, per100 },
    change: cost('drain', 'changed'),
    report: cost('updateBackendMetrics', 'changed'),
    look,
    news: less(cost('listBackends', '1 of 1,000 changed'), look),
    comparison: {
      of100: less(cost('listBackends', 'once a minute, 100 backends'), look),
      of1000: less(cost('listBackends', 'once a minute, 1,000 backends'), look),
    },
    // It looks for itself first, whether it has to hold back.
    cleanup: { requests: look.requests + clean.requests, commands: look.commands + clean.commands },
  };
}

/** The page as it must be, with its words as they are. */
const path = fileURLToPath(new URL('../../../docs/upstash-cost.md', import.meta.url));

function pageWith(sections: Readonly<Record<string, string>>): string {
  let page = readFileSync(path, 'utf8');
  for (const [name, text] of Object.entries(sections)) {
    const [start, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
    const [before, rest = ''] = page.split(start);
    const after = rest.split(end)[1];
    if (after === undefined) throw new Error(`docs/upstash-cost.md has lost the lines ${start} and ${end}`);
    page = `${before}${start}\n${text}\n${end}${after}`;
  }
  return page;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const whole = (value: number) => (Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en'));
const millions = (value: number) => `${Number((value / 1e6).toPrecision(3)).toLocaleString('en')} M`;
const HOURS_OF_A_MONTH = 720;

function operations(own: readonly Row[], clients: readonly Row[]): string {
  const head = [
    'operation',
    'when',
    'requests',
    '… over a client',
    'commands',
    '… in scripts',
    'bytes up',
    'bytes down',
  ];
  const rows = own.map(({ operation, when, requests, commands, inScripts, bytesUp, bytesDown }) => {
    const over = byName(clients, operation, when);
    expect({ operation, when, commands: over.commands }).toEqual({ operation, when, commands });
    const numbers = [requests, over.requests, commands, inScripts, bytesUp, bytesDown];
    return [`\`${operation}\``, when, ...numbers.map(whole)];
  });
  return markdown(head, rows);
}

const POLLS_MS = [1_000, 5_000, 60_000];

function fleets(counted: Counted): string {
  const head = ['backends', 'proxies', 'poll', 'requests /h', 'commands /h', 'requests /month', 'commands /month'];
  const rows: string[][] = [];
  for (const backends of [10, 100, 1_000]) {
    for (const proxies of [1, 10, 100]) {
      for (const pollIntervalMs of POLLS_MS) {
        const { requests, commands } = costPerHour({ backends, proxies, pollIntervalMs }, counted);
        const hours = [requests, commands];
        const fleet = [whole(backends), whole(proxies), `${pollIntervalMs / 1_000} s`];
        rows.push([...fleet, ...hours.map(whole), ...hours.map((value) => millions(value * HOURS_OF_A_MONTH))]);
      }
    }
  }
  return markdown(head, rows);
}

const BASE: Fleet = { backends: 100, proxies: 10, pollIntervalMs: 5_000 };
const LONG: Partial<Fleet> = { heartbeatIntervalMs: 100_000 };
const SAVINGS: readonly (readonly [string, Partial<Fleet>])[] = [
  ['100 backends, 10 proxies, polls of 5 s', {}],
  ['`heartbeatAll` of all backends from one process', { together: 100 }],
  ['a heartbeat every 100 s for leases of 300 s', LONG],
  ['polls of 60 s: with leases of 60 s, every 40 s', { pollIntervalMs: 60_000 }],
  ['polls of 60 s, leases of 300 s', { pollIntervalMs: 60_000, ...LONG }],
  ['streams, polls of 60 s', { pollIntervalMs: 60_000, streams: true }],
  ['`refresh({ maxAgeMs: 5_000 })`, asked for in a tenth of the time', { busy: 0.1 }],
  [
    '`heartbeatAll` from one process, streams, polls of 60 s, leases of 300 s',
    { together: 100, pollIntervalMs: 60_000, streams: true, ...LONG },
  ],
  ['the first one, and 60 changes an hour', { changesPerHour: 60 }],
  ['the first one, and each backend reports metrics every 10 s', { reportsPerHour: 36_000 }],
  ['the first one, and one process runs `startCleanup`', { cleanups: 1 }],
];

function savings(counted: Counted): string {
  const base = costPerHour(BASE, counted).commands;
  const rows = SAVINGS.map(([what, change]) => {
    const { requests, commands } = costPerHour({ ...BASE, ...change }, counted);
    return [what, whole(requests), whole(commands), `${Math.round((100 * commands) / base)} %`];
  });
  return markdown(['fleet', 'requests /h', 'commands /h', 'share of commands'], rows);
}

/** The calculator is the module that made the tables, behind what was counted. */
function calculator(counted: Counted): string {
  const source = readFileSync(new URL('fleet.ts', import.meta.url), 'utf8');
  const code = source.slice(source.indexOf('export interface'));
  const numbers = Object.entries(counted).map(([name, cost]) => {
    return `  ${name}: ${JSON.stringify(cost, null, 1).replaceAll('"', '').replaceAll(/\s+/g, ' ')},`;
  });
  const lines = [
    '```ts',
    `const fleet: Fleet = { backends: 100, proxies: 10, pollIntervalMs: 5_000 };`,
    '',
    'const counted: Counted = {',
    ...numbers,
    '};',
    '',
    `${code.trimEnd()}`,
    '',
    'console.log(costPerHour(fleet, counted));',
    '```',
  ];
  return lines.join('\n');
}

/** Each row over requests of our own and over a client, all scripts known to the server; then one that is not. */
async function measured(): Promise<{ own: Row[]; clients: Row[] }> {
  const runs: Row[][] = [];
  for (const open of [byUrl, byUrl, overClient]) {
    await server.cli('FLUSHALL');
    runs.push(await measure(open));
  }
  const [, own = [], clients = []] = runs;
  for (const [rows, open] of [
    [own, byUrl],
    [clients, overClient],
  ] as const) {
    await server.cli('SCRIPT', 'FLUSH');
    await using registry = open();
    const counts = await count(() => registry.heartbeat(one));
    // How long the script is says nothing.
    const bytes = { bytesUp: Number.NaN, bytesDown: Number.NaN };
    rows.push({ ...counts, ...bytes, operation: 'heartbeat', when: 'scripts forgotten, as after a restart' });
  }
  return { own, clients };
}

describe('the page', async () => {
  const { own, clients } = await measured();
  const counted = countedOf(own);

  test('has what was counted, and what follows from it', async () => {
    const page = pageWith({
      operations: operations(own, clients),
      fleets: fleets(counted),
      savings: savings(counted),
      calculator: calculator(counted),
    });
    await expect(page).toMatchFileSnapshot(path);
  });

  test('keeps the promises: heartbeats of one process and unchanged polls are one request, a poll of so few commands', () => {
    for (const [operation, when] of [
      ['heartbeatAll', '1,000 backends'],
      ['heartbeatAll', '1,000 backends, with incarnations'],
      ['listBackends', 'nothing changed, 1,000 backends'],
      ['watch', 'one poll'],
      ['view.refresh', 'older than `maxAgeMs`, nothing changed'],
    ] as const) {
      expect({ operation, when, requests: byName(own, operation, when).requests }).toEqual({
        operation,
        when,
        requests: 1,
      });
    }
    expect(byName(own, 'watch', 'one poll').inScripts).toBeLessThanOrEqual(MOST_OF_A_POLL);
  });

  test('the calculator has each operation as it was counted', () => {
    const quiet = { pollIntervalMs: 3_600_000, heartbeatIntervalMs: 3_600_000, heartbeatTimeoutMs: 36_000_000 };
    const beats = costPerHour({ ...quiet, backends: 1_000, together: 1_000, proxies: 0 }, counted);
    expect(beats).toEqual(costOf(byName(own, 'heartbeatAll', '1,000 backends, with incarnations')));
    for (const backends of [100, 1_000]) {
      const looking = costPerHour({ ...quiet, backends, proxies: 1 }, counted);
      const alone = costPerHour({ ...quiet, backends, proxies: 0 }, counted);
      const look = byName(own, 'listBackends', `once a minute, ${whole(backends)} backends`);
      expect(looking.requests - alone.requests).toBeCloseTo(look.requests);
      expect(looking.commands - alone.commands).toBeCloseTo(look.commands);
    }
  });

  test('a watcher that hears of a change sends nothing; its stream begins anew with one request and a look that compares', async () => {
    await using writer = byUrl();
    await using reader = new RedisBackendRegistry({ ...LASTING, url, token });
    await writer.registerAll(hundred);
    const events = reader.watch({ pollIntervalMs: 3_600_000 })[Symbol.asyncIterator]();
    const { streams } = bridge.counts;
    await events.next();
    await eventually(() => expect(bridge.counts.streams).toBe(streams + 1));
    let draining = false;
    const change = async () => {
      draining = !draining;
      const event = events.next();
      await writer.drain(one, draining);
      expect((await event).value).toMatchObject({ type: 'updated', changed: ['drain'] });
    };
    // It looks once more when its stream begins.
    await change();
    await change();
    const changing = await count(change);
    expect(costOf(changing)).toEqual(costOf(byName(own, 'drain', 'changed')));

    const compared = byName(own, 'listBackends', 'once a minute, 100 backends');
    // The command that subscribes is not counted by the bridge, which does not know what of a stream is billed.
    const anew = { requests: compared.requests + 1, commands: compared.commands };
    // What it was told it would otherwise be named again.
    await reader.listBackends();
    bridge.counts.reset();
    const event = events.next();
    bridge.faults.endStreams();
    await eventually(() => expect(costOf(countedSoFar())).toEqual(anew));
    expect(costOf(await count(() => Promise.all([writer.drain(one, false), event])))).toEqual(costOf(changing));
    await events.return?.(undefined);
  });

  test('a fleet that runs costs no more than the calculator says', async () => {
    const fleet = { backends: 3, proxies: 2, pollIntervalMs: 50, heartbeatIntervalMs: 50, heartbeatTimeoutMs: 60_000 };
    const { heartbeatIntervalMs, heartbeatTimeoutMs, pollIntervalMs } = fleet;
    const ends: AsyncDisposable[] = [];
    const opened = () => {
      const registry = new RedisBackendRegistry({ url, token, subscribe: false, heartbeatTimeoutMs });
      ends.push(registry);
      return registry;
    };
    const announcements = hundred
      .slice(0, fleet.backends)
      .map((backend) => announce(opened(), backend, { heartbeatIntervalMs }));
    for (const each of announcements) await each.ready;
    const views = Array.from({ length: fleet.proxies }, () => createView(opened(), { pollIntervalMs }));
    for (const each of views) await each.ready;

    const began = performance.now();
    const seen = await count(() => eventually(() => expect(bridge.counts.requests).toBeGreaterThan(200), 20_000));
    const hours = (performance.now() - began) / 3_600_000;
    for (const each of announcements) await each.close({ deadlineMs: 0 });
    for (const each of [...views, ...ends]) await each[Symbol.asyncDispose]();
    const { requests, commands } = costPerHour(fleet, counted);
    // Everybody varies by a tenth, and one request of each more or less falls into the time.
    const most = (perHour: number, once: number) => (hours * perHour) / 0.9 + once * (fleet.backends + fleet.proxies);
    expect(seen.requests).toBeLessThanOrEqual(most(requests, 1));
    expect(seen.commands).toBeLessThanOrEqual(most(commands, counted.look.commands));
  });
});
