/** What `docs/redis-layout.md` says of keys, sizes and commands is what a real server has and does. */
import type { BackendRef } from '@backend-registry/core';
import { eventually } from '@backend-registry/redis-harness/witness';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { examplesUnder, tableUnder } from './page.ts';

const server = await startStandalone();
const registry = new RedisBackendRegistry({ url: server.url });
afterAll(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => server.cli('FLUSHALL'));

const url = 'http://api.example.com';
const example = {
  url,
  port: 8001,
  inFlightRequests: 10,
  rifAvgLatency: 150.5,
  overallAvgLatency: 145.2,
  zone: 'eu-1',
  metadata: { team: 'search' },
  incarnation: '9f86d081884c7d65',
};

/** The state that the page shows: one backend, and one that was unregistered. */
async function makeExample(): Promise<void> {
  await registry.register(example);
  await registry.register({ url, port: 8002 });
  await registry.unregister({ url, port: 8002 });
}

describe('the keys', () => {
  beforeEach(makeExample);

  test('are those of the page, with their types', async () => {
    const documented = tableUnder('Keys')
      .map(([key = '', type]) => [key.replace('{url}:{port}', `${url}:8001`).replace(/^P /, ''), type])
      .filter(([, type]) => type !== 'channel');
    const names = (await server.cli('KEYS', '*')) as string[];
    const found = await Promise.all(names.map(async (key) => [key, await server.cli('TYPE', key)]));
    expect(found.sort()).toEqual(documented.sort());
  });

  test('stand behind the prefix', async () => {
    await server.cli('FLUSHALL');
    await using prefixed = new RedisBackendRegistry({ url: server.url, keyPrefix: 'shop:' });
    await prefixed.register(example);
    const names = (await server.cli('KEYS', '*')) as string[];
    expect(names).not.toEqual([]);
    for (const name of names) expect(name).toMatch(/^shop:(backend:|heartbeat:|registry:)/);
  });

  test('hold what the page shows, but for times and the random epoch', async () => {
    const examples = examplesUnder('Example');
    expect(examples.length).toBe(tableUnder('Keys').length - 1);
    for (const { command, reply } of examples) {
      const found = [await server.cli(...command)].flat().map(String);
      expect({ command, reply: found.map(withoutTimes) }).toEqual({ command, reply: reply.map(withoutTimes) });
    }
  });

  test('have no TTL', async () => {
    for (const key of (await server.cli('KEYS', '*')) as string[]) expect(await server.cli('TTL', key)).toBe(-1);
  });

  test('a document has the fields of the page, in their order', async () => {
    const document = JSON.parse(String(await server.cli('GET', `backend:${url}:8001`)));
    const documented = tableUnder('The document').map(([name, type = '']) => [name, type]);
    const found = Object.entries(document).map(([name, value], n) => {
      const type = documented[n]?.[1] ?? '';
      return [name, type.split(' or ').includes(typeof value) ? type : typeof value];
    });
    expect(found).toEqual(documented);
    expect(documented.map(([name]) => name).slice(0, 6)).toEqual([
      'url',
      'port',
      'health',
      'in_flight_requests',
      'rif_avg_latency',
      'overall_avg_latency',
    ]);
  });
});

test('messages of the channel are those of the page, but for times', async () => {
  await using listener = await listenTo(server, 'registry:changes');
  await registry.register(example);
  await registry.drain(example);
  await registry.unregister(example);
  await registry.register({ ...example, heartbeatTimeoutMs: 1 });
  await eventually(async () => expect((await registry.getBackend(example))?.status).toBe('expired'));
  await registry.heartbeat(example);
  const documented = tableUnder('Messages').map(([, message = '']) => message);
  await eventually(() => expect(listener.messages).toHaveLength(documented.length + 1));
  const found = listener.messages.map((message) => message.replace(/\{.*\}/, '{…}').replaceAll('\t', '⇥'));
  // It is registered twice.
  found.splice(3, 1);
  expect(found.map(withoutTimes)).toEqual(documented.map(withoutTimes));
  // Each names the one before it.
  const versions = listener.messages.slice(0, 4).map((message) => message.split('\t').slice(1, 3));
  expect(versions.slice(1).map(([before]) => before)).toEqual(versions.slice(0, -1).map(([, version]) => version));
});

test('1,000 backends take the memory that the page says, within a quarter', async () => {
  const backends = Array.from({ length: 1_000 }, (_, n) => ({ ...example, port: 8_001 + n }));
  await registry.registerAll(backends);
  const removed = Array.from({ length: 1_000 }, (_, n) => ({ url, port: 10_001 + n }));
  await registry.registerAll(removed);
  await Promise.all(removed.map((backend) => registry.unregister(backend)));
  const sized = tableUnder('Keys').filter(([, type]) => type !== 'channel');
  for (const [name = '', , , bytes] of sized) {
    const key = name.replace('{url}:{port}', `${url}:8001`).replace(/^P /, '');
    const whole = Number(await server.cli('MEMORY', 'USAGE', key, 'SAMPLES', 0));
    // Of the index, the part of one backend; the counters in `meta` are there once.
    const shared = key.startsWith('registry:') && key !== 'registry:meta';
    const found = Math.round(shared ? whole / 1_000 : whole);
    expect.soft(Math.abs(found - Number(bytes)), `${key}: ${found} bytes`).toBeLessThanOrEqual(Number(bytes) / 4);
  }
});

describe('the commands', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => ({ url, port: 9_001 + n }));
  let fenced: BackendRef[] = [];
  const other = { url, port: 8_002 };

  /** Each row of the page, and how to make it happen: they run in this order, in one registry. */
  const rows: [operation: string, when: string, run: () => Promise<unknown>, prepare?: () => Promise<unknown>][] = [
    ['register', 'new address', () => registry.register(other), () => registry.ping()],
    ['register', 'nothing changed', () => registry.register(other)],
    ['register', 'something changed', () => registry.register({ ...other, weight: 2 })],
    [
      'registerAll',
      '100 new addresses',
      async () => {
        fenced = (await registry.registerAll(hundred)).map(({ backend }) => backend);
      },
    ],
    ['heartbeat', '–', () => registry.heartbeat(other)],
    ['heartbeatAll', '100 backends', () => registry.heartbeatAll(hundred)],
    ['heartbeatAll', '100 backends with incarnations', () => registry.heartbeatAll(fenced)],
    ['updateBackendHealth', 'changed', () => registry.updateBackendHealth(other, false)],
    ['updateBackendHealth', 'unchanged', () => registry.updateBackendHealth(other, false)],
    ['updateBackendMetrics', 'changed', () => registry.updateBackendMetrics(other, { inFlightRequests: 3 })],
    ['drain', 'changed', () => registry.drain(other)],
    ['getBackend', '–', () => registry.getBackend(other)],
    ['listBackends', 'first call, 101 backends', () => registry.listBackends()],
    ['listBackends', 'unchanged', () => registry.listBackends()],
    ['listBackends', '1 backend changed', () => registry.listBackends(), () => registry.drain(other, false)],
    [
      'listBackends',
      'most backends changed',
      () => registry.listBackends(),
      () => Promise.all(hundred.map((backend) => registry.drain(backend))),
    ],
    ['cleanupExpiredBackends', 'nothing expired', () => registry.cleanupExpiredBackends()],
    ['cleanupExpiredBackends', '1 backend expired', () => registry.cleanupExpiredBackends(), () => expire(other)],
    ['unregister', '–', () => registry.unregister(hundred[0] ?? other), () => registry.listBackends()],
    ['listBackends', '1 backend removed', () => registry.listBackends()],
    ['ping', '–', () => registry.ping()],
    [
      'heartbeat',
      'scripts forgotten (restart, `SCRIPT FLUSH`)',
      () => registry.heartbeat(hundred[1] ?? other),
      () => server.cli('SCRIPT', 'FLUSH'),
    ],
  ];

  async function expire(backend: { url: string; port: number }): Promise<void> {
    await registry.heartbeat({ ...backend, heartbeatTimeoutMs: 1 });
    await eventually(async () => expect((await registry.getBackend(backend))?.status).toBe('expired'));
  }

  test('of each operation are those of the page', async () => {
    // Scripts that the server knows, and an epoch.
    await registry.register(example);
    await registry.updateBackendHealth(example, false);
    await registry.heartbeat(example);
    await registry.getBackend(example);
    await using warm = new RedisBackendRegistry({ url: server.url });
    await warm.listBackends();
    await expire(example);
    await warm.cleanupExpiredBackends();
    await registry.register(example);
    await registry.unregister(example);

    const found: string[][] = [];
    await using monitor = await startMonitor(server);
    for (const [operation, when, run, prepare] of rows) {
      await prepare?.();
      found.push([operation, when.replaceAll('`', ''), ...describeCommands(await monitor.during(run))]);
    }
    found.push(['watch', 'one poll', ...(await onePoll(monitor))]);
    expect(found).toEqual(tableUnder('Commands'));
  });

  test('of a change are those of its writer alone, for a watcher is told', async () => {
    await registry.register(example);
    await using proxy = new RedisBackendRegistry({ url: server.url });
    const listening = async () => Number(((await server.cli('PUBSUB', 'NUMSUB', 'registry:changes')) as unknown[])[1]);
    const others = await listening();
    const events = proxy.watch({ pollIntervalMs: 60_000 })[Symbol.asyncIterator]();
    await events.next();
    await eventually(async () => expect(await listening()).toBe(others + 1));
    // It looks once more when its subscription begins.
    await registry.drain(example);
    await events.next();
    await using monitor = await startMonitor(server);
    const commands = await monitor.during(async () => {
      for (const draining of [false, true, false]) {
        const event = events.next();
        await registry.drain(example, draining);
        expect((await event).value).toMatchObject({ type: 'updated', changed: ['drain'] });
      }
      const event = events.next();
      await registry.register({ ...example, weight: 2 });
      expect((await event).value).toMatchObject({ type: 'updated', changed: ['registration'] });
    });
    expect(commands.filter(({ inScript }) => !inScript).map(({ name }) => name)).toEqual(Array(4).fill('EVALSHA'));
    await events.return?.(undefined);
  });

  test('of a list that has not changed are the same ones among a million foreign keys', async () => {
    await registry.register(example);
    await registry.listBackends();
    for (let from = 0; from < 1_000_000; from += 50_000) {
      await server.cli('EVAL', 'for n = 1, 50000 do redis.call("SET", "foreign:" .. ARGV[1] + n, n) end', 0, from);
    }
    await using monitor = await startMonitor(server);
    const found = describeCommands(await monitor.during(() => registry.listBackends()));
    expect(found).toEqual(
      tableUnder('Commands')
        .find(([name, when]) => name === 'listBackends' && when === 'unchanged')
        ?.slice(2),
    );
  }, 60_000);

  /** Of several polls, all alike. */
  async function onePoll(monitor: Monitor): Promise<string[]> {
    const left = new AbortController();
    const watching = (async () => {
      for await (const _ of registry.watch({ pollIntervalMs: 5, signal: left.signal }));
    })();
    await eventually(async () =>
      expect(await server.cli('PUBSUB', 'NUMSUB', 'registry:changes')).toEqual(['registry:changes', 1]),
    );
    const polls = (commands: readonly Command[]) => commands.filter(({ name }) => name === 'EVALSHA').length;
    const commands = await monitor.during(async (seen) => {
      await eventually(() => expect(polls(seen)).toBeGreaterThanOrEqual(5));
      left.abort();
      await watching;
    });
    const each = commands.slice(commands.findIndex(({ name }) => name === 'EVALSHA'));
    const perPoll = each.length / polls(each);
    return describeCommands(each.slice(0, perPoll));
  }
});

/** A command that the server has run, sent by a client or called by a script. */
interface Command {
  readonly name: string;
  readonly inScript: boolean;
}

interface Monitor extends AsyncDisposable {
  /** What the server runs meanwhile, but for what the tests themselves send and what a client sends to connect. */
  during(run: (seen: readonly Command[]) => Promise<unknown>): Promise<readonly Command[]>;
}

const NOT_COUNTED = /^(INFO|AUTH|HELLO|SUBSCRIBE|CLIENT|PUBSUB|SCRIPT|SELECT|ECHO)$/;

async function startMonitor({ url: at }: RedisServer): Promise<Monitor> {
  const { Redis } = await import('ioredis');
  const client = new Redis(at);
  const monitor = await client.monitor();
  let seen: Command[] = [];
  let marks = 0;
  let marked = '';
  monitor.on('monitor', (_time: string, [name = '', ...args]: string[], source: string) => {
    if (name.toUpperCase() === 'ECHO') marked = args[0] ?? '';
    else if (!NOT_COUNTED.test(name.toUpperCase())) seen.push({ name: name.toUpperCase(), inScript: source === 'lua' });
  });
  return {
    async during(run) {
      await settle();
      seen = [];
      await run(seen);
      await settle();
      return seen;
    },
    async [Symbol.asyncDispose]() {
      monitor.disconnect();
      client.disconnect();
    },
  };

  /** Until everything that the server ran before is known here. */
  async function settle(): Promise<void> {
    marks += 1;
    await client.echo(String(marks));
    await eventually(() => expect(marked).toBe(String(marks)));
  }
}

/** As the page writes them: round trips, what is sent, what the scripts run. */
function describeCommands(commands: readonly Command[]): string[] {
  const list = (inScript: boolean) => {
    const names = commands.filter((command) => command.inScript === inScript).map(({ name }) => name);
    const counted = [...new Set(names)].sort().map((name) => {
      const calls = names.filter((each) => each === name).length;
      return calls === 1 ? name : `${calls} ${name}`;
    });
    return counted.join(', ') || '–';
  };
  return [String(commands.filter(({ inScript }) => !inScript).length), list(false), list(true)];
}

/** Times keep their length, so that a unit which changes is seen; the epoch is random. */
function withoutTimes(line: string): string {
  return line
    .replace(/\d{10,}/g, (digits) => '0'.repeat(digits.length))
    .replace(/\.\d{6}$/, '.000000')
    .replace(/^[\w-]{24}(?=$|⇥)/, 'random');
}

async function listenTo({ url: at }: RedisServer, channel: string): Promise<{ messages: string[] } & AsyncDisposable> {
  const { Redis } = await import('ioredis');
  const client = new Redis(at);
  const messages: string[] = [];
  client.on('message', (_, message) => messages.push(message));
  await client.subscribe(channel);
  return { messages, [Symbol.asyncDispose]: async () => client.disconnect() };
}
