/** What an outage costs: Upstash is not asked by every request of a gateway whether it is back. */
import { createView, RegistryError } from '@backend-registry/core';
import { eventually, sample } from '@backend-registry/redis-harness/witness';
import { startUpstashRest, type UpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from '@upstash/redis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

let bridge: UpstashRest;
beforeEach(async () => {
  bridge = await startUpstashRest();
});
afterEach(() => bridge[Symbol.asyncDispose]());

function opened(commandTimeoutMs = 2_000): RedisBackendRegistry {
  return new RedisBackendRegistry({ url: bridge.url, token: bridge.token, subscribe: false, commandTimeoutMs });
}

/** What calls of this cost. */
async function requestsOf(call: () => Promise<unknown>): Promise<number> {
  const before = bridge.counts.requests;
  await call();
  return bridge.counts.requests - before;
}

test('a call that fails was tried few times, further and further apart', async () => {
  await using registry = opened(4_000);
  await registry.ping();
  const end = bridge.faults.start('drop-before');
  const requests = await requestsOf(() => expect(registry.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' }));
  end();
  expect(requests).toBeGreaterThan(2);
  expect(requests).toBeLessThanOrEqual(9);
});

test('lists that fail together are over together: none of them goes on asking', async () => {
  await using registry = opened();
  await registry.register(sample());
  expect(await registry.listBackends()).toHaveLength(1);
  const end = bridge.faults.start('drop-before');
  for (const { status } of await Promise.allSettled(Array.from({ length: 5 }, () => registry.listBackends())))
    expect(status).toBe('rejected');
  expect(await requestsOf(() => new Promise((resolve) => setTimeout(resolve, 2_500)))).toBe(0);
  end();
  expect(await registry.listBackends()).toHaveLength(1);
});

/** The most looks in so long, of pauses that begin with 50 ms and double, a fifth less each; two may be made at once, and the last pause has begun. */
function mostLooks(sinceMs: number): number {
  let looks = 3;
  for (let at = 40, pause = 40; at < sinceMs; pause = Math.min(2 * pause, 800), at += pause) looks += 1;
  return looks;
}

test('requests that refresh a view do not all ask, whether anything was ever seen or not', async () => {
  await using registry = opened();
  await registry.register(sample());
  await using view = createView(registry, { follow: false });
  await using nothing = createView(registry, { follow: false });
  await view.refresh();
  const end = bridge.faults.start('429');
  const began = performance.now();
  const asked = await requestsOf(async () => {
    for (let n = 0; n < 200; n += 1) {
      await view.refresh({ maxAgeMs: 1 });
      expect(view.routable).toHaveLength(1);
    }
  });
  // A 429 is not tried again. On a busy machine pauses end meanwhile.
  expect(asked).toBeLessThanOrEqual(mostLooks(performance.now() - began));
  const again = performance.now();
  const inVain = await requestsOf(async () => {
    for (let n = 0; n < 200; n += 1)
      await expect(nothing.refresh({ maxAgeMs: 1 })).rejects.toSatisfy((error) =>
        RegistryError.is(error, 'UNAVAILABLE'),
      );
  });
  expect(inVain).toBeLessThanOrEqual(mostLooks(performance.now() - again));
  expect(await requestsOf(() => view.refresh())).toBe(1);
  end();
  for (const each of [view, nothing]) {
    await eventually(async () => {
      await each.refresh({ maxAgeMs: 1 }).catch(() => undefined);
      expect(each.state).toBe('fresh');
    });
  }
});

test('the pause grows, up to the poll interval', async () => {
  await using registry = opened();
  await using view = createView(registry, { follow: false, pollIntervalMs: 300 });
  await view.refresh();
  const end = bridge.faults.start('429');
  const began = performance.now();
  const requests = await requestsOf(async () => {
    const { requests } = bridge.counts;
    while (performance.now() - began < 1_500 || bridge.counts.requests - requests < 3) {
      await view.refresh({ maxAgeMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
  end();
  // 50, 100, 200, 300, 300 … ms, a fifth more or less.
  expect(requests).toBeGreaterThanOrEqual(3);
  expect(requests).toBeLessThanOrEqual(3 + (performance.now() - began) / 240);
});

test('requests that come together in an outage cost no more than one after the other', async () => {
  await using registry = opened(500);
  await registry.register(sample());
  await using view = createView(registry, { follow: false });
  await view.refresh();
  const end = bridge.faults.start('drop-before');
  const requests = await requestsOf(async () => {
    for (let wave = 0; wave < 20; wave += 1)
      await Promise.all(Array.from({ length: 50 }, () => view.refresh({ maxAgeMs: 1 })));
  });
  end();
  // One look of the first that came, and one of all the others.
  expect(requests).toBeLessThanOrEqual(10);
});

test('over a client the pause is the same', async () => {
  const client = new Redis({ url: bridge.url, token: bridge.token, retry: false });
  await using registry = new RedisBackendRegistry({ client });
  await using view = createView(registry, { follow: false });
  await view.refresh();
  const end = bridge.faults.start('429');
  const began = performance.now();
  const requests = await requestsOf(async () => {
    for (let n = 0; n < 200; n += 1) await view.refresh({ maxAgeMs: 1 });
  });
  end();
  expect(requests).toBeLessThanOrEqual(mostLooks(performance.now() - began));
});

const many = Array.from({ length: 1_000 }, (_, n) => sample(n));

test('a call of many scripts is tried no oftener, and all of them together', async () => {
  await using registry = opened(4_000);
  await registry.register(sample());
  const end = bridge.faults.start('503');
  const requests = await requestsOf(() =>
    expect(registry.registerAll(many)).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
  );
  end();
  expect(requests).toBeGreaterThan(2);
  expect(requests).toBeLessThanOrEqual(9);
  bridge.faults.once('drop-after');
  expect(await requestsOf(() => registry.registerAll(many))).toBe(2);
  expect(await registry.listBackends()).toHaveLength(many.length);
});

test('a cleanup of hundreds is few requests', async () => {
  await using registry = opened(20_000);
  await registry.registerAll(many.map((backend) => ({ ...backend, heartbeatTimeoutMs: 1 })));
  await registry.listBackends();
  await registry.listBackends();
  // The look; twice five hundred, each found and removed; and one that finds nobody. The first time the script is sent, it is not known.
  const requests = await requestsOf(async () => {
    expect((await registry.cleanupExpiredBackends()).removed).toHaveLength(many.length);
  });
  expect(requests).toBeLessThanOrEqual(8);
});

test('no part of a call begins when it was given up', async () => {
  await using registry = opened(300);
  await eventually(() => registry.register(sample()));
  bridge.faults.latencyMs = 140;
  // One address in each script: they wait for each other.
  const waiting = Array.from({ length: 12 }, () => [sample(0), ...many.slice(1, 32)]).flat();
  await expect(registry.registerAll(waiting)).rejects.toMatchObject({ code: 'TIMEOUT' });
  await expect(registry.heartbeatAll(Array.from({ length: 6_000 }, () => sample()))).rejects.toMatchObject({
    code: 'TIMEOUT',
  });
  const after = await requestsOf(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  // One that was on its way.
  expect(after).toBeLessThanOrEqual(1);
});
