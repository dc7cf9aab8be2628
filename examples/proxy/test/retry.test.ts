import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ask, deadPort, startOrigin, startProxy } from './helpers.ts';

/** The end of a lease rings no bell: a view sees it with its next look. */
const PATIENT = { timeout: 10_000 };

/** Takes the request, then its connection breaks. */
const breaks: RequestListener = (request, response) => {
  request.resume().on('end', () => response.destroy());
};
const echoes: RequestListener = async (request, response) => response.end(await text(request));

test.each(['GET', 'HEAD', 'DELETE', 'POST', 'PATCH'])(
  '%s goes to another backend when the connection is refused: nothing was sent',
  async (method) => {
    const dead = await deadPort();
    await using spare = await startOrigin((_request, response) => response.end());
    await using proxy = await startProxy([dead, spare.port]);
    expect((await ask(proxy.port, { method })).status).toBe(200);
    expect(proxy.attempts).toEqual([dead, spare.port]);
    expect(proxy.failures.map(({ outcome }) => outcome)).toEqual(['retried']);
  },
);

test('a body is still whole after a refused connection', async () => {
  const dead = await deadPort();
  await using spare = await startOrigin(echoes);
  await using proxy = await startProxy([dead, spare.port]);
  expect((await ask(proxy.port, { method: 'POST', body: 'whole' })).body).toBe('whole');
});

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])(
  '%s without a body goes to another backend when the connection breaks before the answer',
  async (method) => {
    await using broken = await startOrigin(breaks);
    await using spare = await startOrigin(echoes);
    await using proxy = await startProxy([broken.port, spare.port]);
    expect((await ask(proxy.port, { method, headers: { 'content-length': '0' } })).status).toBe(200);
    expect(proxy.attempts).toEqual([broken.port, spare.port]);
  },
);

test.each([
  ['POST', ''],
  ['POST', 'body'],
  ['PATCH', ''],
  ['PUT', 'body'],
  ['DELETE', 'body'],
])('%s with body "%s" is never sent twice: 502 when the connection breaks', async (method, body) => {
  await using broken = await startOrigin(breaks);
  await using spare = await startOrigin(echoes);
  await using proxy = await startProxy([broken.port, spare.port]);
  const answer = await ask(proxy.port, { method, body, headers: { 'content-length': String(body.length) } });
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.body).error.code).toBe('BACKEND_FAILED');
  expect(proxy.attempts).toEqual([broken.port]);
  expect(proxy.failures.map(({ outcome }) => outcome)).toEqual(['refused']);
});

test('no backend is tried twice, and the last failure is the answer', async () => {
  const dead = [await deadPort(), await deadPort()];
  await using proxy = await startProxy(dead);
  const answer = await ask(proxy.port);
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.body).error.code).toBe('BACKEND_UNREACHABLE');
  expect(proxy.attempts).toEqual(dead);
});

test('a request tries no more backends than it may', async () => {
  const dead = [await deadPort(), await deadPort(), await deadPort()];
  await using proxy = await startProxy(dead, { maxAttempts: 2 });
  expect((await ask(proxy.port)).status).toBe(502);
  expect(proxy.attempts).toEqual(dead.slice(0, 2));
});

test('a backend whose connection failed is passed over by the next requests', async () => {
  const dead = await deadPort();
  await using spare = await startOrigin(echoes);
  await using proxy = await startProxy([dead, spare.port], { avoidMs: 60_000 });
  await ask(proxy.port);
  await ask(proxy.port);
  expect(proxy.attempts).toEqual([dead, spare.port, spare.port]);
});

test('a backend that is passed over is tried when there is no other', async () => {
  let broken = true;
  await using only = await startOrigin((request, response) => {
    if (broken) breaks(request, response);
    else response.end('healed');
  });
  await using proxy = await startProxy([only.port], { avoidMs: 60_000 });
  expect((await ask(proxy.port)).status).toBe(502);
  broken = false;
  expect((await ask(proxy.port)).body).toBe('healed');
});

test('another life on the same address is not passed over', async () => {
  let broken = true;
  await using first = await startOrigin((request, response) => {
    if (broken) breaks(request, response);
    else response.end('first');
  });
  await using spare = await startOrigin((_request, response) => response.end('spare'));
  await using proxy = await startProxy([first.port, spare.port], { avoidMs: 60_000 });
  expect((await ask(proxy.port)).body).toBe('spare');
  broken = false;
  await proxy.registry.register({ url: 'http://127.0.0.1', port: first.port, incarnation: 'another life' });
  await expect.poll(async () => (await ask(proxy.port)).body).toBe('first');
});

test('where every lease has ended, backends are tried nevertheless; where one has not, only that one', {
  timeout: 30_000,
}, async () => {
  await using one = await startOrigin((_request, response) => response.end('one'));
  await using two = await startOrigin((_request, response) => response.end('two'));
  await using proxy = await startProxy([one.port, two.port]);
  const { registry, view } = proxy;
  const url = 'http://127.0.0.1';
  await registry.heartbeatAll([one, two].map(({ port }) => ({ url, port, heartbeatTimeoutMs: 1 })));
  await expect.poll(() => view.routable, PATIENT).toEqual([]);
  expect((await ask(proxy.port)).body).toBe('one');
  await registry.heartbeat({ url, port: two.port });
  await expect.poll(() => view.routable, PATIENT).toHaveLength(1);
  expect((await ask(proxy.port)).body).toBe('two');
});

test('a backend that drains or is unhealthy is not tried, even where there is no other', async () => {
  await using origin = await startOrigin((_request, response) => response.end());
  await using proxy = await startProxy([origin.port]);
  const address = { url: 'http://127.0.0.1', port: origin.port };
  await proxy.registry.updateBackendHealth(address, false);
  await expect.poll(() => proxy.view.routable, PATIENT).toEqual([]);
  expect((await ask(proxy.port)).status).toBe(503);
  await proxy.registry.updateBackendHealth(address, true);
  await proxy.registry.drain(address);
  await expect.poll(() => proxy.view.backends[0]?.status, PATIENT).toBe('draining');
  expect((await ask(proxy.port)).status).toBe(503);
});
