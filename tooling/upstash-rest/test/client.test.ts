/** The real client, which must not be able to tell. */
import { Redis } from '@upstash/redis';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startUpstashRest } from '../src/index.ts';

/** Longer than anything here takes on a busy machine. */
const PATIENT = { timeout: 20_000 };

const bridge = await startUpstashRest({ replica: true });
afterAll(() => bridge[Symbol.asyncDispose]());
beforeEach(() => new Redis(bridge).flushall());

describe.each([
  ['as it comes', {}],
  ['raw', { automaticDeserialization: false }],
  ['without base64', { responseEncoding: false }],
  ['with auto-pipelining', { enableAutoPipelining: true }],
] as const)('the client %s', (_, options) => {
  const redis = new Redis({ ...bridge, ...options });

  test('writes and reads', async () => {
    expect(await redis.set('key', 'größe', { ex: 100 })).toBe('OK');
    expect(await redis.get('key')).toBe('größe');
    expect(await redis.mget('key', 'absent')).toEqual(['größe', null]);
    expect(await redis.incr('counter')).toBe(1);
    expect(await redis.lpush('list', 'a', 'b')).toBe(2);
    expect(await redis.lrange('list', 0, -1)).toEqual(['b', 'a']);
    expect(await redis.ping()).toBe('PONG');
  });

  test('runs scripts', async () => {
    const script = "return { KEYS[1], ARGV[1], { redis.call('SET', KEYS[1], ARGV[1]) } }";
    expect(await redis.eval(script, ['key'], ['value'])).toEqual(['key', 'value', ['OK']]);
    await expect(redis.evalsha('0'.repeat(40), [], [])).rejects.toThrow(/NOSCRIPT/);
    expect(await redis.scriptLoad(script)).toMatch(/^[0-9a-f]{40}$/);
  });

  test('pipelines and transactions', async () => {
    const results = await redis.pipeline().set('a', 'x').get('a').strlen('a').exec();
    expect(results).toEqual(['OK', 'x', 1]);
    expect(await redis.multi().set('b', 'y').get('b').exec()).toEqual(['OK', 'y']);
    await expect(redis.pipeline().set('a', 'x').incr('a').exec()).rejects.toThrow(/not an integer/);
  });

  test('is told of errors', async () => {
    await redis.set('key', 'text');
    await expect(redis.incr('key')).rejects.toThrow(/not an integer/);
  });

  test('scans', async () => {
    await redis.mset({ 'a:1': 1, 'a:2': 2, b: 3 });
    const [cursor, keys] = await redis.scan(0, { match: 'a:*', count: 100 });
    expect([String(cursor), keys.toSorted()]).toEqual(['0', ['a:1', 'a:2']]);
  });
});

test('a wrong token is an error', async () => {
  await expect(new Redis({ url: bridge.url, token: 'wrong' }).get('a')).rejects.toThrow(/WRONGPASS/);
});

test('it subscribes', async () => {
  const redis = new Redis(bridge);
  const messages: unknown[] = [];
  const subscriber = redis.subscribe<string>('channel');
  const byPattern = redis.psubscribe<string>('chan*');
  subscriber.on('message', ({ message }) => messages.push(message));
  byPattern.on('pmessage', ({ message }) => messages.push(`by pattern: ${message}`));
  await vi.waitFor(() => expect(bridge.faults.streams).toBe(2), PATIENT);
  await vi.waitFor(async () => expect(await redis.publish('channel', '"first"')).toBe(2), PATIENT);
  await vi.waitFor(() => expect(messages.toSorted()).toEqual(['by pattern: first', 'first']), PATIENT);
  await Promise.all([subscriber.unsubscribe(), byPattern.unsubscribe()]);
  await vi.waitFor(() => expect(bridge.faults.streams).toBe(0), PATIENT);
});

describe('a replica that lags', () => {
  test('a client reads what it has written, another one reads what was', async () => {
    const [writer, reader] = [new Redis(bridge), new Redis(bridge)];
    await writer.set('key', 'old');
    await vi.waitFor(async () => expect(await new Redis(bridge).get('key')).toBe('old'), PATIENT);
    const follow = await bridge.faults.lag();
    await writer.set('key', 'new');
    expect(await reader.get('key')).toBe('old');
    expect(await reader.mget('key')).toEqual(['old']);
    expect(await reader.evalRo("return redis.call('GET', KEYS[1])", ['key'], [])).toBe('old');
    expect(await writer.get('key')).toBe('new');
    // Only what is declared to read goes to a replica.
    const scripted = new Redis({ ...bridge, readYourWrites: false });
    expect(await scripted.eval("return redis.call('GET', KEYS[1])", ['key'], [])).toBe('new');
    await follow();
    await vi.waitFor(async () => expect(await new Redis(bridge).get('key')).toBe('new'), PATIENT);
  });
});
