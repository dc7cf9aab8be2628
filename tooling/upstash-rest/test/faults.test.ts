/** Each fault, as plain fetch and the real client meet it. */
import { startStandalone } from '@backend-registry/redis-server';
import { Redis } from '@upstash/redis';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startUpstashRest } from '../src/index.ts';

/** Longer than anything here takes on a busy machine. */
const PATIENT = { timeout: 20_000 };

const bridge = await startUpstashRest();
const once = new Redis({ ...bridge, retry: { retries: 0 } });
const persistent = new Redis({ ...bridge, retry: { retries: 5, backoff: () => 1 } });
afterAll(() => bridge[Symbol.asyncDispose]());
beforeEach(() => once.flushall());

const isIncr = (commands: readonly (readonly string[])[]) => commands[0]?.[0] === 'incr';

test('dropped before: nothing was applied', async () => {
  bridge.faults.once('drop-before', isIncr);
  await expect(once.incr('n')).rejects.toThrow();
  expect(await once.get('n')).toBe(null);
});

test('dropped after: it was applied, and a client that tries again applies it twice', async () => {
  bridge.faults.once('drop-after', isIncr);
  await expect(once.incr('n')).rejects.toThrow();
  expect(await once.get('n')).toBe(1);
  bridge.faults.once('drop-after', isIncr);
  expect(await persistent.incr('n')).toBe(3);
});

test('too many requests', async () => {
  bridge.faults.once('429');
  await expect(persistent.incr('n')).rejects.toThrow(/too many requests/);
  expect(await once.get('n')).toBe(null);
});

test('an error page in HTML', async () => {
  bridge.faults.once('503');
  await expect(persistent.incr('n')).rejects.toThrow(/Unable to parse response body: <html>/);
  expect(await once.get('n')).toBe(null);
});

test.each(['cut-body', 'short-body'] as const)('%s: it was applied', async (kind) => {
  bridge.faults.once(kind, isIncr);
  await expect(once.incr('n')).rejects.toThrow();
  expect(await once.get('n')).toBe(1);
});

test('endless-body: it was applied, and the answer goes on until nobody reads it', async () => {
  bridge.faults.once('endless-body', isIncr);
  const headers = { authorization: `Bearer ${bridge.token}` };
  const { body } = await fetch(bridge.url, { method: 'POST', headers, body: '["incr","n"]' });
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > 5_000_000) break;
  }
  expect(bytes).toBeGreaterThan(5_000_000);
  expect(await once.get('n')).toBe(1);
  await vi.waitFor(async () => {
    const sent = bridge.counts.bytesOut;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bridge.counts.bytesOut).toBe(sent);
  }, PATIENT);
});

test('a fault that lasts ends', async () => {
  const end = bridge.faults.start('drop-before');
  for (const _ of [1, 2]) await expect(once.incr('n')).rejects.toThrow();
  end();
  expect(await once.incr('n')).toBe(1);
});

test('what hangs goes on when it is over', async () => {
  const before = bridge.faults.met;
  const end = bridge.faults.start('hang');
  let settled = false;
  const call = once.incr('n').finally(() => {
    settled = true;
  });
  await vi.waitFor(() => expect(bridge.faults.met).toBe(before + 1), PATIENT);
  await expect(new Redis({ ...bridge, signal: () => AbortSignal.timeout(50) }).get('n')).rejects.toThrow(
    /timeout|abort/i,
  );
  expect(settled).toBe(false);
  end();
  expect(await call).toBe(1);
});

test('latency', async () => {
  bridge.faults.latencyMs = 60;
  const began = performance.now();
  await once.get('n');
  bridge.faults.latencyMs = 0;
  expect(performance.now() - began).toBeGreaterThan(55);
});

test('it must have a replica to lag', async () => {
  await expect(bridge.faults.lag()).rejects.toThrow(/without a replica/);
});

describe('streams', () => {
  const open = async (path: string) => {
    const stop = new AbortController();
    const response = await fetch(bridge.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${bridge.token}`, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    const lines: string[] = [];
    let end = 'open';
    const body = response.body?.pipeThrough(new TextDecoderStream());
    void (async () => {
      for await (const chunk of body as unknown as AsyncIterable<string>) {
        lines.push(...chunk.split('\n').filter((line) => line !== ''));
      }
    })().then(
      () => {
        end = 'ended';
      },
      () => {
        end = 'cut';
      },
    );
    return { response, lines, end: () => end, stop: () => stop.abort() };
  };

  test('a subscription as it is documented; a newline breaks a message', async () => {
    const stream = await open('/subscribe/chan%2Fnel');
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    await vi.waitFor(() => expect(stream.lines).toEqual(['data: subscribe,chan/nel,1']), PATIENT);
    expect(await once.publish('chan/nel', 'a,b')).toBe(1);
    await once.publish('chan/nel', 'first\nsecond');
    await vi.waitFor(
      () =>
        expect(stream.lines.slice(1)).toEqual(['data: message,chan/nel,a,b', 'data: message,chan/nel,first', 'second']),
      PATIENT,
    );
    stream.stop();
    await vi.waitFor(() => expect(bridge.faults.streams).toBe(0), PATIENT);
    await vi.waitFor(async () => expect(await once.publish('chan/nel', 'x')).toBe(0), PATIENT);
  });

  test('a pattern, and MONITOR', async () => {
    const [byPattern, monitor] = [await open('/psubscribe/a*'), await open('/monitor')];
    await vi.waitFor(() => expect(monitor.lines).toEqual(['data: OK']), PATIENT);
    await once.publish('abc', 'x');
    await vi.waitFor(
      () => expect(byPattern.lines).toEqual(['data: psubscribe,a*,1', 'data: pmessage,a*,abc,x']),
      PATIENT,
    );
    await vi.waitFor(
      () => expect(monitor.lines.join()).toMatch(/data: \d+\.\d+ \[0 .*\] "publish" "abc" "x"/),
      PATIENT,
    );
    byPattern.stop();
    monitor.stop();
  });

  test('without its Accept header it is no stream, and needs the token', async () => {
    const response = await fetch(`${bridge.url}/subscribe/a?_token=${bridge.token}`, { method: 'POST' });
    expect(response.status).toBe(400);
    const headers = { accept: 'text/event-stream' };
    expect((await fetch(`${bridge.url}/subscribe/a`, { method: 'POST', headers })).status).toBe(401);
    const authorized = { ...headers, authorization: `Bearer ${bridge.token}` };
    expect((await fetch(`${bridge.url}/subscribe`, { method: 'POST', headers: authorized })).status).toBe(400);
  });

  test('cut, ended, or silent', async () => {
    const cut = await open('/subscribe/a');
    bridge.faults.cutStreams();
    await vi.waitFor(() => expect(cut.end()).toBe('cut'), PATIENT);
    const ended = await open('/subscribe/a');
    bridge.faults.endStreams();
    await vi.waitFor(() => expect(ended.end()).toBe('ended'), PATIENT);
    const silent = await open('/subscribe/a');
    await vi.waitFor(() => expect(silent.lines).toHaveLength(1), PATIENT);
    bridge.faults.silenceStreams();
    const heard = await open('/subscribe/a');
    await once.publish('a', 'x');
    await vi.waitFor(() => expect(heard.lines).toHaveLength(2), PATIENT);
    expect(silent.lines).toHaveLength(1);
    expect(silent.end()).toBe('open');
    silent.stop();
    heard.stop();
  });
});

describe('the server behind it', () => {
  test('goes away and comes back: answers are errors meanwhile, streams end, and all goes on', async () => {
    await using server = await startStandalone();
    await using own = await startUpstashRest({ redis: server.url });
    const { url, token } = own;
    const redis = new Redis({ url, token, retry: { retries: 0 } });
    const stream = await fetch(`${url}/subscribe/a`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    const heard = stream.text();
    await vi.waitFor(() => expect(own.faults.streams).toBe(1), PATIENT);
    await server.kill();
    expect(await heard).toMatch(/^data: subscribe,a,1/);
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => redis.ping()));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
    await server.restart();
    expect(await Promise.all(Array.from({ length: 10 }, () => redis.ping()))).toEqual(Array(10).fill('PONG'));
    const clients = String(await server.cli('CLIENT', 'LIST'))
      .split('\n')
      .filter((row) => row.includes('user=default'));
    expect(clients).toHaveLength(1);
  });
});
