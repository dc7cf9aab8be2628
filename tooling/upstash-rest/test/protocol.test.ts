/** Every line of the protocol, through plain fetch: what is documented, and what the README calls an assumption. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpstashRest } from '../src/index.ts';

const bridge = await startUpstashRest();
afterAll(() => bridge[Symbol.asyncDispose]());

interface Sent {
  readonly method?: string;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

async function send(path: string, { method, token = bridge.token, headers = {}, body }: Sent = {}) {
  const response = await fetch(bridge.url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: token === null ? headers : { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const run = async (...command: unknown[]) => (await send('/', { body: command })).json();

beforeEach(async () => {
  await run('FLUSHALL');
});

describe('auth', () => {
  test('by header and by query', async () => {
    expect((await send('/ping')).json()).toEqual({ result: 'PONG' });
    expect((await send(`/ping?_token=${bridge.token}`, { token: null })).json()).toEqual({ result: 'PONG' });
  });

  test.each([
    ['none', null],
    ['a wrong one', 'wrong'],
  ])('%s is 401', async (_, token) => {
    const { status, json } = await send('/ping', { token });
    expect(status).toBe(401);
    expect(json()).toEqual({ error: 'WRONGPASS invalid or missing auth token' });
  });

  test('the read-only token reads, and writes nothing, not by a script either', async () => {
    await run('SET', 'key', 'value');
    const token = bridge.readOnlyToken;
    expect((await send('/get/key', { token })).json()).toEqual({ result: 'value' });
    const calls = [
      ['set', 'key', 'x'],
      ['del', 'key'],
      ['flushall'],
      ['eval', "redis.call('SET','key','x')", 0],
      ['keys', '*'],
    ];
    for (const body of calls) {
      const { status, json } = await send('/', { token, body });
      expect(status).toBe(400);
      expect(json().error).toMatch(/^NOPERM /);
    }
    const { json } = await send('/', { token, body: ['eval_ro', "return redis.call('SET', KEYS[1], 'x')", 1, 'key'] });
    expect(json().error).toMatch(/read-only/);
    expect(await run('GET', 'key')).toEqual({ result: 'value' });
  });

  test.each(['HEAD', 'GET', 'POST', 'PUT'])('%s is a method', async (method) => {
    expect((await send('/ping', { method })).status).toBe(200);
  });

  test.each(['DELETE', 'PATCH', 'OPTIONS'])('%s is 405', async (method) => {
    expect((await send('/ping', { method })).status).toBe(405);
  });
});

describe('one command', () => {
  test('by path, with decoded segments', async () => {
    expect((await send('/set/a%2Fb/c%20d/EX/100')).json()).toEqual({ result: 'OK' });
    expect(await run('GET', 'a/b')).toEqual({ result: 'c d' });
    expect((await run('TTL', 'a/b')).result).toBeGreaterThan(90);
  });

  test('a body is the last argument, and query parameters come after it', async () => {
    await send('/set/key?EX=100&NX', { body: '{"json":true}' });
    expect(await run('GET', 'key')).toEqual({ result: '{"json":true}' });
    expect((await run('TTL', 'key')).result).toBeGreaterThan(90);
    expect((await send('/set/key?NX', { body: 'other' })).json()).toEqual({ result: null });
  });

  test('as a JSON array', async () => {
    expect(await run('SET', 'key', 1.5)).toEqual({ result: 'OK' });
    expect(await run('GET', 'key')).toEqual({ result: '1.5' });
  });

  test.each(['no json', '{}', '[]', '[["a"]]', '[null]'])('%s is 400', async (body) => {
    const { status, json } = await send('/', { body });
    expect(status).toBe(400);
    expect(json().error).toMatch(/^ERR /);
  });

  test('results are null, integers, strings and nested lists', async () => {
    await run('RPUSH', 'list', 'a', 'b');
    expect(await run('GET', 'absent')).toEqual({ result: null });
    expect(await run('LRANGE', 'list', 0, -1)).toEqual({ result: ['a', 'b'] });
    expect(await run('EVAL', "return { 1, { 'a', false, { 2 } } }", 0)).toEqual({ result: [1, ['a', null, [2]]] });
    expect(await run('STRLEN', 'absent')).toEqual({ result: 0 });
  });

  test('an error is 400', async () => {
    await run('SET', 'key', 'text');
    for (const [body, error] of [
      [['INCR', 'key'], /^ERR value is not an integer/],
      [['NOPE'], /^ERR unknown command/],
      [['GET'], /^ERR wrong number of arguments/],
      [['LPUSH', 'key', 'a'], /^WRONGTYPE /],
      [['EVALSHA', '0'.repeat(40), 0], /^NOSCRIPT /],
    ] as const) {
      const { status, json } = await send('/', { body });
      expect(status).toBe(400);
      expect(json().error).toMatch(error);
    }
  });

  test.each([
    ['WATCH', 'key'],
    ['BLPOP', 'key', '1'],
    ['XREAD', 'BLOCK', '1', 'STREAMS', 'key', '0'],
    ['SELECT', '1'],
    ['HELLO', '3'],
    ['CLIENT', 'TRACKING', 'ON'],
    ['CLIENT', 'LIST'],
    ['SORT', 'key'],
    ['MULTI'],
    ['SUBSCRIBE', 'channel'],
    ['CONFIG', 'GET', '*'],
  ])('%s %s is refused', async (...command) => {
    const { status, json } = await send('/', { body: command });
    expect(status).toBe(400);
    expect(json().error).toMatch(/^ERR Command is not available/);
  });

  test('XREAD without BLOCK is not', async () => {
    await run('XADD', 'stream', '1-1', 'field', 'value');
    expect(await run('XREAD', 'STREAMS', 'stream', '0')).toEqual({
      result: [['stream', [['1-1', ['field', 'value']]]]],
    });
  });

  test('10 MB pass, and not a byte more', async () => {
    const limit = 10 * 1024 * 1024;
    const { result } = (await send('/strlen', { body: 'x'.repeat(limit) })).json();
    expect(result).toBe(0);
    const { status, json } = await send('/strlen', { body: 'x'.repeat(limit + 1) });
    expect(status).toBe(413);
    expect(json().error).toMatch(/^ERR max request size exceeded/);
  });
});

describe('pipelines and transactions', () => {
  test('a pipeline answers each, errors in their place', async () => {
    const body = [
      ['SET', 'a', 1],
      ['INCR', 'a'],
      ['LPUSH', 'a', 1],
      ['WATCH', 'a'],
      ['GET', 'a'],
    ];
    const { status, json } = await send('/pipeline', { body });
    expect(status).toBe(200);
    expect(json()).toEqual([
      { result: 'OK' },
      { result: 2 },
      { error: expect.stringMatching(/^WRONGTYPE/) },
      { error: expect.stringMatching(/^ERR Command is not available/) },
      { result: '2' },
    ]);
  });

  test('a transaction answers each; a run-time error stands only in its element', async () => {
    const { json } = await send('/multi-exec', {
      body: [
        ['SET', 'a', 'x'],
        ['INCR', 'a'],
        ['GET', 'a'],
      ],
    });
    expect(json()).toEqual([{ result: 'OK' }, { error: expect.stringMatching(/^ERR/) }, { result: 'x' }]);
  });

  test.each([
    ['an unknown command', ['NOPE']],
    ['a refused one', ['BLPOP', 'a', 0]],
  ])('%s discards the transaction', async (_, wrong) => {
    const { status, json } = await send('/multi-exec', { body: [['SET', 'a', 'x'], wrong] });
    expect(status).toBe(400);
    expect(json().error).toMatch(/^EXECABORT/);
    expect(await run('EXISTS', 'a')).toEqual({ result: 0 });
  });

  test('transactions do not mix, however many come at once', async () => {
    const all = Array.from({ length: 50 }, (_, n) => [
      ['SET', 'who', n],
      ['GET', 'who'],
    ]);
    const answers = await Promise.all(all.map((body) => send('/multi-exec', { body })));
    expect(answers.map(({ json }) => json()[1].result)).toEqual(all.map((_, n) => String(n)));
  });
});

describe('formats', () => {
  test('base64: every string, nested too, but OK and errors', async () => {
    const headers = { 'upstash-encoding': 'base64' };
    const ask = async (...body: unknown[]) => (await send('/', { headers, body })).json();
    const b64 = (text: string) => Buffer.from(text).toString('base64');
    expect(await ask('SET', 'ключ', 'größe')).toEqual({ result: 'OK' });
    expect(await ask('GET', 'ключ')).toEqual({ result: b64('größe') });
    expect(await ask('PING')).toEqual({ result: b64('PONG') });
    expect(await ask('EVAL', "return { 'a', 1, { 'b', false } }", 0)).toEqual({
      result: [b64('a'), 1, [b64('b'), null]],
    });
    expect((await ask('NOPE')).error).toMatch(/^ERR unknown command/);
    const { json } = await send('/pipeline', {
      headers,
      body: [
        ['ECHO', 'a'],
        ['INCR', 'ключ'],
      ],
    });
    expect(json()).toEqual([{ result: b64('a') }, { error: expect.stringMatching(/^ERR/) }]);
  });

  test('bytes that are no text come whole through base64', async () => {
    const { json } = await send('/', {
      headers: { 'upstash-encoding': 'base64' },
      body: ['EVAL', "return '\\255\\0'", 0],
    });
    expect(Buffer.from(json().result, 'base64')).toEqual(Buffer.from([255, 0]));
  });

  test('resp2: the reply as Redis sends it', async () => {
    const headers = { 'upstash-response-format': 'resp2' };
    const ask = async (...body: unknown[]) => (await send('/', { headers, body })).text;
    expect(await ask('SET', 'a', '1')).toBe('+OK\r\n');
    expect(await ask('GET', 'a')).toBe('$1\r\n1\r\n');
    expect(await ask('GET', 'absent')).toBe('$-1\r\n');
    expect(await ask('INCR', 'a')).toBe(':2\r\n');
    expect(await ask('EVAL', "return { 'a', { ok = 'B' } }", 0)).toBe('*2\r\n$1\r\na\r\n+B\r\n');
    expect(await ask('NOPE')).toMatch(/^-ERR unknown command/);
  });
});

test('every answer to a command has a sync token', async () => {
  expect((await send('/ping')).headers.get('upstash-sync-token')).toMatch(/./);
  expect((await send('/pipeline', { body: [['PING']] })).headers.get('upstash-sync-token')).toMatch(/./);
});

describe('counts', () => {
  test('each command of a pipeline and each that a script calls', async () => {
    bridge.counts.reset();
    await run('PING');
    await send('/pipeline', { body: [['PING'], ['ECHO', 'a']] });
    await run('EVAL', "redis.call('SET', KEYS[1], 1) return redis.pcall('INCR', KEYS[1])", 1, 'a');
    expect(bridge.counts).toMatchObject({ requests: 3, commands: 6, scriptCalls: 2, evals: 1, evalshas: 0 });
    expect(bridge.counts.bytesIn).toBeGreaterThan(100);
    expect(bridge.counts.bytesOut).toBeGreaterThan(50);
    bridge.counts.reset();
    expect(bridge.counts).toMatchObject({ requests: 0, commands: 0, bytesIn: 0 });
  });

  test('they are what the server counts', async () => {
    const total = async () => {
      const { result } = await run('INFO', 'commandstats');
      return [...String(result).matchAll(/^cmdstat_(?!info|command)\S+:calls=(\d+)/gm)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    };
    const before = await total();
    bridge.counts.reset();
    await run('EVAL', "for n = 1, 20 do redis.call('INCR', KEYS[1]) end redis.call('TIME') return 1", 1, 'a');
    await send('/pipeline', {
      body: [
        ['SET', 'b', 1],
        ['GET', 'b'],
      ],
    });
    const { commands } = bridge.counts;
    expect(commands).toBe(24);
    expect((await total()) - before).toBe(commands);
  });
});
