/** What helpers around a registry do when the store, or the caller, is out of reach at an awkward moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import {
  announce,
  type CleanupHold,
  createView,
  MemoryBackendRegistry,
  type MemoryRegistryOptions,
  MemoryStore,
  startCleanup,
} from '../src/index.ts';

// What depends on durations goes by a clock of its own: no test fails because its process was late.
afterEach(() => {
  vi.useRealTimers();
});

const backend = (port: number) => ({ url: 'http://h', port });

/** A registry whose store can be down, or never answer. */
function opened(options: MemoryRegistryOptions = {}) {
  const store = {
    now: 'up' as 'up' | 'down' | 'frozen',
  };
  const before = async () => {
    if (store.now === 'down') throw new Error('the store is down');
    if (store.now === 'frozen') await new Promise(() => undefined);
  };
  const registry = new MemoryBackendRegistry({ ...options, store: new MemoryStore({ faults: { before } }) });
  return { registry, store };
}

test('cleanup holds again after a second outage, however long the first hold is over', async () => {
  vi.useFakeTimers();
  const { registry, store } = opened({ heartbeatTimeoutMs: 300 });
  await using _ = registry;
  const fleet = Array.from({ length: 10 }, (_, n) => backend(n + 1));
  await registry.registerAll(fleet);
  const holds: CleanupHold[] = [];
  const removed: number[] = [];
  await using cleanup = startCleanup(registry, {
    holdMs: 600,
    onHold: (hold) => holds.push(hold),
    onRemoved: () => removed.push(holds.length),
  });
  await cleanup.ready;
  for (const outage of [1, 2]) {
    store.now = 'down';
    await vi.advanceTimersByTimeAsync(700);
    expect(cleanup.state).toBe('failing');
    store.now = 'up';
    // The longest pause between two tries, and less than a hold.
    await vi.advanceTimersByTimeAsync(400);
    expect(holds).toHaveLength(outage);
    expect(cleanup.state).toBe('holding');
    expect(removed).toEqual([]);
  }
  await vi.advanceTimersByTimeAsync(1_000);
  expect(removed).toEqual([2]);
});

test('a view that follows is fresh again after a look on demand has failed', async () => {
  const { registry, store } = opened();
  await using _ = registry;
  // Nothing happens in this registry, and the next look of its own is far away.
  await using view = createView(registry, { pollIntervalMs: 60_000 });
  await view.ready;
  store.now = 'down';
  await view.refresh();
  expect(view.state).toBe('stale');
  store.now = 'up';
  await expect.poll(() => view.state).toBe('fresh');
});

test('a view whose registry was closed does not look again by itself', async () => {
  const { registry } = opened();
  const codes: string[] = [];
  await using view = createView(registry, { onError: ({ code }) => codes.push(code) });
  await view.ready;
  await registry.close();
  await expect.poll(() => codes).toEqual(['CLOSED']);
  await view.refresh();
  await sleep(300);
  expect(codes).toEqual(['CLOSED', 'CLOSED']);
});

test('an update that was under way when the announcement was closed is answered', async () => {
  const { registry, store } = opened({ commandTimeoutMs: 200 });
  await using _ = registry;
  const announcement = announce(registry, backend(1));
  await announcement.ready;
  store.now = 'frozen';
  const update = announcement.update({ inFlightRequests: 3 });
  await sleep(20);
  await announcement.close({ deadlineMs: 0 });
  await expect(update).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('a view looks although the clock of the process was set back', async () => {
  const { registry } = opened();
  await using _ = registry;
  await using view = createView(registry, { follow: false });
  await view.refresh();
  const { now } = Date;
  using clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
  await registry.register(backend(1));
  await view.refresh({ maxAgeMs: 1_000 });
  expect(view.backends).toHaveLength(1);
  expect(clock).toHaveBeenCalled();
});

test('the end of a lease is told when it ends, also while others have ended that nobody removes', async () => {
  vi.useFakeTimers();
  const { registry } = opened();
  await using _ = registry;
  await registry.register({ ...backend(1), heartbeatTimeoutMs: 100 });
  await registry.register({ ...backend(2), heartbeatTimeoutMs: 300 });
  await using view = createView(registry, { pollIntervalMs: 60_000 });
  await view.ready;
  expect(view.routable).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(view.routable).toMatchObject([backend(2)]);
  await vi.advanceTimersByTimeAsync(200);
  expect(view.routable).toEqual([]);
});

test('what the promise of a listener rejects with goes to onError, and one function can listen twice', async () => {
  const { registry } = opened();
  await using _ = registry;
  const told: string[] = [];
  await using view = createView(registry, { follow: false, onError: ({ message }) => told.push(message) });
  let heard = 0;
  const listener = async () => {
    heard += 1;
    throw new Error('mine');
  };
  const stop = view.subscribe(listener);
  view.subscribe(listener);
  await view.refresh();
  expect(heard).toBe(2);
  stop();
  await registry.register(backend(1));
  await view.refresh();
  expect(heard).toBe(3);
  await expect.poll(() => told).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('mine')));
});

test('a view that is closed while it looks is stale', async () => {
  const { registry } = opened();
  await using _ = registry;
  const view = createView(registry, { follow: false });
  await view.refresh();
  for (let turns = 0; turns < 8; turns += 1) {
    const closing = createView(registry, { follow: false });
    await closing.refresh();
    const looking = closing.refresh().catch(() => undefined);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    await closing.close();
    await looking;
    expect(closing.state).toBe('stale');
  }
  await view.close();
  expect(view.state).toBe('stale');
});

test('looks on demand that fail together count as one', async () => {
  const { registry, store } = opened();
  await using _ = registry;
  let looks = 0;
  await using view = createView(registry, { follow: false, pollIntervalMs: 60_000, onError: () => looks++ });
  await view.refresh();
  store.now = 'down';
  await Promise.all(Array.from({ length: 20 }, () => view.refresh()));
  expect(looks).toBe(20);
  store.now = 'up';
  // The pause after one failure, and not after twenty: that would be the poll interval.
  await expect.poll(() => view.refresh({ maxAgeMs: 1 }).then(() => view.state)).toBe('fresh');
});

test('a store that is down is not asked for each update, and one that is back is told the next one soon', async () => {
  vi.useFakeTimers();
  const { registry, store } = opened();
  await using _ = registry;
  const failures: string[] = [];
  const announcement = announce(registry, backend(1), { onError: ({ code }) => failures.push(code) });
  await announcement.ready;
  store.now = 'down';
  const updates: Promise<void>[] = [];
  for (let n = 0; n < 300; n += 1) {
    updates.push(announcement.update({ inFlightRequests: n }));
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(50);
  expect(failures.length).toBeGreaterThan(0);
  // At most every 100 ms.
  expect(failures.length).toBeLessThan(6);
  const asked = failures.length;
  // The pauses have become longer by then: seconds.
  await vi.advanceTimersByTimeAsync(10_000);
  expect(failures.length).toBeGreaterThan(asked);
  store.now = 'up';
  let told = false;
  updates.push(
    announcement.update({ inFlightRequests: 1_000 }).then(() => {
      told = true;
    }),
  );
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toBe(true);
  await Promise.all(updates);
  expect(await registry.getBackend(backend(1))).toMatchObject({ inFlightRequests: 1_000 });
  const closed = announcement.close();
  await vi.advanceTimersByTimeAsync(3_000);
  await closed;
});

test('without a deadline of its own a call has two seconds, and a watch looks every second', async () => {
  vi.useFakeTimers();
  const { registry, store } = opened();
  await using _ = registry;
  await registry.register(backend(1));
  let looked = 0;
  await using view = createView(registry);
  view.subscribe(() => looked++);
  await view.ready;
  await registry.updateBackendMetrics(backend(1), { inFlightRequests: 1 });
  // It varies by a tenth.
  await vi.advanceTimersByTimeAsync(1_100);
  expect(view.backends[0]?.inFlightRequests).toBe(1);
  expect(looked).toBeGreaterThan(0);
  store.now = 'frozen';
  let ended: unknown;
  void registry.ping().catch((error: unknown) => {
    ended = error;
  });
  await vi.advanceTimersByTimeAsync(1_999);
  expect(ended).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toMatchObject({ code: 'TIMEOUT' });
});

test('who is closed when the store is back tells proxies of the drain, however long the pause was', async () => {
  vi.useFakeTimers();
  const { registry, store } = opened({ heartbeatTimeoutMs: 60_000 });
  await using _ = registry;
  const failures: string[] = [];
  const announcement = announce(registry, backend(1), {
    drainDeadlineMs: 2_000,
    drainNoticeMs: 300,
    onError: ({ code }) => failures.push(code),
  });
  await announcement.ready;
  await using view = createView(registry);
  const seen: string[] = [];
  view.subscribe(({ updated, removed }) => {
    for (const { status } of updated) seen.push(status);
    for (const _ of removed) seen.push('removed');
  });
  await view.ready;
  store.now = 'down';
  void announcement.update({ weight: 2 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(failures.length).toBeGreaterThan(4);
  store.now = 'up';
  const closed = announcement.close();
  await vi.advanceTimersByTimeAsync(3_000);
  await closed;
  expect(seen.at(-1)).toBe('removed');
  expect(seen).toContain('draining');
});

test.each([-3_600_000, 3_600_000])(
  'how long a view holds does not depend on the clock of its process: set by %d ms',
  async (ms) => {
    vi.useFakeTimers();
    const store = new MemoryStore();
    await using registry = new MemoryBackendRegistry({ store });
    await registry.register(backend(1));
    await using view = createView(registry, { follow: false, holdMs: 300 });
    await view.refresh();
    store.clear();
    await registry.register(backend(2));
    await view.refresh();
    vi.setSystemTime(Date.now() + ms);
    await vi.advanceTimersByTimeAsync(200);
    await view.refresh();
    expect(view.backends.map(({ port }) => port)).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(200);
    await view.refresh();
    expect(view.backends.map(({ port }) => port)).toEqual([2]);
  },
);
