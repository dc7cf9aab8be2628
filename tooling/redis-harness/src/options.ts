/** What every Redis adapter makes of its options, on real servers. */
import { type BackendRegistry, RegistryError } from '@backend-registry/core';
import { createRegistry } from '@backend-registry/core/factory';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, describe, expect, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { letsGo } from './early.ts';
import { eventually, sample, Witness } from './witness.ts';

/** Everything in it has a meaning in a URL. */
const PASSWORD = 'p@ss:w/rd?#%20';
const KEY = 'backend:http://10.0.0.1:8001';

export async function testOptions(adapter: Adapter): Promise<void> {
  const { open, over, connect, create } = adapter;
  const server = await startStandalone();
  const guarded = await startStandalone({
    password: PASSWORD,
    acl: ['app on >app-secret ~* &* +@all', 'none off'],
  });
  const secure = await startStandalone({ tls: true, password: PASSWORD });
  afterAll(async () => {
    for (const each of [server, guarded, secure]) await each[Symbol.asyncDispose]();
  });

  describe(`${adapter.name}: a client of its own`, () => {
    test('a password in the url, with characters that mean something there', async () => {
      await using registry = open({ url: guarded.url, keyPrefix: 'password:' });
      await registry.register(sample());
      expect(await guarded.cli('EXISTS', `password:${KEY}`)).toBe(1);
    });

    test('a user in the url', async () => {
      await using registry = open({ url: withUser(guarded, 'app', 'app-secret'), keyPrefix: 'user:' });
      await registry.register(sample());
      expect(await guarded.cli('EXISTS', `user:${KEY}`)).toBe(1);
      expect(await rows(guarded, 'user=app')).not.toEqual([]);
    });

    for (const [title, options, database] of [
      ['the option', { db: 3 }, 3],
      ['the url', { path: '/4' }, 4],
      ['the option, whatever the url says', { path: '/5', db: 6 }, 6],
      ['the option 0, whatever the url says', { path: '/5', db: 0 }, 0],
    ] as const) {
      test(`the database of ${title}`, async () => {
        const { path = '', ...rest } = { path: '', ...options };
        const keyPrefix = `${title}:`;
        await using registry = open({ url: server.url + path, ...rest, keyPrefix });
        await registry.register(sample());
        expect(await databasesWith(server, `${keyPrefix}${KEY}`)).toEqual([database]);
      });
    }

    for (const [title, credentials, path, options, refused] of [
      ['the option, and there are fewer', '', '', { db: 99 }, '99'],
      ['the url, and there are fewer', '', '/98', {}, '98'],
      ['a number beyond any', '', '/99999999999', {}, '99999999999'],
      ['the option, and the user may not SELECT', 'bound:secret@', '', { db: 1 }, '1'],
    ] as const) {
      test(`the database of ${title}: every call is REFUSED and names it, and nothing is in another one`, async () => {
        await using own = await startStandalone({ acl: [BOUND] });
        const url = `redis://${credentials}${own.host}:${own.port}${path}`;
        await using registry = open({ url, ...options });
        await refuses(registry, refused);
        await own.cli('CLIENT', 'KILL', 'TYPE', 'normal');
        await refuses(registry, refused);
        expect(await own.cli('INFO', 'keyspace')).not.toContain('db');
      });
    }

    test('the database of REDIS_DB, and there are fewer', async () => {
      await using own = await startStandalone();
      const env = { REGISTRY_TYPE: adapter.name, REDIS_URL: own.url, REDIS_DB: '99' };
      await using registry = await createRegistry({ env, adapters: { [adapter.name]: async () => adapter.module } });
      await refuses(registry, '99');
      expect(await own.cli('INFO', 'keyspace')).not.toContain('db');
    });

    test('a database that is refused from one connection to the next: what was under way is not sent again in another one', async () => {
      await using own = await startStandalone({ acl: [BOUND.replace('-select', '+select')] });
      await using registry = open({
        url: `redis://bound:secret@${own.host}:${own.port}`,
        db: 1,
        commandTimeoutMs: 10_000,
      });
      await registry.register(sample(1));
      await own.cli('CLIENT', 'PAUSE', 60_000, 'WRITE');
      const underWay = registry.register(sample(2)).catch((error: unknown) => error);
      await eventually(async () => expect(await own.cli('INFO', 'clients')).toContain('blocked_clients:1'));
      await own.cli('ACL', 'SETUSER', 'bound', '-select');
      await own.cli('CLIENT', 'KILL', 'USER', 'bound');
      await own.cli('CLIENT', 'UNPAUSE');
      expect(await underWay).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('database 1:') });
      await refuses(registry, '1');
      expect(await own.cli('INFO', 'keyspace')).not.toContain('db0');

      await own.cli('ACL', 'SETUSER', 'bound', '+select');
      await eventually(() => registry.register(sample(3)));
      expect(await own.cli('INFO', 'keyspace')).not.toContain('db0');
    });

    test('watching in a database other than 0', async () => {
      await using registry = open({ url: server.url, db: 7, keyPrefix: 'seven:' });
      await using witness = await Witness.of(registry);
      await registry.register(sample());
      await witness.settled();
      expect(witness.types()).toEqual(['snapshot initial', 'registered']);
    });

    test('TLS, with an authority of its own', async () => {
      await using registry = open({ url: secure.url, ca: secure.ca ?? '' });
      await using witness = await Witness.of(registry);
      await registry.register(sample());
      await witness.settled();
      expect(await secure.cli('EXISTS', KEY)).toBe(1);
    });

    test('TLS without the authority is an error within the deadline', async () => {
      await using registry = open({ url: secure.url, commandTimeoutMs: 3_000 });
      await expect(registry.listBackends()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });

    test('what is no url is a CONFIGURATION error that does not repeat it', () => {
      const attempt = () => open({ url: 'http://user:topsecret@localhost' });
      expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
      expect(attempt).toThrow(/redis:\/\//);
      expect(attempt).not.toThrow(/topsecret/);
    });

    const node = { host: '127.0.0.1', port: 1 };
    const sentinel = { name: 'mymaster', nodes: [node] };
    const secret = 'redis://:topsecret@localhost';
    for (const [options, name] of [
      ['redis://:topsecret@localhost', 'options'],
      [null, 'options'],
      [{ url: 5 }, 'url'],
      [{ url: null }, 'url'],
      [{ url: 'localhost:6379' }, 'url'],
      [{ url: `${secret}/abc` }, 'url'],
      [{ url: `${secret}/-1` }, 'url'],
      [{ url: `${secret}/1.5` }, 'url'],
      [{ url: `${secret}/1/2` }, 'url'],
      [{ url: `${secret}?db=abc` }, 'url'],
      [{ url: 'redis://:topsecret%zz@localhost' }, 'url'],
      [{ url: 'redis://topsecret%@localhost' }, 'url'],
      [{ uri: secret }, 'url'],
      [{ hostname: 'localhost' }, 'host'],
      [{ url: secret, sentinels: [node], name: 'mymaster' }, 'sentinel'],
      [{ url: secret, db: 1, database: 2 }, 'db'],
      [{ db: 'x' }, 'db'],
      [{ db: -1 }, 'db'],
      [{ db: 1.5 }, 'db'],
      [{ cluster: 'x' }, 'cluster'],
      [{ cluster: undefined }, 'cluster'],
      [{ cluster: [] }, 'cluster'],
      [{ cluster: [node, { host: 'h' }] }, 'cluster'],
      [{ cluster: ['redis://:topsecret@h:7000'] }, 'cluster'],
      [{ cluster: [node], db: 1 }, 'db'],
      [{ sentinel: undefined }, 'sentinel.name'],
      [{ sentinel: {} }, 'sentinel.name'],
      [{ sentinel: { name: 'mymaster' } }, 'sentinel.nodes'],
      [{ sentinel: { name: 'mymaster', nodes: [{ host: 'h', port: '26379' }] } }, 'sentinel.nodes'],
      [{ sentinel, db: 'x' }, 'db'],
      [{ cluster: [node], url: 'redis://:topsecret@h' }, 'cluster and url'],
      [{ sentinel, url: 'redis://:topsecret@h' }, 'sentinel and url'],
      [{ sentinel, cluster: [node] }, 'sentinel and cluster'],
      [{ client: {}, url: 'redis://:topsecret@h' }, 'client and url'],
      [{ client: {}, db: 3 }, 'db'],
      [{ client: {}, connectTimeout: 3 }, 'connectTimeout'],
      [{ evalsha: () => null }, 'client'],
      [{ evalSha: () => null }, 'client'],
      [{ heartbeatTimeout: 3 }, 'heartbeatTimeoutMs'],
      [{ heartbeat_timeout_ms: 3 }, 'heartbeatTimeoutMs'],
      [{ keyprefix: 'x' }, 'keyPrefix'],
      [{ URL: 'redis://:topsecret@h' }, 'url'],
      [{ heartbeatTimeoutMs: '3' }, 'heartbeatTimeoutMs'],
      [{ keyPrefix: 3 }, 'keyPrefix'],
      [{ token: 'topsecret' }, 'token'],
    ] as const) {
      test(`${title(options)} is a CONFIGURATION error that names ${name}, and no secret`, () => {
        const attempt = () => create(options);
        expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
        expect(attempt).toThrow(name);
        expect(attempt).not.toThrow(/topsecret/);
      });
    }

    test('what is refused leaves no client behind', async () => {
      await using own = await startStandalone();
      const attempts: unknown[] = [
        { url: own.url, heartbeatTimeoutMs: -1 },
        { cluster: [{ host: own.host, port: own.port }], keyPrefix: 'no-tag:' },
      ];
      for (const options of attempts)
        expect(() => create(options)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
      // Whoever was left behind would be connected before this one.
      await using registry = open({ url: own.url });
      await registry.ping();
      expect(await rows(own, 'user=default')).toHaveLength(1);
    });

    test('close lets go of what is still connecting', () => letsGo(() => open({ url: server.url, db: 1 })));

    test('close ends every connection', async () => {
      const own = await startStandalone();
      try {
        const registry = open({ url: own.url });
        const witness = await Witness.of(registry);
        await registry.register(sample());
        expect(await rows(own, 'user=default')).toHaveLength(2);
        await witness[Symbol.asyncDispose]();
        await registry.close();
        await eventually(async () => expect(await rows(own, 'user=default')).toEqual([]));
      } finally {
        await own[Symbol.asyncDispose]();
      }
    });
  });

  describe(`${adapter.name}: a client of the caller's`, () => {
    test('it works, and is left as it was: open, and not configured anew', async () => {
      const own = await startStandalone();
      try {
        const callers = await connect(own.url);
        const before = await describeClient(own, callers.client);
        const registry = over(callers.client);
        const witness = await Witness.of(registry);
        await registry.register(sample());
        await witness.settled();
        expect(registry.capabilities.watch).toBe('push');
        // The caller's, and the one that listens.
        await eventually(async () => expect(await rows(own, 'user=default')).toHaveLength(2));

        await witness[Symbol.asyncDispose]();
        await registry.close();
        await eventually(async () => expect(await rows(own, 'user=default')).toHaveLength(1));
        expect(await describeClient(own, callers.client)).toEqual(before);
        expect(await callers.ping()).toBe('PONG');
        await callers.end();
      } finally {
        await own[Symbol.asyncDispose]();
      }
    });

    test('what listens is let go of while it connects', async () => {
      const callers = await connect(server.url);
      await letsGo(() => over(callers.client, { keyPrefix: 'early:' }));
      expect(await callers.ping()).toBe('PONG');
      await callers.end();
    });

    test('two registries on one client: the second works on when the first is closed', async () => {
      const callers = await connect(server.url);
      const first = over(callers.client, { keyPrefix: 'two:' });
      await using second = over(callers.client, { keyPrefix: 'two:' });
      const seenByFirst = await Witness.of(first);
      await using seenBySecond = await Witness.of(second);
      await seenByFirst[Symbol.asyncDispose]();
      await first.close();
      await second.register(sample());
      await seenBySecond.settled();
      expect(seenBySecond.types()).toEqual(['snapshot initial', 'registered']);
      await callers.end();
    });

    test("the client's own keyPrefix stands before the registry's, and watching works", async () => {
      const callers = await connect(server.url, { keyPrefix: 'clients-' });
      const registry = over(callers.client, { keyPrefix: 'ours:' });
      const witness = await Witness.of(registry);
      const { backend } = await registry.register(sample());
      await registry.updateBackendHealth(sample(), false);
      await registry.heartbeat({ ...sample(), heartbeatTimeoutMs: 1 });
      await witness.settled();
      expect(witness.types().slice(0, 2)).toEqual(['snapshot initial', 'registered']);
      expect(await registry.getBackend(sample())).toMatchObject({ id: backend.id, health: false });
      expect(await keysOf(server, '*ours:*')).toEqual(
        [
          KEY,
          'heartbeat:http://10.0.0.1:8001',
          'registry:incarnations',
          'registry:leases',
          'registry:meta',
          'registry:versions',
        ].map((key) => `clients-ours:${key}`),
      );
      await eventually(async () => {
        await registry.cleanupExpiredBackends();
        expect(await registry.listBackends()).toEqual([]);
      });
      expect(await keysOf(server, '*ours:*')).toEqual(['clients-ours:registry:meta', 'clients-ours:registry:removed']);
      await witness[Symbol.asyncDispose]();
      await registry.close();
      await callers.end();
    });

    for (const [title, value] of [
      ['undefined', undefined],
      ['null', null],
      ['text', 'redis://localhost'],
      ['an object without methods', {}],
      ['a class', class {}],
    ] as const) {
      test(`${title} is a CONFIGURATION error that says what is missing`, () => {
        const attempt = () => over(value);
        expect(attempt).toThrow(RegistryError);
        expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
        expect(attempt).toThrow(/client.*(not an object|has no )/);
      });
    }
  });
}

/** May do everything but change its database. */
const BOUND = 'bound on >secret ~* &* +@all -select';

async function refuses(registry: BackendRegistry, database: string): Promise<void> {
  for (const call of [
    () => registry.listBackends(),
    () => registry.register(sample()),
    () => registry.heartbeat(sample()),
    () => registry.ping(),
    () => registry.registerAll([sample(2), sample(3)]),
  ]) {
    const refusal = { code: 'REFUSED', message: expect.stringContaining(`database ${database}:`) };
    await expect(call()).rejects.toMatchObject(refusal);
  }
}

function withUser(server: RedisServer, user: string, password: string): string {
  return `redis://${user}:${password}@${server.host}:${server.port}`;
}

/** Options as they stand in the name of a test. */
function title(options: unknown): string {
  return JSON.stringify(options, (_name, value) => (value === undefined ? 'undefined' : value));
}

/** Connections to the server that match. */
async function rows(server: RedisServer, match: string): Promise<string[]> {
  const list = String(await server.cli('CLIENT', 'LIST'));
  return list.split('\n').filter((row) => row.includes(`${match} `) || row.endsWith(match));
}

/** What must not change of a client: how the server sees it, and who listens to it. */
async function describeClient(server: RedisServer, client: unknown): Promise<unknown> {
  const emitter = client as import('node:events').EventEmitter;
  const steady = ['id', 'addr', 'name', 'flags', 'db', 'sub', 'psub', 'user', 'resp', 'tracking'];
  const [row = ''] = await rows(server, 'user=default');
  return {
    server: row.split(' ').filter((field) => steady.includes(field.split('=')[0] ?? '')),
    listeners: emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]),
  };
}

async function keysOf(server: RedisServer, pattern: string): Promise<string[]> {
  const keys = await server.cli('KEYS', pattern);
  return (keys as string[]).toSorted();
}

/** The databases in which a key is. */
async function databasesWith(server: RedisServer, key: string): Promise<number[]> {
  const script = `local found = {}
    for db = 0, 15 do
      redis.call('SELECT', db)
      if redis.call('EXISTS', ARGV[1]) == 1 then found[#found + 1] = db end
    end
    return found`;
  return (await server.cli('EVAL', script, 0, key)) as number[];
}
