import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../src/index.ts';
import { Client, resp } from './client.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startStandalone();
});

afterAll(() => redis[Symbol.asyncDispose]());

beforeEach(async () => {
  await redis.cli('FLUSHALL');
});

/** A proxy and a client connected through it. */
async function setUp(): Promise<{ proxy: FaultProxy; client: Client } & AsyncDisposable> {
  const proxy = await startFaultProxy(redis);
  const client = await Client.connect(proxy.port);
  return {
    proxy,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Everything that the server was sent before has reached it when this command comes back on another connection. */
async function serverHas(key: string, value: string): Promise<void> {
  await expect.poll(() => redis.cli('GET', key), { interval: 5 }).toBe(value);
}

test('passes everything on, and counts bytes, requests and replies', async () => {
  await using s = await setUp();
  s.client.write('SET key value', 'GET key', 'HELLO 3');
  await s.client.reads('modules\r\n*0\r\n');
  expect(s.client.text.startsWith('+OK\r\n$5\r\nvalue\r\n%7\r\n')).toBe(true);
  expect(s.proxy.requests).toMatchObject({
    messages: 3,
    bytes: (resp('SET key value') + resp('GET key') + resp('HELLO 3')).length,
  });
  expect(s.proxy.replies).toMatchObject({ messages: 3, bytes: s.client.text.length });
  expect([s.proxy.accepted, s.proxy.connections]).toEqual([1, 1]);
});

test('counts connections, and forgets those that the client or the server ended', async () => {
  await using s = await setUp();
  const other = await Client.connect(s.proxy.port);
  await expect.poll(() => s.proxy.connections).toBe(2);
  await other[Symbol.asyncDispose]();
  await expect.poll(() => s.proxy.connections).toBe(1);
  s.client.write('QUIT');
  expect(await s.client.ends()).toBe('end');
  expect(s.client.text).toBe('+OK\r\n');
  await expect.poll(() => s.proxy.connections).toBe(0);
  expect(s.proxy.accepted).toBe(2);
});

test('resets a client whose server cannot be reached', async () => {
  await using stopped = await startStandalone();
  await stopped.kill();
  await using proxy = await startFaultProxy(stopped);
  await using client = await Client.connect(proxy.port);
  expect(await client.ends()).toBe('ECONNRESET');
});

test('cuts all connections, and lets new ones be made', async () => {
  await using s = await setUp();
  await using other = await Client.connect(s.proxy.port);
  s.client.write('PING');
  await s.client.reads('+PONG\r\n');
  other.write('PING');
  await other.reads('+PONG\r\n');
  s.proxy.cut();
  expect(await s.client.ends()).toBe('ECONNRESET');
  expect(await other.ends()).toBe('ECONNRESET');
  await using third = await Client.connect(s.proxy.port);
  third.write('PING');
  await third.reads('+PONG\r\n');
});

test('refuses new connections while told so, and leaves the others alone', async () => {
  await using s = await setUp();
  s.client.write('PING');
  await s.client.reads('+PONG\r\n');
  s.proxy.refuse(true);
  const refused = await Client.connect(s.proxy.port);
  expect(await refused.ends()).toBe('ECONNRESET');
  s.client.write('PING');
  await s.client.reads('+PONG\r\n+PONG\r\n');
  s.proxy.refuse(false);
  await using welcome = await Client.connect(s.proxy.port);
  welcome.write('PING');
  await welcome.reads('+PONG\r\n');
});

test('loses one reply: the server has done the work, the client sees a reset', async () => {
  await using s = await setUp();
  s.proxy.loseReplyOnce();
  s.client.write('INCR n');
  expect(await s.client.ends()).toBe('ECONNRESET');
  expect(s.client.text).toBe('');
  expect(await redis.cli('GET', 'n')).toBe('1');
  expect(s.proxy.lostReplies).toBe(1);
  await using again = await Client.connect(s.proxy.port);
  again.write('INCR n');
  expect(await again.reads('\r\n')).toBe(':2\r\n');
});

test('loses the reply to the request that matches; earlier ones come back, later ones do not', async () => {
  await using s = await setUp();
  s.proxy.loseReplyOnce((request) => request.includes('INCR'));
  s.client.write('SET a 1', 'INCR n', 'SET b 2');
  expect(await s.client.ends()).toBe('ECONNRESET');
  expect(s.client.text).toBe('+OK\r\n');
  expect(await redis.cli('MGET', 'a', 'n', 'b')).toEqual(['1', '1', '2']);
});

test('loses a reply that is still to come when other replies are slow', async () => {
  await using s = await setUp();
  await using other = await Client.connect(redis.port);
  s.proxy.loseReplyOnce((request) => request.includes('INCR'));
  s.client.write('BLPOP list 0');
  s.client.write('INCR n');
  // Nothing is lost before the server answers, and it answers in order.
  await expect.poll(() => s.proxy.requests.messages).toBe(2);
  other.write('RPUSH list x');
  expect(await s.client.ends()).toBe('ECONNRESET');
  expect(s.client.text).toBe('*2\r\n$4\r\nlist\r\n$1\r\nx\r\n');
  await serverHas('n', '1');
});

test('messages of a subscription are not taken for replies', async () => {
  for (const protocol of ['2', '3']) {
    await using s = await setUp();
    s.client.write(`HELLO ${protocol}`);
    await s.client.reads('modules\r\n*0\r\n');
    s.client.write('SUBSCRIBE one two');
    await s.client.reads(':2\r\n');
    await redis.cli('PUBLISH', 'one', 'hello');
    await s.client.reads('hello\r\n');
    const before = s.client.text;
    s.proxy.loseReplyOnce((request) => request.includes('PING'));
    s.client.write('PING');
    expect(await s.client.ends()).toBe('ECONNRESET');
    expect(s.client.text).toBe(before);
    expect(s.proxy.lostReplies).toBe(1);
  }
});

test('freezes: connections stay, nothing passes either way, and passes when thawed', async () => {
  await using s = await setUp();
  s.client.write('SUBSCRIBE news');
  await s.client.reads(':1\r\n');
  const before = s.client.text;
  await using writer = await Client.connect(s.proxy.port);
  writer.write('PING');
  await writer.reads('+PONG\r\n');

  s.proxy.freeze();
  writer.write('SET key value');
  expect(await redis.cli('PUBLISH', 'news', 'hello')).toBe(1);
  await using late = await Client.connect(s.proxy.port);
  late.write('PING');
  // Long enough for what would pass on loopback, where a round trip takes less than one millisecond.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await redis.cli('GET', 'key')).toBe(null);
  expect([s.client.text, writer.text, late.text]).toEqual([before, '+PONG\r\n', '']);
  expect([s.client.ended, writer.ended, late.ended]).toEqual([undefined, undefined, undefined]);

  s.proxy.thaw();
  await writer.reads('+PONG\r\n+OK\r\n');
  await s.client.reads('hello\r\n');
  await late.reads('+PONG\r\n');
  expect(await redis.cli('GET', 'key')).toBe('value');
});

test('forgets: connections stay, nothing passes on them for good, and new ones work', async () => {
  await using s = await setUp();
  s.client.write('PING');
  await s.client.reads('+PONG\r\n');
  s.proxy.forget();
  s.client.write('SET forgotten value');
  await using late = await Client.connect(s.proxy.port);
  late.write('PING');
  await late.reads('+PONG\r\n');
  s.proxy.freeze();
  s.proxy.thaw();
  late.write('GET forgotten');
  await late.reads('+PONG\r\n$-1\r\n');
  expect([s.client.text, s.client.ended]).toEqual(['+PONG\r\n', undefined]);
});

test('a frozen connection does not tell that its server died; thawed, it does', async () => {
  await using server = await startStandalone();
  await using proxy = await startFaultProxy(server);
  await using client = await Client.connect(proxy.port);
  client.write('PING');
  await client.reads('+PONG\r\n');
  proxy.freeze();
  await server.kill();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(client.ended).toBe(undefined);
  proxy.thaw();
  expect(await client.ends()).toMatch(/end|ECONNRESET/);
});

test('a client that writes to a frozen proxy feels it in the end', async () => {
  await using s = await setUp();
  s.proxy.freeze();
  // More than the buffers of the system hold, which are a few megabytes.
  const flood = 'x'.repeat(2 ** 25);
  s.client.writeRaw(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${flood.length}\r\n${flood}\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(s.proxy.requests.bytes).toBe(0);
  s.proxy.thaw();
  await s.client.reads('+OK\r\n');
  expect(await redis.cli('STRLEN', 'big')).toBe(flood.length);
});

test('delays each direction, and keeps the order when the delay ends', async () => {
  await using s = await setUp();
  s.proxy.delayMs = 100;
  const began = performance.now();
  s.client.write('SET a 1');
  await expect.poll(() => s.proxy.requests.messages, { interval: 1 }).toBe(1);
  s.proxy.delayMs = 0;
  s.client.write('APPEND a 2');
  expect(await s.client.reads(':2\r\n')).toBe('+OK\r\n:2\r\n');
  expect(performance.now() - began).toBeGreaterThanOrEqual(99);

  s.proxy.delayMs = 50;
  const again = performance.now();
  s.client.write('PING');
  await s.client.reads('+PONG\r\n');
  expect(performance.now() - again).toBeGreaterThanOrEqual(99);
});

test('lets a number of bytes of replies pass, then cuts, once', async () => {
  await using s = await setUp();
  await using other = await Client.connect(s.proxy.port);
  await redis.cli('SET', 'key', 'a long value');
  other.write('PING');
  await other.reads('+PONG\r\n');
  s.proxy.limitBytes(10);
  s.client.write('GET key');
  expect(await s.client.ends()).toBe('ECONNRESET');
  expect(s.client.text).toBe('$12\r\na lon');
  expect(await other.ends()).toBe('ECONNRESET');
  await using again = await Client.connect(s.proxy.port);
  again.write('GET key');
  await again.reads('a long value\r\n');
});

test('lets a number of bytes of requests pass, then cuts', async () => {
  await using s = await setUp();
  s.proxy.limitBytes(resp('SET a 1').length, 'requests');
  s.client.write('SET a 1', 'SET b 2');
  expect(await s.client.ends()).toBe('ECONNRESET');
  await serverHas('a', '1');
  expect(await redis.cli('GET', 'b')).toBe(null);
});

test('loses a reply of another protocol, told apart by chunks', async () => {
  await using proxy = await startFaultProxy({ host: redis.host, port: redis.port, protocol: 'chunks' });
  await using client = await Client.connect(proxy.port);
  client.write('INCR n');
  await client.reads(':1\r\n');
  proxy.loseReplyOnce((chunk) => chunk.includes('INCR'));
  client.write('INCR n');
  expect(await client.ends()).toBe('ECONNRESET');
  expect(client.text).toBe(':1\r\n');
  expect(await redis.cli('GET', 'n')).toBe('2');
  expect(proxy.requests.messages).toBe(2);
});

test('ends with its connections, frozen or not', async () => {
  for (const frozen of [false, true]) {
    const proxy = await startFaultProxy(redis);
    await using client = await Client.connect(proxy.port);
    await expect.poll(() => proxy.connections).toBe(1);
    if (frozen) proxy.freeze();
    await proxy[Symbol.asyncDispose]();
    expect(await client.ends()).toBe('ECONNRESET');
    expect(await (await Client.connect(proxy.port)).ends()).toBe('ECONNREFUSED');
  }
});
