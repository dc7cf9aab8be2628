import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RedisBackendRegistry } from '@backend-registry/upstash';
import { startUpstashRest, type UpstashRest } from '@backend-registry/upstash-rest';
import { EdgeVM } from '@edge-runtime/vm';
import { rolldown } from 'rolldown';
import { afterEach, beforeEach, expect, test } from 'vitest';

type Route = Record<'GET' | 'POST', (request: Request) => Promise<Response>>;

let bridge: UpstashRest;
beforeEach(async () => {
  bridge = await startUpstashRest();
}, 60_000);
afterEach(() => bridge[Symbol.asyncDispose]());

test('requests go on to a backend, with their bodies', async () => {
  await using _backend = await startBackend((request, response) => {
    response.setHeader('x-method', request.method ?? '');
    response.write(`${request.url} `);
    request.pipe(response);
  });
  const { route, request } = await loadRoute();
  const got = await route.GET(request('/a?b=c'));
  expect(await got.text()).toBe('/a?b=c ');
  const posted = await route.POST(request('/d', { method: 'POST', body: 'body' }));
  expect(posted.headers.get('x-method')).toBe('POST');
  expect(await posted.text()).toBe('/d body');
});

test('a backend that has a path of its own is sent requests below it', async () => {
  await using _backend = await startBackend((request, response) => response.end(request.url), '/base');
  const { route, request } = await loadRoute();
  expect(await (await route.GET(request('/a?b=c'))).text()).toBe('/base/a?b=c');
});

test('headers that are meant for one connection end here', async () => {
  await using _backend = await startBackend((request, response) => response.end(JSON.stringify(request.headers)));
  const { route, request } = await loadRoute();
  const headers = { connection: 'close, X-Of-Hop', 'x-of-hop': 'ends here', 'x-of-client': 'kept' };
  const received = await (await route.GET(request('/', { headers }))).json();
  expect(received).toMatchObject({ 'x-of-client': 'kept' });
  expect(received).not.toHaveProperty('x-of-hop');
});

test('what a backend would pack comes as it is, and Expect is no hindrance', async () => {
  await using _backend = await startBackend((request, response) => {
    if (!/gzip/.test(request.headers['accept-encoding'] ?? '')) return void response.end('as it is');
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('packed'));
  });
  const { route, request } = await loadRoute();
  const packed = await route.GET(request('/', { headers: { 'accept-encoding': 'gzip' } }));
  expect([packed.headers.get('content-encoding'), await packed.text()]).toEqual([null, 'as it is']);
  for (const name of ['connection', 'keep-alive', 'transfer-encoding']) expect(packed.headers.has(name)).toBe(false);
  const expecting = request('/', { method: 'POST', body: 'body', headers: { expect: '100-continue' } });
  expect((await route.POST(expecting)).status).toBe(200);
});

test('a backend that breaks off is a bad gateway', async () => {
  await using _backend = await startBackend((request) => request.socket.resetAndDestroy());
  const { route, request } = await loadRoute();
  expect((await route.GET(request('/'))).status).toBe(502);
});

test('while the registry is away, what was seen last stands', async () => {
  await using _backend = await startBackend((_request, response) => response.end('here'));
  const { route, request } = await loadRoute();
  expect(await (await route.GET(request('/'))).text()).toBe('here');
  const end = bridge.faults.start('drop-before');
  const met = bridge.faults.met;
  // The first of these are young enough to need no look.
  while (bridge.faults.met === met) expect(await (await route.GET(request('/'))).text()).toBe('here');
  end();
}, 60_000);

test('where nothing is known, it says so', async () => {
  const { route, request } = await loadRoute();
  expect((await route.GET(request('/'))).status).toBe(503);
});

/** The handler in a VM of the edge runtime, and how to make a request of that VM. */
async function loadRoute(): Promise<{ route: Route; request: (path: string, init?: RequestInit) => Request }> {
  await using bundle = await rolldown({
    input: join(import.meta.dirname, '../src/route.ts'),
    platform: 'neutral',
    transform: { target: 'es2022' },
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'route', codeSplitting: false });
  const env = { UPSTASH_REDIS_REST_URL: bridge.url, UPSTASH_REDIS_REST_TOKEN: bridge.token };
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { process: { env } }) });
  vm.evaluate(`${output[0].code}; globalThis.route = route;`);
  const make = vm.evaluate<(url: string, init: RequestInit) => Request>('(url, init) => new Request(url, init)');
  return { route: vm.evaluate<Route>('route'), request: (path, init = {}) => make(`https://edge.test${path}`, init) };
}

async function startBackend(listener: RequestListener, path = ''): Promise<AsyncDisposable> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using registry = new RedisBackendRegistry({ url: bridge.url, token: bridge.token });
  await registry.register({ url: `http://127.0.0.1${path}`, port: (server.address() as AddressInfo).port });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
