/** What callers, watchers and views see of each fault between a registry and Upstash. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { type BackendRegistry, RegistryError, type RegistryOptions } from '@backend-registry/core';
import { eventually, sample, Witness } from '@backend-registry/redis-harness/witness';
import { startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest, type UpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from '@upstash/redis';
import { Redis as Lowest } from '@upstash/redis-1.34';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

type Open = (bridge: Pick<UpstashRest, 'url' | 'token'>, options?: RegistryOptions) => RedisBackendRegistry;

const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());

let bridge: UpstashRest;
beforeEach(async () => {
  await server.cli('FLUSHALL');
  bridge = await startUpstashRest({ redis: server.url });
});
afterEach(() => bridge[Symbol.asyncDispose]());

/** Longer than a busy machine may stand still. */
const DEADLINE_MS = 2_000;

async function failure(call: Promise<unknown>): Promise<RegistryError> {
  const error = await call.then(
    () => expect.fail('It did not fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toSatisfy((thrown) => RegistryError.is(thrown));
  return error as RegistryError;
}

/** Neither the token, nor a command, nor what was registered. */
function expectNoSecret(error: unknown): void {
  const shown = inspect(error, { depth: 10, showHidden: true });
  expect(shown).not.toContain(bridge.token);
  expect(shown).not.toMatch(/"evalsha"|"eval"|command was|redis\.call|backend:http|registry:leases/i);
}

const writes = (commands: readonly (readonly string[])[]) =>
  commands.some((command) => command.some((argument) => argument.includes('registry:incarnations')));

describe.each<[string, Open]>([
  ['by url', ({ url, token }, options) => new RedisBackendRegistry({ url, token, ...options })],
  [
    'over a client',
    ({ url, token }, options) => new RedisBackendRegistry({ client: new Redis({ url, token }), ...options }),
  ],
  [
    'over a client of 1.34.0',
    ({ url, token }, options) => new RedisBackendRegistry({ client: new Lowest({ url, token }), ...options }),
  ],
])('%s', (_, open) => {
  const opened = () => open(bridge, { commandTimeoutMs: DEADLINE_MS });

  test.each(['drop-after', 'cut-body', 'short-body'] as const)(
    'an answer that is lost after the write was applied (%s) equals one execution',
    async (fault) => {
      await using registry = opened();
      await using witness = await Witness.of(registry);
      const mine = { ...sample(), incarnation: 'mine' };
      const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['registered', () => registry.register(mine)],
        ['updated', () => registry.updateBackendHealth(mine, false)],
        ['updated', () => registry.updateBackendMetrics(mine, { inFlightRequests: 3 })],
        ['updated', () => registry.drain(mine)],
        ['removed', () => registry.unregister(mine)],
      ];
      // Once as it should be: then the server knows the scripts, and what is lost is the answer to the write, not a NOSCRIPT.
      for (const [, step] of steps) await step();
      await witness.settled();
      const expected = witness.types();
      for (const [event, step] of steps) {
        const { met } = bridge.faults;
        bridge.faults.once(fault, writes);
        await step();
        expect(bridge.faults.met).toBe(met + 1);
        await witness.settled();
        expected.push(event);
        expect(witness.types()).toEqual(expected);
      }
    },
  );

  test('what is dropped before it was applied is sent again', async () => {
    await using registry = opened();
    await registry.ping();
    bridge.faults.once('drop-before', writes);
    expect(await registry.register(sample())).toMatchObject({ status: 'registered' });
  });

  test('429 is UNAVAILABLE at once, and is not asked again and again', async () => {
    await using registry = opened();
    await registry.register(sample());
    await using witness = await Witness.of(registry);
    const end = bridge.faults.start('429');
    const error = await failure(registry.heartbeat(sample()));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/no more requests/) });
    expectNoSecret(error);
    await witness.stale();
    expect(witness.view.backends).toHaveLength(1);
    end();
    await witness.settled();
    expect(witness.types()).toEqual(['snapshot initial', 'stale', 'fresh']);
  });

  test('who stands in between and repeats the command in its error is not repeated', async () => {
    const between = createServer(async (request, response) => {
      const error = `ERR no such thing, with args beginning with: ${await text(request)} ${request.headers.authorization}`;
      response.writeHead(400).end(JSON.stringify({ error }));
    });
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
    const url = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    await using registry = open({ url, token: bridge.token }, { commandTimeoutMs: DEADLINE_MS });
    const error = await failure(registry.register(sample()));
    expect(error.cause).toBeInstanceOf(Error);
    expectNoSecret(error);
    between.closeAllConnections();
    between.close();
  });

  test('one 429 costs one request', async () => {
    await using registry = opened();
    await registry.ping();
    bridge.counts.reset();
    bridge.faults.once('429');
    await failure(registry.ping());
    expect(bridge.counts.requests).toBe(1);
  });

  test('an error page in HTML is UNAVAILABLE within the deadline, and healed by itself', async () => {
    await using registry = opened();
    await registry.register(sample());
    await using witness = await Witness.of(registry);
    bridge.faults.once('503');
    expect(await registry.heartbeat(sample())).toEqual({ status: 'renewed' });
    const end = bridge.faults.start('503');
    const error = await failure(registry.heartbeat(sample()));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/proxy in between/) });
    expect(inspect(error)).not.toContain('<html>');
    expectNoSecret(error);
    await witness.stale();
    end();
    await witness.settled();
    expect(witness.fewest).toBe(1);
  });

  test('answers that are always cut are UNAVAILABLE', async () => {
    await using registry = opened();
    for (const fault of ['cut-body', 'short-body', 'drop-after'] as const) {
      const end = bridge.faults.start(fault);
      const error = await failure(registry.listBackends());
      expect(['UNAVAILABLE', 'TIMEOUT']).toContain(error.code);
      expectNoSecret(error);
      end();
    }
    expect(await registry.listBackends()).toEqual([]);
  });

  test('no answer is TIMEOUT at the deadline', async () => {
    await using registry = opened();
    const end = bridge.faults.start('hang');
    const error = await failure(registry.register(sample()));
    expect(error.code).toBe('TIMEOUT');
    expectNoSecret(error);
    end();
    await eventually(async () =>
      expect(['registered', 'renewed']).toContain((await registry.register(sample())).status),
    );
  });

  test('a wrong token is REFUSED, with what to do', async () => {
    await using registry = open({ url: bridge.url, token: 'wrong-but-secret' });
    for (const call of [registry.register(sample()), registry.listBackends(), registry.ping()]) {
      const error = await failure(call);
      expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/does not take this token/) });
      expect(inspect(error, { depth: 10 })).not.toContain('wrong-but-secret');
    }
  });

  test('a token that may only read is REFUSED, and the message says so', async () => {
    await using registry = open({ url: bridge.url, token: bridge.readOnlyToken });
    const error = await failure(registry.register(sample()));
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/may only read/) });
  });

  test('a request over the limit is REFUSED, and the message says what to do', async () => {
    await using registry = open(bridge, { commandTimeoutMs: 10_000 });
    const metadata = { huge: 'x'.repeat(11 * 1024 * 1024) };
    const error = await failure(registry.register({ ...sample(), metadata }));
    expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/larger than Upstash takes/) });
    expect(error.message.length).toBeLessThan(300);
  });

  test('what Redis says is told as with any other adapter', async () => {
    await using registry = opened();
    await server.cli('SET', 'registry:leases', 'text');
    const wrongType = await failure(registry.register(sample()));
    expect(wrongType).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/another program/) });
    expectNoSecret(wrongType);
    await server.cli('FLUSHALL');
    await server.cli('HSET', 'registry:meta', 'schema', '2', 'epoch', 'later');
    const newer = await failure(registry.register(sample()));
    expect(newer.message).toMatch(/schema|newer|version/i);
    expectNoSecret(newer);
    await server.cli('FLUSHALL');
    await server.cli('CONFIG', 'SET', 'maxmemory', 1);
    const full = await failure(registry.register(sample()));
    await server.cli('CONFIG', 'SET', 'maxmemory', 0);
    expect(full).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/maxmemory/) });
  });
});

test('a client whose signal has aborted makes up answers: they are told from those of a script', async () => {
  const stopped = AbortSignal.abort('stopped');
  const client = new Redis({ url: bridge.url, token: bridge.token, signal: stopped });
  await using registry = new RedisBackendRegistry({ client, commandTimeoutMs: 300 });
  expect(await failure(registry.listBackends())).toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|TIMEOUT/) });
});

test('a server that has forgotten its scripts is sent them again, once', async () => {
  await using registry = new RedisBackendRegistry({ url: bridge.url, token: bridge.token });
  await registry.register(sample());
  await server.cli('SCRIPT', 'FLUSH');
  bridge.counts.reset();
  await registry.register(sample());
  await registry.register(sample());
  expect(bridge.counts).toMatchObject({ requests: 3, evals: 1, evalshas: 1 });
});

describe('a replica that lags', () => {
  test.each<[string, (bridge: UpstashRest) => BackendRegistry]>([
    ['by url', ({ url, token }) => new RedisBackendRegistry({ url, token })],
    ['over a client', ({ url, token }) => new RedisBackendRegistry({ client: new Redis({ url, token }) })],
    [
      'over a client that sends no sync token',
      ({ url, token }) => new RedisBackendRegistry({ client: new Redis({ url, token, readYourWrites: false }) }),
    ],
  ])('never takes a watcher back in time: %s', async (_, open) => {
    await using replicated = await startUpstashRest({ replica: true });
    await using writer = open(replicated);
    await using reader = open(replicated);
    await writer.register({ ...sample(), zone: 'old' });
    await using witness = await Witness.of(reader);
    const plain = new Redis({ url: replicated.url, token: replicated.token, readYourWrites: false });
    const key = 'backend:http://10.0.0.1:8001';
    await eventually(async () => expect(await plain.get(key)).toMatchObject({ zone: 'old' }));
    const follow = await replicated.faults.lag();
    await writer.register({ ...sample(), zone: 'new' });
    await writer.register(sample(2));
    // It does lag.
    expect(await plain.get(key)).toMatchObject({ zone: 'old' });
    await witness.settled();
    expect(witness.view.backends.map(({ zone }) => zone)).toEqual(['new', null]);
    await using late = open(replicated);
    expect(await late.listBackends()).toEqual(await writer.listBackends());
    await follow();
    await witness.settled();
    expect(witness.types().toSorted()).toEqual(['registered', 'snapshot initial', 'updated']);
  });
});

describe('operations that are made in one turn share a request', () => {
  test('and each has its own answer', async () => {
    await using registry = new RedisBackendRegistry({ url: bridge.url, token: bridge.token });
    await registry.register({ ...sample(), incarnation: 'mine' });
    await server.cli('SET', 'backend:http://10.0.0.1:8002', 'x');
    await registry.ping();
    bridge.counts.reset();
    const answers = await Promise.allSettled([
      registry.updateBackendHealth({ ...sample(), incarnation: 'other' }, false),
      registry.getBackend(sample()),
      registry.unregister(sample(2)),
      registry.ping(),
    ]);
    expect(answers).toMatchObject([
      { value: { status: 'fenced' } },
      { value: { incarnation: 'mine' } },
      { value: { status: 'unknown' } },
      { status: 'fulfilled' },
    ]);
    // The second time is for scripts that the server did not know.
    expect(bridge.counts.requests).toBeLessThanOrEqual(2);
  });

  test('one that is refused does not fail the others', async () => {
    await using registry = new RedisBackendRegistry({ url: bridge.url, token: bridge.token, keyPrefix: 'one:' });
    await registry.register(sample());
    await server.cli('SET', 'one:registry:versions', 'no zset');
    const [refused, read] = await Promise.allSettled([registry.unregister(sample()), registry.getBackend(sample())]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'REFUSED' } });
    expect(read).toMatchObject({ status: 'fulfilled' });
  });
});

describe('streams', () => {
  const patient = { pollIntervalMs: 60_000 };

  /** Counts what a watcher is told that would not look by itself for a minute. */
  async function listening(registry: BackendRegistry) {
    const types: string[] = [];
    const stop = new AbortController();
    const following = (async () => {
      for await (const { type } of registry.watch({ ...patient, signal: stop.signal })) types.push(type);
    })();
    await eventually(() => expect(types).toEqual(['snapshot']));
    return {
      types,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await following;
      },
    };
  }

  const opened = (options: object = {}) =>
    new RedisBackendRegistry({ url: bridge.url, token: bridge.token, ...options });

  test('there is one for all watchers of a registry, and only while there are any', async () => {
    const registry = opened();
    await registry.listBackends();
    expect(bridge.faults.streams).toBe(0);
    {
      await using _first = await listening(registry);
      await using _second = await listening(registry);
      await eventually(() => expect(bridge.faults.streams).toBe(1));
    }
    await eventually(() => expect(bridge.faults.streams).toBe(0));
    await using again = await listening(registry);
    await eventually(() => expect(bridge.faults.streams).toBe(1));
    await registry.register(sample());
    await eventually(() => expect(again.types).toEqual(['snapshot', 'registered']));
    await registry.close();
    await eventually(() => expect(bridge.faults.streams).toBe(0));
  });

  test('a change is heard without polling, whatever the channel is called', async () => {
    for (const keyPrefix of ['', 'a,b/c d:', 'größe:', '*:']) {
      await using registry = opened({ keyPrefix });
      await using watcher = await listening(registry);
      await eventually(() => expect(bridge.faults.streams).toBeGreaterThan(0));
      await registry.register(sample());
      await eventually(() => expect(watcher.types).toEqual(['snapshot', 'registered']));
    }
  });

  test.each(['cutStreams', 'endStreams'] as const)('%s: it begins anew, and what was missed is found', async (end) => {
    await using registry = opened();
    await using watcher = await listening(registry);
    await eventually(() => expect(bridge.faults.streams).toBe(1));
    const { streams } = bridge.counts;
    bridge.faults[end]();
    // Nobody listens now.
    await registry.register(sample());
    await eventually(() => expect(watcher.types).toEqual(['snapshot', 'registered']));
    await eventually(() => expect(bridge.counts.streams).toBe(streams + 1));
    await registry.unregister(sample());
    await eventually(() => expect(watcher.types).toEqual(['snapshot', 'registered', 'removed']));
  });

  test('one that fell silent loses nothing: the poll finds it', async () => {
    await using registry = opened();
    await using witness = await Witness.of(registry);
    await eventually(() => expect(bridge.faults.streams).toBe(1));
    bridge.faults.silenceStreams();
    await registry.register(sample());
    await witness.settled();
    expect(witness.types()).toEqual(['snapshot initial', 'registered']);
  });

  test('one that is refused is asked for again', async () => {
    await using registry = opened();
    bridge.faults.once('503', (commands) => commands[0]?.[0] === 'subscribe');
    await using watcher = await listening(registry);
    await eventually(() => expect(bridge.faults.streams).toBe(1));
    await registry.register(sample());
    await eventually(() => expect(watcher.types).toEqual(['snapshot', 'registered']));
  });
});

describe('cost', () => {
  test('one request for each operation, whatever its size; every script locks its keys and nothing else', async () => {
    await using registry = new RedisBackendRegistry({ url: bridge.url, token: bridge.token, commandTimeoutMs: 20_000 });
    const fleet = Array.from({ length: 1_200 }, (_, n) => sample(n));
    await registry.registerAll(fleet);
    await registry.heartbeatAll(fleet);
    await registry.listBackends();
    await registry.updateBackendHealth(sample(), false);
    await registry.listBackends();
    bridge.counts.reset();
    const cost = async (call: Promise<unknown>) => {
      const before = bridge.counts.requests;
      await call;
      return bridge.counts.requests - before;
    };
    expect(await cost(registry.heartbeatAll(fleet))).toBe(1);
    expect(await cost(Promise.all(fleet.map((each) => registry.heartbeat(each))))).toBe(1);
    expect(await cost(registry.registerAll(fleet))).toBe(1);
    expect(await cost(registry.updateBackendHealth(sample(), true))).toBe(1);
    // What has changed, and the documents of it.
    expect(await cost(registry.listBackends())).toBeLessThanOrEqual(2);
    expect(await cost(registry.listBackends())).toBe(1);
    expect(await cost(registry.getBackend(sample()))).toBeLessThanOrEqual(2);
    const { evals, evalshas, keyLockingScripts } = bridge.counts;
    expect(keyLockingScripts).toBe(evals + evalshas);
  });

  test('another process finds the scripts that are known to the server', async () => {
    await using first = new RedisBackendRegistry({ url: bridge.url, token: bridge.token });
    await first.register(sample());
    await first.listBackends();
    await first.cleanupExpiredBackends();
    await using second = new RedisBackendRegistry({ url: bridge.url, token: bridge.token });
    bridge.counts.reset();
    await second.register(sample());
    await second.listBackends();
    await second.cleanupExpiredBackends();
    expect(bridge.counts.evals).toBe(0);
    // A cleanup looks and finds with one request, of two scripts.
    expect([bridge.counts.evalshas, bridge.counts.requests]).toEqual([5, 4]);
  });
});
