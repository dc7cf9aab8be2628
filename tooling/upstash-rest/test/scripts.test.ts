/** Scripts with and without Upstash's flag, on a server that does not know it. */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { startUpstashRest, type UpstashRest } from '../src/index.ts';

const strict = await startUpstashRest();
const lenient = await startUpstashRest({ redis: strict.redisUrl, strict: false });
afterAll(async () => {
  await lenient[Symbol.asyncDispose]();
  await strict[Symbol.asyncDispose]();
});

const FLAG = '#!lua flags=allow-key-locking\n';
const sha = (text: string) => createHash('sha1').update(text).digest('hex');

async function run(bridge: UpstashRest, ...command: unknown[]): Promise<{ result?: unknown; error?: string }> {
  const response = await fetch(bridge.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${bridge.token}` },
    body: JSON.stringify(command),
  });
  return (await response.json()) as { result?: unknown; error?: string };
}

describe.each([
  ['strict', strict],
  ['lenient', lenient],
])('%s', (_, bridge) => {
  test('the flag is taken off, and counted', async () => {
    bridge.counts.reset();
    const text = `${FLAG}redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])`;
    expect(await run(bridge, 'EVAL', text, 1, 'key', 'value')).toEqual({ result: 'value' });
    expect(await run(bridge, 'EVALSHA', sha(text), 1, 'key', 'other')).toEqual({ result: 'other' });
    expect(await run(bridge, 'EVAL', 'return 1', 0)).toEqual({ result: 1 });
    expect(bridge.counts).toMatchObject({ evals: 2, evalshas: 1, keyLockingScripts: 2, scriptCalls: 4 });
  });

  test('other flags stay', async () => {
    const text = "#!lua flags=no-writes,allow-key-locking\nreturn redis.call('SET', KEYS[1], 1)";
    expect((await run(bridge, 'EVAL', text, 1, 'key')).error).toMatch(/Write commands are not allowed/);
    expect((await run(bridge, 'EVAL', '#!lua flags=nonsense\nreturn 1', 0)).error).toMatch(/Unexpected flag/);
    expect(await run(bridge, 'EVAL', '#!lua flags=no-writes\nreturn 7', 0)).toEqual({ result: 7 });
    expect(await run(bridge, 'EVAL', '#!lua\nreturn 8', 0)).toEqual({ result: 8 });
  });

  test('SCRIPT LOAD, EXISTS and FLUSH know scripts by the text that clients know', async () => {
    const text = `${FLAG}return ARGV[1] -- ${bridge.url}`;
    expect(await run(bridge, 'SCRIPT', 'EXISTS', sha(text))).toEqual({ result: [0] });
    expect(await run(bridge, 'SCRIPT', 'LOAD', text)).toEqual({ result: sha(text) });
    expect(await run(bridge, 'SCRIPT', 'EXISTS', sha(text), '0'.repeat(40))).toEqual({ result: [1, 0] });
    expect(await run(bridge, 'EVALSHA', sha(text), 0, 'a')).toEqual({ result: 'a' });
    await run(bridge, 'SCRIPT', 'FLUSH');
    expect((await run(bridge, 'EVALSHA', sha(text), 0, 'a')).error).toMatch(/^NOSCRIPT/);
  });

  test('replies are those of Redis', async () => {
    for (const [body, reply] of [
      ['', { result: null }],
      ['return nil', { result: null }],
      ['return false', { result: null }],
      ['return true', { result: 1 }],
      ['return 3.99', { result: 3 }],
      ["return { 1, 'a', nil, 2 }", { result: [1, 'a'] }],
      ["return { ok = 'FINE' }", { result: 'FINE' }],
      ["return { err = 'ERR mine' }", { error: 'ERR mine' }],
      ["return redis.error_reply('MINE is it')", { error: 'MINE is it' }],
      ['return { {} }', { result: [[]] }],
      ["return redis.sha1hex('') -- a comment at the end", { result: sha('') }],
    ] as const) {
      expect(await run(bridge, 'EVAL', FLAG + body, 0), body).toEqual(reply);
    }
  });

  test('errors name the line of the text that was sent', async () => {
    expect((await run(bridge, 'EVAL', `${FLAG}local a = 1\nerror('here')`, 0)).error).toMatch(/user_script:2: here|:2/);
    expect((await run(bridge, 'EVAL', 'local a = 1\nlocal b = = 2', 0)).error).toMatch(/:2:/);
  });
});

const undeclared = `${FLAG}return redis.call('GET', 'other')`;

test('strict: a key that is not declared is refused, in whatever command it is', async () => {
  await run(strict, 'SET', 'other', 'secret');
  for (const body of [
    "return redis.call('GET', 'other')",
    "return redis.call('MGET', KEYS[1], 'other')",
    "return redis.call('ZADD', KEYS[1] .. 'x', 1, 'a')",
    "return redis.call('EXISTS', ARGV[1])",
    "return redis.call('FLUSHALL')",
    "return redis.call('SCAN', 0)",
  ]) {
    const { error } = await run(strict, 'EVAL', FLAG + body, 1, 'key', 'other');
    expect(error, body).toMatch(/^ERR Script with allow-key-locking attempted/);
  }
  expect(await run(strict, 'EVAL', `${FLAG}return redis.pcall('GET', 'other').err`, 0)).toMatchObject({
    result: expect.stringMatching(/undeclared key: 'other'/),
  });
});

test('strict: what is declared, and what has no keys, is not', async () => {
  const text = `${FLAG}redis.call('TIME') redis.call('PUBLISH', 'channel', '1') redis.call('DEL', KEYS[1]) redis.call('ZADD', KEYS[1], 1, 'other')
    return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf', 'LIMIT', 0, ARGV[1])`;
  expect(await run(strict, 'EVAL', text, 1, 'declared', '5')).toEqual({ result: ['other'] });
  expect((await run(strict, 'EVAL', `${FLAG}return redis.call('GET')`, 0)).error).toMatch(/[Ww]rong number of arg/);
});

test('without the flag, and without strictness, every key may be used', async () => {
  await run(strict, 'SET', 'other', 'value');
  expect(await run(strict, 'EVAL', undeclared.slice(FLAG.length), 0)).toEqual({ result: 'value' });
  expect(await run(lenient, 'EVAL', undeclared, 0)).toEqual({ result: 'value' });
});

test('commands that no script may call', async () => {
  await using bridge = await startUpstashRest({ redis: strict.redisUrl, refusedInScripts: ['TIME'] });
  expect((await run(bridge, 'EVAL', "return redis.call('time')", 0)).error).toMatch(/not allowed from script/);
  expect(await run(bridge, 'EVAL', "return redis.call('ECHO', 'a')", 0)).toEqual({ result: 'a' });
});
