/** What a runtime cannot do to a store by itself: it asks this process, where the servers are. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type {
  ConformanceFaults,
  ConformanceFixture,
  ConformanceOpenOptions,
} from '@backend-registry/core/conformance/cases';
import { upstashHarness } from '@backend-registry/redis-harness/upstash';
import { startStandalone } from '@backend-registry/redis-server';
import { RedisBackendRegistry } from '@backend-registry/upstash';

/** One wish: of a new fixture, or of the one with this number. */
export type Wish =
  | ({ readonly type: 'open' } & ConformanceOpenOptions)
  | { readonly type: 'fault'; readonly fixture: number; readonly fault: keyof ConformanceFaults }
  | { readonly type: 'end' | 'close'; readonly fixture: number }
  | { readonly type: 'putRaw'; readonly fixture: number; readonly id: string; readonly document: string };

/** The answer to `open`. */
export interface Opened {
  readonly fixture: number;
  readonly url: string;
  readonly token: string;
  readonly resolutionMs: number;
  readonly faults: readonly string[];
}

export interface Control extends AsyncDisposable {
  /** Takes wishes by POST. */
  readonly url: string;
}

/** Conformance fixtures over one real server, for a runtime that reaches it over HTTP only. */
export async function startControl(): Promise<Control> {
  const store = await startStandalone();
  const fixtures = new Map<number, { readonly fixture: ConformanceFixture; end?: () => Promise<void> }>();
  let opened = 0;

  async function grant(wish: Wish): Promise<unknown> {
    if (wish.type === 'open') return open(wish);
    const entry = fixtures.get(wish.fixture);
    if (entry === undefined) throw new Error(`no fixture ${wish.fixture} is open`);
    const { fixture } = entry;
    if (wish.type === 'putRaw') await fixture.putRaw?.(wish.id, wish.document);
    if (wish.type === 'fault') entry.end = (await fixture.faults?.[wish.fault]?.()) ?? (async () => undefined);
    if (wish.type === 'end') await entry.end?.();
    if (wish.type === 'close') {
      fixtures.delete(wish.fixture);
      await entry.end?.();
      await fixture[Symbol.asyncDispose]();
    }
    return {};
  }

  async function open(options: ConformanceOpenOptions): Promise<Opened> {
    let endpoint = { url: '', token: '' };
    // Its own handle is never used: those of the other runtime are.
    const harness = upstashHarness({
      name: 'remote',
      server: store,
      open(given, registryOptions) {
        endpoint = given;
        return new RedisBackendRegistry({ ...given, ...registryOptions });
      },
    });
    const fixture = await harness.open(options);
    opened += 1;
    fixtures.set(opened, { fixture });
    const { faults = {}, time } = fixture;
    if (!('resolutionMs' in time)) throw new Error('a real store has real time');
    return { fixture: opened, ...endpoint, resolutionMs: time.resolutionMs, faults: Object.keys(faults) };
  }

  const server = createServer(async (request, response) => {
    try {
      response.end(JSON.stringify(await grant(JSON.parse(await text(request)))));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const { fixture } of fixtures.values()) await fixture[Symbol.asyncDispose]();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await store[Symbol.asyncDispose]();
    },
  };
}
