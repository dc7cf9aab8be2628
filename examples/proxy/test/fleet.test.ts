import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createView, MemoryBackendRegistry, MemoryStore } from '@backend-registry/core';
import { expect, test } from 'vitest';
import { startBackend } from '../src/backend.ts';
import { type LoadResult, runLoad } from '../src/load.ts';
import { nameOf } from '../src/observer.ts';
import { type Attempt, createProxy } from '../src/proxy.ts';
import { report } from '../src/report.ts';
import { setStage } from '../src/stage.ts';
import { openClient } from './helpers.ts';

const CONCURRENCY = 16;
/** Results to wait for before something happens, and after it: enough for every connection to have been used several times. */
const MANY = 200;
const signal = new AbortController().signal;
const onEvent = (): void => undefined;

test('a backend that drains under load costs no request', async () => {
  // No lease ends in this test.
  await using stage = await setStage({ backends: 3, heartbeatTimeoutMs: 60_000, onEvent, signal });
  const load = startLoad(stage.address);
  await load.more(MANY);
  const leaver = stage.backends[1];
  await leaver?.close();
  const whenGone = load.results.length;
  await load.more(MANY);
  await load.end();
  expect(load.results.filter(({ failure }) => failure !== null)).toEqual([]);
  expect(stage.observer.retried).toEqual([]);
  expect(load.results.slice(0, MANY).some(({ servedBy }) => servedBy === leaver?.name)).toBe(true);
  // Each worker may have had one answer of the leaver on its way.
  expect(load.results.slice(whenGone + CONCURRENCY).some(({ servedBy }) => servedBy === leaver?.name)).toBe(false);
});

test('a backend that crashes under load costs no request but those that cannot be repeated', {
  timeout: 60_000,
}, async () => {
  let onAttempt = (_attempt: Attempt): void => undefined;
  // Three backends that all expire together are removed: no process stands still for so long.
  const heartbeatTimeoutMs = 6_000;
  await using stage = await setStage({
    backends: 3,
    heartbeatTimeoutMs,
    onEvent,
    onAttempt: (attempt) => onAttempt(attempt),
    signal,
  });
  const load = startLoad(stage.address);
  await load.more(MANY);
  const victim = stage.backends[1];
  const name = victim?.name ?? '';
  // A GET is on its way to the backend that crashes: it must be repeated, whatever becomes of those that it had already.
  const at = await new Promise<number>((resolve) => {
    onAttempt = ({ request, backend }) => {
      if (nameOf(backend) !== name || request.method !== 'GET') return;
      onAttempt = () => undefined;
      resolve(performance.now());
      void victim?.crash();
    };
  });
  await stage.observer.until(() => stage.observer.of(name).leftViewAt !== null, signal);
  await load.more(MANY);
  await load.end();
  const events = [{ type: 'crash', name, at }] as const;
  const { passed, text } = report({
    loadMs: 1,
    heartbeatTimeoutMs,
    results: load.results,
    events,
    observer: stage.observer,
  });
  expect(passed, text).toBe(true);
  expect(stage.observer.retried.map(({ backend }) => backend)).toContain(name);
});

test('a crash fails no GET whose answer had not begun', async () => {
  const store = new MemoryStore();
  const open = () => new MemoryBackendRegistry({ store });
  const registry = open();
  await using view = createView(registry);
  // Requests are answered when the test says so.
  const waiting = new Map<string, Set<ServerResponse>>();
  await using one = await startHolding('one');
  await using two = await startHolding('two');
  await one.announcement.ready;
  await two.announcement.ready;
  await expect.poll(() => view.routable.length).toBe(2);

  let retried = 0;
  await using proxy = createProxy({ view, onFailure: () => (retried += 1) });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  await using client = openClient(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, CONCURRENCY);
  const answers = Array.from({ length: CONCURRENCY }, async () => {
    const { body, statusCode } = await client.request({ path: '/', method: 'GET' });
    return `${statusCode} ${await body.text()}`;
  });
  const held = (name: string): number => waiting.get(name)?.size ?? 0;
  await expect.poll(() => held('one') + held('two')).toBe(CONCURRENCY);
  const lost = held('one');
  await one.crash();
  await expect.poll(() => held('two')).toBe(CONCURRENCY);
  for (const response of waiting.get('two') ?? []) response.end('two');
  expect(await Promise.all(answers)).toEqual(Array.from({ length: CONCURRENCY }, () => '200 two'));
  expect(lost).toBeGreaterThan(0);
  expect(retried).toBe(lost);

  function startHolding(name: string) {
    const responses = new Set<ServerResponse>();
    waiting.set(name, responses);
    return startBackend({ registry: open(), name, service: (_request, response) => responses.add(response) });
  }
});

interface Load {
  readonly results: readonly LoadResult[];
  /** Resolves when there are so many more results. */
  more(count: number): Promise<void>;
  /** Resolves when the requests under way are done. */
  end(): Promise<void>;
}

function startLoad(address: string): Load {
  const results: LoadResult[] = [];
  const stop = new AbortController();
  let onResult = (): void => undefined;
  const running = runLoad({
    origin: `http://${address}`,
    concurrency: CONCURRENCY,
    signal: stop.signal,
    onResult: (result) => {
      results.push(result);
      onResult();
    },
  });
  return {
    results,
    more: (count) =>
      new Promise((resolve) => {
        const enough = results.length + count;
        onResult = () => {
          if (results.length >= enough) resolve();
        };
      }),
    end: () => {
      stop.abort();
      return running;
    },
  };
}
