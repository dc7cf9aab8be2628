/** Answers that are none of Upstash's, or not as it should give them: each is a typed error that says what to do, and repeats nothing. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { RegistryError, type RegistryOptions } from '@backend-registry/core';
import { Lag } from '@backend-registry/redis-harness/lag';
import { eventually, sample } from '@backend-registry/redis-harness/witness';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from '@upstash/redis';
import { Redis as Lowest } from '@upstash/redis-1.34';
import { afterAll, describe, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { Requests } from '../src/requests.ts';

const TOKEN = 'secretToken';
const INCARNATION = 'secretLife';

/** Whoever stands where Upstash should, and answers with this. */
async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>,
) {
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const body = await text(request);
    response.on('error', () => undefined);
    await answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function failure(call: Promise<unknown>): Promise<RegistryError> {
  const error = await call.then(
    () => expect.fail('It did not fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toSatisfy((thrown) => RegistryError.is(thrown));
  return error as RegistryError;
}

type Open = (url: string, options?: RegistryOptions & { readonly token?: string }) => RedisBackendRegistry;

const WAYS: readonly (readonly [string, Open])[] = [
  ['by url', (url, { token = TOKEN, ...options } = {}) => new RedisBackendRegistry({ url, token, ...options })],
  [
    'over a client',
    (url, { token = TOKEN, ...options } = {}) =>
      new RedisBackendRegistry({ client: new Redis({ url, token, retry: false }), ...options }),
  ],
  [
    'over a client of 1.34.0',
    (url, { token = TOKEN, ...options } = {}) =>
      new RedisBackendRegistry({ client: new Lowest({ url, token, retry: false }), ...options }),
  ],
];

/** Texts that repeat what was sent. */
const ECHOES: readonly (readonly [string, number, (sent: string) => string])[] = [
  ['an error of Redis', 400, (sent) => `ERR something about ${sent}`],
  ['an error of Redis that knows better', 400, (sent) => `WRONGTYPE ${sent} holds ${sent}`],
  ['an error in a pipeline', 200, (sent) => `ERR unknown command '${sent}'`],
  ['a passing error', 400, (sent) => `LOADING ${sent}`],
  ['an error of nobody knows whom', 400, (sent) => `Forbidden: ${sent}`],
  ['an error that begins with it', 400, (sent) => sent],
  ['a refusal', 401, (sent) => `WRONGPASS ${sent}`],
  ['what tells of another version', 400, (sent) => `ERR SCHEMA 2 ${sent}`],
];

describe.each(WAYS)('%s', (way, open) => {
  test.each(ECHOES)(
    '%s that repeats token and command is not repeated, not in a cause either',
    async (_, status, say) => {
      await using server = await startServer((request, response, body) => {
        const error = say(`${request.headers.authorization?.slice(7)} ${body}`);
        const answer = way === 'by url' || status >= 400 ? { error } : [{ error }];
        response.writeHead(status).end(JSON.stringify(answer));
      });
      await using registry = open(server.url, { commandTimeoutMs: 200 });
      const error = await failure(registry.register({ ...sample(), incarnation: INCARNATION }));
      const shown = inspect(error, { depth: 20, showHidden: true });
      for (const secret of [TOKEN, INCARNATION, 'registry:leases', '10.0.0.1', '"EVALSHA"', '"evalsha"'])
        expect(shown).not.toContain(secret);
    },
  );

  test('a token that no header takes is not in the error', async () => {
    const broken = 'secret\u0100Token';
    // By url it is refused before anything is sent.
    if (way === 'by url') return expect(() => open('http://127.0.0.1:1', { token: broken })).not.toThrow('secret');
    await using registry = open('http://127.0.0.1:1', { token: broken, commandTimeoutMs: 2_000 });
    const error = await failure(registry.ping());
    expect(error.code).toBe('UNAVAILABLE');
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret');
  });

  test.each([
    ['text', 'Request Entity Too Large'],
    ['an error of a gateway', JSON.stringify({ error: 'Request Entity Too Large' })],
    ['JSON that is not of Upstash', JSON.stringify({ message: 'Request Entity Too Large' })],
  ])('413 with %s says what to do', async (_, body) => {
    await using server = await startServer((_request, response) => void response.writeHead(413).end(body));
    await using registry = open(server.url, { commandTimeoutMs: 2_000 });
    const error = await failure(registry.register(sample()));
    // A client keeps no status: where its words do not tell either, whoever stands in between is named.
    const told = way === 'by url' || body.includes('"error"');
    expect(error).toMatchObject(
      told
        ? { code: 'REFUSED', message: expect.stringMatching(/larger than Upstash takes: register fewer/) }
        : { code: 'UNAVAILABLE', message: expect.stringMatching(/proxy in between/) },
    );
    expect(error.message).not.toContain('undefined');
    if (told) expect(server.requests()).toBe(1);
  });

  test.each([
    ['ERR max single record size exceeded', 'REFUSED', /larger than Upstash takes/],
    ['ERR max concurrent connections exceeded', 'UNAVAILABLE', /ask it less often/],
  ])('%s: %s, and what to do', async (said, code, message) => {
    await using server = await startServer((_request, response) => {
      response.writeHead(400).end(JSON.stringify({ error: said }));
    });
    await using registry = open(server.url, { commandTimeoutMs: 1_000 });
    expect(await failure(registry.ping())).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('no connection is UNAVAILABLE, with what the system calls it', async () => {
    const gone = await startServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    await using registry = open(gone.url, { commandTimeoutMs: 2_000 });
    const error = await failure(registry.ping());
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/\(ECONNREFUSED\)/) });
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('a request ends with its call, whichever attempt it is', async () => {
  const lag = new Lag();
  let closed = false;
  const until = performance.now() + 300;
  await using server = await startServer(async (_request, response) => {
    if (performance.now() < until) return void response.writeHead(503).end('<html>');
    response.once('close', () => {
      closed = true;
    });
  });
  await using registry = new RedisBackendRegistry({ url: server.url, token: TOKEN, commandTimeoutMs: 1_000 });
  expect(await failure(registry.ping())).toMatchObject({ code: expect.stringMatching(/TIMEOUT|UNAVAILABLE/) });
  const failed = performance.now();
  await eventually(() => expect(closed).toBe(true));
  expect(await lag.took(failed)).toBeLessThan(400);
});

test.each(['hello', ['hello'], { a: 1 }, '.hello', ':hello', ':999999999\x7fhello', 7])(
  '%j is no answer of a script: CORRUPT_REPLY, also to ping',
  async (result) => {
    await using server = await startServer((_request, response) => void response.end(JSON.stringify({ result })));
    await using registry = new RedisBackendRegistry({ url: server.url, token: TOKEN });
    const calls = [() => registry.ping(), () => registry.heartbeat({ url: 'http://a' }), () => registry.listBackends()];
    for (const call of calls) expect(await failure(call())).toMatchObject({ code: 'CORRUPT_REPLY' });
    expect(server.requests()).toBeLessThanOrEqual(3);
  },
);

test('a request that comes too late ends at once, without a warning of a negative time', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on('warning', onWarning);
  await using server = await startServer(() => undefined);
  const requests = new Requests({ url: server.url, token: TOKEN }, 1_000);
  const error = await failure(requests.send(['PING'], performance.now() - 100) as Promise<unknown>);
  expect(error.code).toBe('TIMEOUT');
  // A warning is told a turn later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('a prefix that a stream cannot name is polled', async () => {
  for (const [keyPrefix, watch] of [
    ['a:', 'push'],
    ['a\n:', 'poll'],
    ['a\r:', 'poll'],
  ] as const) {
    await using registry = new RedisBackendRegistry({ url: 'http://127.0.0.1:1', token: TOKEN, keyPrefix });
    expect(registry.capabilities.watch).toBe(watch);
  }
});

test('a page that is forbidden is not asked for again', async () => {
  await using server = await startServer((_request, response) => void response.writeHead(403).end('<html>'));
  await using registry = new RedisBackendRegistry({ url: server.url, token: TOKEN });
  expect(await failure(registry.ping())).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/HTTP 403/) });
  expect(server.requests()).toBe(1);
});

test('a url with a command in it: its path is named', async () => {
  await using registry = new RedisBackendRegistry({ url: `${bridge.url}/get/foo`, token: bridge.token });
  expect(await failure(registry.ping())).toMatchObject({
    code: 'REFUSED',
    message: expect.stringMatching(/path of the url/),
  });
});

test('404 says that the address is wrong, and is not asked again', async () => {
  await using server = await startServer((_request, response) => void response.writeHead(404).end('<html>'));
  await using registry = new RedisBackendRegistry({ url: server.url, token: TOKEN });
  const error = await failure(registry.ping());
  expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/404.*copy the url/) });
  expect(server.requests()).toBe(1);
});

describe('an answer that is larger than it may be', () => {
  const opened = (url: string, token: string) =>
    new RedisBackendRegistry({ url, token, subscribe: false, commandTimeoutMs: 20_000 });

  test('is CORRUPT_REPLY, and its connection is given up', async () => {
    await using bridge = await startUpstashRest();
    await using registry = opened(bridge.url, bridge.token);
    await registry.ping();
    bridge.counts.reset();
    bridge.faults.once('endless-body');
    const error = await failure(registry.ping());
    expect(error).toMatchObject({ code: 'CORRUPT_REPLY', message: expect.stringMatching(/larger than 64 MiB/) });
    // It is not asked for again, and nobody goes on reading.
    expect(bridge.counts.requests).toBe(1);
    await eventually(async () => {
      const { bytesOut } = bridge.counts;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(bridge.counts.bytesOut).toBe(bytesOut);
    });
    expect(bridge.counts.bytesOut).toBeLessThan(100e6);
    await registry.ping();
  });

  test('is not read at all where it says so', async () => {
    let closed = false;
    await using server = await startServer((_request, response) => {
      response.once('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-length': 300e6 }).write('{"result":"');
    });
    await using registry = opened(server.url, TOKEN);
    expect(await failure(registry.ping())).toMatchObject({ code: 'CORRUPT_REPLY' });
    await eventually(() => expect(closed).toBe(true));
    expect(server.requests()).toBe(1);
  });

  test('a stream of one line without an end is begun anew', async () => {
    let streams = 0;
    let lost = 0;
    await using bridge = await startUpstashRest();
    await using server = await startServer(async (request, response, body) => {
      if (request.headers.accept !== 'text/event-stream') {
        const { authorization = '' } = request.headers;
        const answer = await fetch(bridge.url + request.url, { method: 'POST', headers: { authorization }, body });
        return void response.writeHead(answer.status).end(await answer.text());
      }
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.once('close', () => {
        lost += 1;
      });
      const more = () => void response.write('x'.repeat(100_000));
      response.on('drain', more);
      while (!response.writableNeedDrain) more();
    });
    await using registry = new RedisBackendRegistry({ url: server.url, token: bridge.token });
    const events = registry.watch({ pollIntervalMs: 60_000 })[Symbol.asyncIterator]();
    await events.next();
    await eventually(() => expect(streams).toBeGreaterThan(1));
    await events.return?.();
    await eventually(() => expect(lost).toBe(streams));
  });
});

const bridge = await startUpstashRest();
afterAll(() => bridge[Symbol.asyncDispose]());

test('documents with characters of several bytes arrive whole, however the answer is cut', async () => {
  await using registry = new RedisBackendRegistry({ url: bridge.url, token: bridge.token, subscribe: false });
  const metadata = { name: 'größe 🚀'.repeat(10_000) };
  await registry.register({ ...sample(), metadata });
  await using other = new RedisBackendRegistry({ url: bridge.url, token: bridge.token, subscribe: false });
  expect(await other.listBackends()).toMatchObject([{ metadata }]);
});

describe.each(WAYS)('%s', (_, open) => {
  test('what stands between the parts of a reply may stand in one of them', async () => {
    const keyPrefix = `${crypto.randomUUID()}:`;
    const options = { token: bridge.token, keyPrefix };
    await using registry = open(bridge.url, options);
    const incarnation = 'a\x7fb';
    const { backend } = await registry.register({ ...sample(1), incarnation, metadata: { name: 'c\x7fd' } });
    await registry.register(sample(2));
    // As another program may write it, which escapes less.
    const client = new Redis({ url: bridge.url, token: bridge.token, automaticDeserialization: false });
    const key = `${keyPrefix}backend:${backend.id}`;
    const document = (await client.get<string>(key)) ?? '';
    await client.set(key, document.replaceAll('\\u007f', '\x7f'));
    expect(await client.get(key)).toContain('c\x7fd');
    await using other = open(bridge.url, options);
    expect(await other.listBackends()).toMatchObject([{ metadata: { name: 'c\x7fd' } }, { metadata: {} }]);
    expect(await other.heartbeatAll([{ ...sample(1), incarnation }, sample(2), sample(3)])).toMatchObject([
      { status: 'renewed' },
      { status: 'renewed' },
      { status: 'unknown' },
    ]);
  });
});
