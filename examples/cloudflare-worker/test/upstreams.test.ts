import { createView, MemoryBackendRegistry, type View } from '@backend-registry/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Upstream, Upstreams } from '../src/upstreams.ts';

const TIMEOUT_MS = 10_000;
/** Of so many draws, two that are as likely as each other both come: one of them does not in 2 of 10^30 runs. */
const DRAWS = 100;

let registry: MemoryBackendRegistry;
let view: View;
let upstreams: Upstreams;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  registry = new MemoryBackendRegistry({ now: Date.now });
  view = createView(registry, { follow: false });
  upstreams = new Upstreams(TIMEOUT_MS);
});
afterEach(async () => {
  await registry.close();
  vi.useRealTimers();
});

async function register(...ports: number[]): Promise<void> {
  for (const port of ports) await registry.register({ url: 'http://10.0.0.1', port });
  await view.refresh();
}

function chosen(failed: readonly Upstream[] = []): Set<number | undefined> {
  return new Set(Array.from({ length: DRAWS }, () => upstreams.choose(view, failed)?.backend.port));
}

test('a request that tells nobody of its end counts no longer than it may wait', async () => {
  await register(8001);
  const upstream = upstreams.choose(view, []) as Upstream;
  const began = upstream.begin();
  vi.setSystemTime(began + 1);
  upstream.end(upstream.begin());
  expect(upstream.load(Date.now())).toBe(1);
  expect(upstream.load(began + TIMEOUT_MS)).toBe(1);
  expect(upstream.load(began + TIMEOUT_MS + 1)).toBe(0);
  // It does end, too late.
  upstream.begin();
  upstream.end(began);
  expect(upstream.load(Date.now())).toBe(1);
});

test('a backend that has failed is passed over for a while, but for one that has failed this request', async () => {
  await register(8001, 8002);
  expect(chosen()).toEqual(new Set([8001, 8002]));
  const upstream = upstreams.choose(view, []) as Upstream;
  const other = upstream.backend.port === 8001 ? 8002 : 8001;
  upstreams.avoid(upstream);
  expect(chosen()).toEqual(new Set([other]));
  expect(chosen([upstream])).toEqual(new Set([other]));
  upstreams.avoid(upstreams.choose(view, [upstream]) as Upstream);
  expect(chosen([upstream])).toEqual(new Set([other]));
  vi.setSystemTime(Date.now() + 5_000);
  expect(chosen()).toEqual(new Set([8001, 8002]));
});

test('what was seen of a backend is kept while the view changes, and forgotten with its life', async () => {
  await register(8001);
  const upstream = upstreams.choose(view, []) as Upstream;
  upstream.took(20);
  await registry.updateBackendMetrics(upstream.backend, { inFlightRequests: 3 });
  await view.refresh();
  expect(upstreams.choose(view, [])).toBe(upstream);
  expect(upstream.load(Date.now())).toBe(3);
  expect(upstreams.takeLatencies()).toEqual([{ backend: view.backends[0], latencyMs: 20 }]);
  expect(upstreams.takeLatencies()).toEqual([]);
  await registry.register({ url: 'http://10.0.0.1', port: 8001, incarnation: 'next' });
  await view.refresh();
  expect(upstreams.choose(view, [])).not.toBe(upstream);
});

test('one process may be at several addresses', async () => {
  const incarnation = 'of both';
  await registry.registerAll([8001, 8002].map((port) => ({ url: 'http://10.0.0.1', port, incarnation })));
  await view.refresh();
  const bases = new Set(Array.from({ length: DRAWS }, () => upstreams.choose(view, [])?.base));
  expect(bases).toEqual(new Set(['http://10.0.0.1:8001', 'http://10.0.0.1:8002']));
});

test('weight 0 takes no traffic, and where every lease has ended those are routed to that were there', async () => {
  await registry.register({ url: 'http://10.0.0.1', port: 8001, weight: 0 });
  await view.refresh();
  expect(chosen()).toEqual(new Set([undefined]));
  await register(8002);
  expect(chosen()).toEqual(new Set([8002]));
  vi.setSystemTime(Date.now() + 60_000);
  await view.refresh();
  expect(view.routable).toEqual([]);
  expect(chosen()).toEqual(new Set([8002]));
});
