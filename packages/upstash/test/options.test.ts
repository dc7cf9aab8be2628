import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { type AdapterModule, createRegistry } from '@backend-registry/core/factory';
import { eventually, sample, Witness } from '@backend-registry/redis-harness/witness';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from '@upstash/redis';
import { Redis as IORedis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { RedisBackendRegistry, type RedisBackendRegistryOptions } from '../src/index.ts';

const bridge = await startUpstashRest();
afterAll(() => bridge[Symbol.asyncDispose]());
const { url, token } = bridge;

const SECRET = 'top-secret';

function attempt(options: unknown): () => RedisBackendRegistry {
  return () => new RedisBackendRegistry(options as RedisBackendRegistryOptions);
}

describe('a database by its address', () => {
  test('a slash at the end is taken', async () => {
    await using registry = new RedisBackendRegistry({ url: `${url}/`, token });
    await registry.ping();
  });

  test('a path that Upstash takes for a command is REFUSED, with what to do', async () => {
    await using registry = new RedisBackendRegistry({ url: `${url}/redis`, token });
    await expect(registry.ping()).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/path of the url.*leave it out/),
    });
  });

  test('by the variables that Upstash documents', async () => {
    const env = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, OTHER: 'x' };
    await using registry = new RedisBackendRegistry({ env, keyPrefix: 'env:' });
    expect(await registry.register(sample())).toMatchObject({ status: 'registered' });
  });

  test('through the factory', async () => {
    await using registry = await createRegistry({
      env: { REGISTRY_TYPE: 'upstash', UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token },
      adapters: { upstash: async () => ({ RedisBackendRegistry }) as unknown as AdapterModule },
      keyPrefix: 'factory:',
    });
    expect(await registry.register(sample())).toMatchObject({ status: 'registered' });
  });

  test.each([
    'http://localhost:1',
    'http://127.0.0.1:1',
    'http://127.8.9.1:1',
    'http://[::1]:1',
    'http://[::ffff:127.0.0.1]:1',
    'http://db.localhost',
    'https://db.upstash.io',
  ])('%s is taken', async (address) => {
    await attempt({ url: address, token })().close();
  });

  test.each([
    ['http', 'http://db.upstash.io', /https:\/\//],
    ['what only looks like this machine', 'http://127.0.0.1.example.com', /https:\/\//],
    ['another machine by IPv4 in IPv6', 'http://[::ffff:10.0.0.1]', /https:\/\//],
    ['another scheme', 'redis://localhost:6379', /https:\/\//],
    ['no url', `${SECRET} nonsense`, /url/],
    ['a password', `https://user:${SECRET}@db.upstash.io`, /no user/],
    ['a query', `https://db.upstash.io?_token=${SECRET}`, /query/],
    ['nothing', '', /url is missing/],
    ['no text', 42, /url is missing/],
  ])('%s is a CONFIGURATION error that does not repeat it', (_, address, message) => {
    expect(attempt({ url: address, token })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt({ url: address, token })).toThrow(message);
    expect(attempt({ url: address, token })).not.toThrow(SECRET);
  });

  test.each([
    ['none', undefined, /token is missing/],
    ['an empty one', '', /token is missing/],
    ['a line break at its end', `${SECRET}\n`, /line break/],
    ['a space', ` ${SECRET}`, /space/],
  ])('a token that is %s is a CONFIGURATION error that does not repeat it', (_, wrong, message) => {
    expect(attempt({ url, token: wrong })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt({ url, token: wrong })).toThrow(message);
    expect(attempt({ url, token: wrong })).not.toThrow(SECRET);
  });

  test.each([
    ['the url', { UPSTASH_REDIS_REST_TOKEN: token }, /UPSTASH_REDIS_REST_URL is missing/],
    ['the token', { UPSTASH_REDIS_REST_URL: url }, /UPSTASH_REDIS_REST_TOKEN is missing/],
    ['everything', undefined, /UPSTASH_REDIS_REST_URL/],
  ])('an environment without %s is a CONFIGURATION error that names the variable', (_, env, message) => {
    expect(attempt({ env })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt({ env })).toThrow(message);
  });

  test.each([
    undefined,
    null,
    {},
    { heartbeatTimeoutMs: 1 },
    { url, token, env: {} },
    { url, token, client: {} },
    { url, token, heartbeatTimeout: 5 },
    { url, token, db: 1 },
    { url, token, subscribe: 'no' },
    { url, token, heartbeatTimeoutMs: -1 },
    { client: new Redis({ url, token }), subscribe: true },
  ])('%j is a CONFIGURATION error', (options) => {
    expect(attempt(options)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  test('neither the registry nor its options show the token', async () => {
    await using registry = new RedisBackendRegistry({ url, token });
    expect(inspect(registry, { depth: 10, showHidden: true })).not.toContain(token);
  });
});

describe('what it says of itself', () => {
  test('by url it pushes, unless it is told not to; over a client it polls', async () => {
    await using pushes = new RedisBackendRegistry({ url, token });
    await using polls = new RedisBackendRegistry({ url, token, subscribe: false });
    await using over = new RedisBackendRegistry({ client: new Redis({ url, token }) });
    expect(pushes.capabilities).toMatchObject({ store: 'redis', clock: 'store', scope: 'network', watch: 'push' });
    expect([polls.capabilities.watch, over.capabilities.watch]).toEqual(['poll', 'poll']);
  });

  test('one that polls opens no stream, and its watchers are told', async () => {
    bridge.counts.reset();
    await using registry = new RedisBackendRegistry({ url, token, subscribe: false, keyPrefix: 'polls:' });
    await using witness = await Witness.of(registry);
    await registry.register(sample());
    await witness.settled();
    expect(witness.types()).toEqual(['snapshot initial', 'registered']);
    expect(bridge.counts.streams).toBe(0);
  });
});

describe("a client of the caller's", () => {
  test('two registries on one client: the second works on when the first is closed, and so does the client', async () => {
    const client = new Redis({ url, token });
    const first = new RedisBackendRegistry({ client, keyPrefix: 'two:' });
    await using second = new RedisBackendRegistry({ client, keyPrefix: 'two:' });
    await first.register(sample());
    await first.close();
    expect(await second.listBackends()).toHaveLength(1);
    await client.set('two:own', { a: 1 });
    expect(await client.get('two:own')).toEqual({ a: 1 });
  });

  test('one command of a caller that fails beside ours is not ours', async () => {
    const client = new Redis({ url, token, enableAutoPipelining: true });
    await using registry = new RedisBackendRegistry({ client, keyPrefix: 'beside:' });
    await client.set('beside:text', 'text');
    const [own, ours] = await Promise.allSettled([client.incr('beside:text'), registry.register(sample())]);
    expect(own.status).toBe('rejected');
    expect(ours).toMatchObject({ status: 'fulfilled', value: { status: 'registered' } });
  });

  test.each([
    ['undefined', undefined, /not an object/],
    ['text', 'https://db.upstash.io', /not an object/],
    ['an object without methods', {}, /has no pipeline/],
    ['a class', class {}, /not an object/],
  ])('%s is a CONFIGURATION error that says what is missing', (_, client, message) => {
    expect(attempt({ client })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt({ client })).toThrow(message);
  });

  test('a client of ioredis is a CONFIGURATION error that names its package', () => {
    const client = new IORedis({ lazyConnect: true });
    expect(attempt({ client })).toThrow(/@backend-registry\/ioredis\b/);
    client.disconnect();
  });
});

describe('deadlines end requests', () => {
  /** A server that answers nothing, and knows who is still waiting. */
  async function silence() {
    let waiting = 0;
    const server = createServer((request) => {
      waiting += 1;
      request.socket.once('close', () => {
        waiting -= 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      waiting: () => waiting,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }

  test('a request that is not answered is given up, not only its caller', async () => {
    await using server = await silence();
    await using registry = new RedisBackendRegistry({ url: server.url, token, commandTimeoutMs: 200 });
    await expect(registry.ping()).rejects.toMatchObject({ code: 'TIMEOUT' });
    await eventually(() => expect(server.waiting()).toBe(0));
  });

  test('close ends what is under way, its streams too', async () => {
    await using server = await silence();
    const registry = new RedisBackendRegistry({ url: server.url, token, commandTimeoutMs: 60_000 });
    const call = registry.ping();
    const watcher = registry.watch()[Symbol.asyncIterator]();
    const watching = watcher.next();
    const ended = Promise.allSettled([call, watching]);
    // Both look in one request; the other is the stream.
    await eventually(() => expect(server.waiting()).toBe(2));
    await registry.close();
    expect((await ended)[0]).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
    await eventually(() => expect(server.waiting()).toBe(0));
  });
});
