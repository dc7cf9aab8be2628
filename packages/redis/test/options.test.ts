import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createView } from '@backend-registry/core';
import { type RedisDriver, RedisRegistry } from '@backend-registry/core/redis';
import { testOptions } from '@backend-registry/redis-harness/options';
import { eventually, timersOf } from '@backend-registry/redis-harness/witness';
import { startStandalone } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeRedisDriver } from '../src/driver.ts';
import { SocketEnding } from '../src/ending.ts';
import { RedisBackendRegistry } from '../src/index.ts';
import { adapter } from './adapter.ts';

const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());

await testOptions(adapter);

describe("node-redis: the client's own socket", () => {
  test('it is where Redis is, and db counts', async () => {
    const { host, port } = server;
    await using registry = new RedisBackendRegistry({ socket: { host, port }, db: 3 });
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    expect(await server.cli('INFO', 'keyspace')).toContain('db3:');
  });

  test('beside a url it is a CONFIGURATION error', () => {
    const attempt = () => new RedisBackendRegistry({ url: 'redis://localhost', socket: { host: 'other' } });
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow('url and host');
  });
});

describe('node-redis: TLS', () => {
  test.each([
    ['redis://user:not-the-secret@localhost:6379', true],
    ['rediss://user:not-the-secret@localhost:6379', false],
  ])('%s with socket.tls %s contradicts itself: CONFIGURATION, without the password', (url, tls) => {
    const attempt = () => new RedisBackendRegistry({ url, socket: { tls } as never });
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining('not-the-secret') }));
    expect(attempt).toThrow('socket.tls contradicts the url');
  });

  test('without a url it is spoken where Redis is by default', async () => {
    await using registry = new RedisBackendRegistry({ socket: { tls: true } as never, commandTimeoutMs: 100 });
    await expect(registry.ping()).rejects.toMatchObject({ code: expect.stringMatching(/^(UNAVAILABLE|TIMEOUT)$/) });
  });
});

test('node-redis: nodes of a Cluster may have IPv6 addresses', async () => {
  await using registry = new RedisBackendRegistry({ cluster: [{ host: '::1', port: 1 }], commandTimeoutMs: 2_000 });
  const error = await registry.ping().catch((error: unknown) => error);
  expect(inspect(error, { depth: 10 })).toContain('connect ECONNREFUSED ::1:1');
});

test('node-redis: a Cluster that speaks TLS, as the defaults of its nodes say', async () => {
  await using secure = await startStandalone({
    tls: true,
    args: ['--cluster-enabled', 'yes', '--tls-cluster', 'yes'],
  });
  await secure.cli('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  // A new one waits for two seconds.
  await expect.poll(() => secure.cli('CLUSTER', 'INFO'), { timeout: 20_000 }).toContain('cluster_state:ok');
  const { host, port, ca = '' } = secure;
  const defaults = { socket: { tls: true, ca } as never };
  await using registry = new RedisBackendRegistry({ cluster: [{ host, port }], defaults });
  await registry.register({ url: 'http://10.0.0.1', port: 8001 });
  expect(await secure.cli('EXISTS', '{backend-registry}:backend:http://10.0.0.1:8001')).toBe(1);
});

test('an outage of many attempts to connect leaves no listeners behind that Node warns of', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on('warning', onWarning);
  let attempts = 0;
  const reconnectStrategy = () => {
    attempts += 1;
    return 5;
  };
  {
    await using registry = new RedisBackendRegistry({ socket: { port: 1, reconnectStrategy }, commandTimeoutMs: 100 });
    await using _ = createView(registry);
    await expect.poll(() => attempts, { timeout: 10_000 }).toBeGreaterThan(50);
  }
  // A warning is told a turn later.
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

/** The port to a client that ends with the test, to put something between. */
async function connectedDriver(): Promise<RedisDriver & AsyncDisposable> {
  const client = createClient({ url: server.url });
  await client.connect();
  return { ...nodeRedisDriver(client), [Symbol.asyncDispose]: () => client.close() };
}

test('an end holds nobody who listens: what is left behind goes, and who is there is told', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const ending = new SocketEnding();
  const told: string[] = [];
  for (let n = 0; n < 1_000; n += 1) ending.addEventListener('abort', () => told.push('left behind'));
  const there = () => told.push('there');
  const removed = () => told.push('removed');
  for (const listener of [there, removed]) ending.addEventListener('abort', listener);
  ending.removeEventListener('abort', removed);
  // What was made in this turn stays until its end.
  await new Promise((resolve) => setTimeout(resolve, 10));
  collect();
  ending.cut();
  expect(told).toEqual(['there']);
  ending.addEventListener('abort', there);
  ending.abort();
  ending.abort();
  expect(told).toEqual(['there', 'there']);
});

test('scripts of a cleanup that run in another order: those that expired first come first, and nothing is said to be due', async () => {
  await using driver = await connectedDriver();
  let parts = 0;
  const evalsha: RedisDriver['evalsha'] = async (sha, keys, ...rest) => {
    // A hundred backends each: the first waits longest.
    if (keys.length > 200) {
      parts += 1;
      await new Promise((resolve) => setTimeout(resolve, 200 - 40 * parts));
    }
    return driver.evalsha(sha, keys, ...rest);
  };
  await using registry = new RedisRegistry({ ...driver, evalsha }, { keyPrefix: 'parts:', commandTimeoutMs: 10_000 });
  const many = Array.from({ length: 400 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1_000 + n }));
  for (const heartbeatTimeoutMs of [600_000, 1])
    await registry.registerAll(many.map((backend) => ({ ...backend, heartbeatTimeoutMs })));
  await registry.register({ url: 'http://10.0.0.2', heartbeatTimeoutMs: 600_000 });
  await registry.listBackends();
  await expect.poll(async () => (await registry.listBackends({ status: 'expired' })).length).toBe(many.length);
  parts = 0;
  const { removed, nextExpiryInMs } = await registry.cleanupExpiredBackends();
  expect(parts).toBe(4);
  expect(removed.map(({ port }) => port)).toEqual(many.map(({ port }) => port));
  expect(nextExpiryInMs).toBeGreaterThan(500_000);
});

test('a look that fails loses nothing that has rung before it', async () => {
  await using driver = await connectedDriver();
  let down = false;
  const evalsha: RedisDriver['evalsha'] = async (...script) => {
    if (down) throw new Error('the network is down');
    return driver.evalsha(...script);
  };
  const options = { keyPrefix: 'rung:', commandTimeoutMs: 3_000 };
  await using reader = new RedisRegistry({ ...driver, evalsha }, options);
  await using writer = new RedisRegistry(driver, options);
  const [expired, other] = [1, 2].map((port) => ({ url: 'http://10.0.0.1', port }));
  await writer.registerAll([{ ...expired, heartbeatTimeoutMs: 1 }, other] as never);
  await expect.poll(async () => (await reader.listBackends({ status: 'expired' })).length).toBe(1);
  const stop = new AbortController();
  const events = reader.watch({ signal: stop.signal, pollIntervalMs: 600_000 })[Symbol.asyncIterator]();
  const next = async () => (await events.next()).value;
  expect(await next()).toMatchObject({ type: 'snapshot' });
  await writer.drain(other as never);
  expect(await next()).toMatchObject({ type: 'updated', changed: ['drain'] });
  down = true;
  // Rings, and says no more than that.
  await writer.heartbeat({ ...expired, heartbeatTimeoutMs: 600_000 } as never);
  expect(await next()).toMatchObject({ type: 'stale' });
  // Rings with the document: it could be told without a look.
  await writer.drain(other as never, false);
  down = false;
  const told = [await next(), await next()].map((event) => event.backend.port);
  expect(told.sort()).toEqual([1, 2]);
  expect(await next()).toMatchObject({ type: 'fresh' });
  stop.abort();
});

test('a cleanup of which one script is refused says what the others have removed', async () => {
  await using driver = await connectedDriver();
  let parts = 0;
  const evalsha: RedisDriver['evalsha'] = async (sha, keys, ...rest) => {
    if (keys.length > 200) parts += 1;
    if (parts === 2) throw new Error('OOM of the second part of a hundred');
    return driver.evalsha(sha, keys, ...rest);
  };
  await using registry = new RedisRegistry({ ...driver, evalsha }, { keyPrefix: 'refused:' });
  await registry.registerAll(
    Array.from({ length: 400 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1_000 + n, heartbeatTimeoutMs: 1 })),
  );
  await expect.poll(async () => (await registry.listBackends({ status: 'expired' })).length).toBe(400);
  parts = 0;
  const { removed, nextExpiryInMs } = await registry.cleanupExpiredBackends();
  expect(removed).toHaveLength(300);
  expect(nextExpiryInMs).toBe(0);
  expect((await registry.cleanupExpiredBackends()).removed).toHaveLength(100);
});

test('a call that waits to be made again is not made after close', async () => {
  await using driver = await connectedDriver();
  let loading = true;
  const evalsha: RedisDriver['evalsha'] = async (...script) => {
    if (loading) throw new Error('LOADING Redis is loading the dataset in memory');
    return driver.evalsha(...script);
  };
  const registry = new RedisRegistry({ ...driver, evalsha }, { keyPrefix: 'closed:' });
  const registered = registry.register({ url: 'http://10.0.0.1', port: 8001 });
  const closed = expect(registered).rejects.toMatchObject({ code: 'CLOSED' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  loading = false;
  await registry.close();
  await closed;
  await using other = new RedisRegistry(driver, { keyPrefix: 'closed:' });
  expect(await other.listBackends()).toEqual([]);
});

describe("node-redis: what is no option, and what is one of the client's own", () => {
  for (const options of [{ host: 'other' }, { port: 1 }, { path: '/socket' }, { tls: true }]) {
    test(`${JSON.stringify(options)} beside the socket is a CONFIGURATION error that names it`, () => {
      const attempt = () => adapter.create(options);
      expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
      expect(attempt).toThrow(`socket: { ${Object.keys(options)}`);
    });
  }

  test('sentinels are a CONFIGURATION error that names sentinel', () => {
    const attempt = () => adapter.create({ sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'mymaster' });
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow('sentinel: { name, nodes }');
  });

  test('database, as node-redis spells it, counts', async () => {
    await using registry = new RedisBackendRegistry({ url: server.url, database: 5 });
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    expect(await server.cli('INFO', 'keyspace')).toContain('db5:');
  });
});

describe('node-redis: timers of the client, beside the deadline that every call of the registry has', () => {
  for (const [title, options, each] of [
    ['none, unless they are asked for', {}, 0],
    ['none, whatever else is said of commands', { commandOptions: { asap: false } }, 0],
    ['one for each command where there is a timeout', { commandOptions: { timeout: 10_000 } }, 1],
  ] as const) {
    test(title, async () => {
      await using registry = new RedisBackendRegistry({ url: server.url, ...options });
      expect(await timersOf(registry, 50)).toBe(50 * each);
    });
  }
});

test('a driver may be an object of a class: what it is asked for, it is asked for as such', async () => {
  class Driver implements RedisDriver {
    readonly #client = createClient({ url: server.url });
    readonly #port = nodeRedisDriver(this.#client);
    connect = () => this.#client.connect();
    evalsha: RedisDriver['evalsha'] = (...call) => this.#port.evalsha(...call);
    eval: RedisDriver['eval'] = (...call) => this.#port.eval(...call);
    written() {
      return this.#port.written?.() ?? Promise.resolve();
    }
    async close() {
      this.#client.destroy();
    }
  }
  const driver = new Driver();
  await driver.connect();
  await using registry = new RedisRegistry(driver, { keyPrefix: 'a-class:' });
  const backends = Array.from({ length: 100 }, (_, n) => ({ url: 'http://10.0.0.1', port: 8001 + n }));
  expect(await registry.registerAll(backends)).toHaveLength(100);
  expect(await registry.listBackends()).toHaveLength(100);
});

describe('node-redis: other clients', () => {
  test('a pool works; it cannot listen, so the registry polls', async () => {
    const pool = createClientPool({ url: server.url });
    await pool.connect();
    const registry = new RedisBackendRegistry({ client: pool });
    expect(registry.capabilities.watch).toBe('poll');
    const types: string[] = [];
    const following = (async () => {
      for await (const event of registry.watch({ pollIntervalMs: 20 })) types.push(event.type);
    })();
    await eventually(() => expect(types).toEqual(['snapshot']));
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    await eventually(() => expect(types).toEqual(['snapshot', 'registered']));
    await registry.close();
    await following;
    expect(await pool.ping()).toBe('PONG');
    await pool.close();
  });

  test('a client of ioredis is a CONFIGURATION error that names its package', () => {
    const client = new Redis({ lazyConnect: true });
    const attempt = () => adapter.over(client);
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow(/@backend-registry\/ioredis\b/);
    client.disconnect();
  });
});
