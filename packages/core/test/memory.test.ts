/** What the memory registry promises beyond the contract. */
import { expect, test } from 'vitest';
import { eventually } from '../src/conformance/assert.ts';
import { sample, Watcher } from '../src/conformance/tools.ts';
import { createView, MemoryBackendRegistry, MemoryStore } from '../src/index.ts';

test('handles with stores of their own share nothing', async () => {
  await using one = new MemoryBackendRegistry();
  await using other = new MemoryBackendRegistry();
  await one.register(sample());
  expect(await other.listBackends()).toEqual([]);
});

test('the clock belongs to the store: giving one beside a shared store is an error that says where it goes', () => {
  expect(() => new MemoryBackendRegistry({ store: new MemoryStore(), now: () => 0 })).toThrow(
    /new MemoryStore\(\{ now \}\)/,
  );
});

test('a clock that is set back makes nothing expire or live longer', async () => {
  let now = 1_000;
  await using registry = new MemoryBackendRegistry({ now: () => now, heartbeatTimeoutMs: 100 });
  await registry.register(sample());
  now = 0;
  expect(await registry.getBackend(sample())).toMatchObject({ status: 'healthy', expiresInMs: 100 });
  now = 1_100;
  expect(await registry.getBackend(sample())).toMatchObject({ status: 'expired', expiresInMs: 0 });
  now = 1_050;
  expect(await registry.getBackend(sample())).toMatchObject({ status: 'expired', expiresInMs: 0 });
});

test('without a clock of its own, a lease ends by real time', async () => {
  await using registry = new MemoryBackendRegistry({ heartbeatTimeoutMs: 20 });
  const before = Date.now();
  const { backend } = await registry.register(sample());
  // By the system's clock, to a second: the two do not run quite alike.
  expect(backend.registeredAt).toBeGreaterThan(before - 1_000);
  expect(backend.registeredAt).toBeLessThan(Date.now() + 1_000);
  await eventually(async () => expect(await registry.listBackends({ status: 'expired' })).toHaveLength(1));
});

test('a watcher that missed more removals than the store remembers is given a new snapshot', async () => {
  const store = new MemoryStore({ maxTombstones: 2 });
  await using registry = new MemoryBackendRegistry({ store });
  await registry.registerAll([1, 2, 3, 4].map((n) => sample(n)));
  const events = registry.watch()[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ type: 'snapshot', cause: 'initial' });
  for (const n of [1, 2, 3]) await registry.unregister(sample(n));
  const { value } = await events.next();
  expect(value).toMatchObject({ type: 'snapshot', cause: 'resync', backends: [{ port: 8004 }] });
  await events.return?.();
});

test('a watcher within what the store remembers is told each removal', async () => {
  const store = new MemoryStore({ maxTombstones: 2 });
  await using registry = new MemoryBackendRegistry({ store });
  await registry.registerAll([1, 2, 3].map((n) => sample(n)));
  await using watcher = await Watcher.started(registry);
  for (const n of [1, 2]) await registry.unregister(sample(n));
  await watcher.until(() => watcher.of('removed').length === 2, 'two removals');
  expect(watcher.of('snapshot')).toHaveLength(1);
});

test('durations that no timer can hold are waited for all the same', async () => {
  const month = 30 * 24 * 3_600_000;
  let answer = (): void => undefined;
  const store = new MemoryStore({
    faults: {
      before: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    },
  });
  await using registry = new MemoryBackendRegistry({ store, commandTimeoutMs: month });
  const ping = registry.ping();
  await new Promise((resolve) => setTimeout(resolve, 20)); // a timer that overflows ends after 1 ms
  answer();
  await expect(ping).resolves.toBeUndefined();
});

test('a view closed while its store loses its data leaves no timer behind', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const store = new MemoryStore();
    await using registry = new MemoryBackendRegistry({ store });
    await registry.register(sample());
    const view = createView(registry);
    await view.ready;
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    store.clear();
    for (let n = 0; n < turns; n += 1) await null;
    await view.close();
    await registry.close();
    const before = timers();
    const probe = setTimeout(() => undefined, 1_000);
    expect(timers()).toBe(before + 1); // the count counts
    clearTimeout(probe);
    expect(view.state).toBe('stale');
  }
  await eventually(() =>
    expect(process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length).toBeLessThan(5),
  );
});

test('what a fault throws reaches the caller as UNAVAILABLE with its cause, and a slow store is TIMEOUT', async () => {
  const cause = new Error('unplugged');
  let down: (() => void | Promise<void>) | undefined = () => {
    throw cause;
  };
  const store = new MemoryStore({ faults: { before: () => down?.() } });
  await using registry = new MemoryBackendRegistry({ store, commandTimeoutMs: 30 });
  await expect(registry.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE', cause });
  down = () => new Promise(() => undefined);
  await expect(registry.ping()).rejects.toMatchObject({ code: 'TIMEOUT' });
  down = undefined;
  await expect(registry.ping()).resolves.toBeUndefined();
});
