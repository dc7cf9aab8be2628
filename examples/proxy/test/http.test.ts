import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { leastInFlight } from '../src/pick.ts';
import { ask, openClient, readAll, signal, startOrigin, startProxy } from './helpers.ts';

test('what is meant for one connection stays there, in both directions', async () => {
  const seen = signal<IncomingMessage['headers']>();
  await using origin = await startOrigin((received, response) => {
    seen.resolve(received.headers);
    response.writeHead(200, {
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      'proxy-authenticate': 'Basic',
      'x-end': '2',
    });
    response.end();
  });
  await using proxy = await startProxy([origin.port]);
  const answer = await ask(proxy.port, {
    headers: {
      connection: 'close, X-Secret',
      'x-secret': '1',
      'proxy-authorization': 'Basic eDp5',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      upgrade: 'h2c',
      'x-end': ['2', '3'],
      cookie: 'a=1',
    },
  });
  const headers = await seen.promise;
  for (const name of ['x-secret', 'proxy-authorization', 'keep-alive', 'te', 'upgrade'])
    expect(headers).not.toHaveProperty(name);
  expect(headers).toMatchObject({ 'x-end': '2, 3', cookie: 'a=1', connection: 'keep-alive' });
  expect(answer.headers).not.toHaveProperty('x-hop');
  expect(answer.headers).not.toHaveProperty('proxy-authenticate');
  expect(answer.headers['x-end']).toBe('2');
});

test('the backend learns who asked for what', async () => {
  await using origin = await startOrigin((received, response) => response.end(JSON.stringify(received.headers)));
  await using proxy = await startProxy([origin.port]);
  const headers = {
    host: 'shop.example.com',
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-proto': 'gopher',
    via: '1.0 edge',
  };
  const answer = await ask(proxy.port, { headers });
  expect(JSON.parse(answer.body)).toMatchObject({
    host: 'shop.example.com',
    'x-forwarded-for': '192.0.2.1, 127.0.0.1',
    'x-forwarded-host': 'shop.example.com',
    'x-forwarded-proto': 'http',
    via: '1.0 edge, 1.1 backend-registry-example',
  });
  expect(answer.headers.via).toBe('1.1 backend-registry-example');
});

test('status, repeated headers and the path with its query go through as they are', async () => {
  await using origin = await startOrigin((received, response) => {
    response.writeHead(418, { 'set-cookie': ['a=1', 'b=2'] }).end(received.url);
  });
  await using proxy = await startProxy([origin.port]);
  const answer = await ask(proxy.port, { path: '/a%2Fb/../c?d=%20&e' });
  expect(answer).toMatchObject({ status: 418, headers: { 'set-cookie': ['a=1', 'b=2'] }, body: '/a%2Fb/../c?d=%20&e' });
});

test('a target in absolute form is forwarded by its path', async () => {
  await using origin = await startOrigin((received, response) => response.end(received.url));
  await using proxy = await startProxy([origin.port]);
  expect((await ask(proxy.port, { path: 'http://shop.example.com/a?b' })).body).toBe('/a?b');
  expect((await ask(proxy.port, { path: 'http://shop.example.com' })).body).toBe('/');
  expect((await ask(proxy.port, { path: '*', method: 'OPTIONS' })).status).toBe(400);
});

test('a backend may live below a path', async () => {
  await using origin = await startOrigin((received, response) => response.end(received.url));
  await using proxy = await startProxy([]);
  await proxy.registry.register({ url: 'http://127.0.0.1/base', port: origin.port });
  await expect.poll(async () => (await ask(proxy.port, { path: '/a' })).body).toBe('/base/a');
});

test('connections are used again, on both sides', async () => {
  await using origin = await startOrigin((received, response) => {
    received.resume().on('end', () => response.end('same'));
  });
  await using proxy = await startProxy([origin.port]);
  await using client = openClient(proxy.origin, 1);
  for (const method of ['GET', 'POST', 'GET', 'DELETE', 'PUT']) {
    const response = await client.request({ path: '/', method, ...(method.startsWith('P') && { body: 'body' }) });
    expect(await response.body.text()).toBe('same');
  }
  expect(origin.sockets).toHaveLength(1);
});

test.each([
  ['HEAD', 200, { 'content-length': '1000' }],
  ['GET', 204, {}],
  ['GET', 304, { etag: '"1"', 'content-length': '1000' }],
])(
  '%s answered %i has no body, and the next request on its connection is answered',
  async (method, status, headers) => {
    await using origin = await startOrigin((received, response) => {
      if (received.url === '/next') response.end('next');
      else response.writeHead(status, headers).end();
    });
    await using proxy = await startProxy([origin.port]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await get(agent, proxy.port, method, '/');
    expect(first.statusCode).toBe(status);
    expect(first.headers).toMatchObject(headers);
    expect(await readAll(first)).toHaveLength(0);
    expect((await readAll(await get(agent, proxy.port, 'GET', '/next'))).toString()).toBe('next');
    agent.destroy();
  },
);

test('a client that asks first is told to go on when a backend takes its body', async () => {
  await using origin = await startOrigin(async (received, response) => {
    response.end(`${received.headers.expect} ${await text(received)}`);
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin, { method: 'POST', headers: { expect: '100-continue', 'content-length': '4' } });
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.end('body');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect((await readAll(response)).toString()).toBe('undefined body');
});

test('a client that asks first is refused before it sends its body', async () => {
  await using proxy = await startProxy([]);
  const sent = request(proxy.origin, { method: 'POST', headers: { expect: '100-continue', 'content-length': '4' } });
  let told = false;
  sent.on('continue', () => {
    told = true;
  });
  sent.on('error', () => undefined);
  sent.flushHeaders();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(503);
  expect(response.headers.connection).toBe('close');
  expect(told).toBe(false);
  sent.destroy();
});

test('without a backend the answer is 503, and says so', async () => {
  await using proxy = await startProxy([]);
  const answer = await ask(proxy.port, { method: 'POST', body: 'body' });
  expect(answer.status).toBe(503);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'retry-after': '1' });
  expect(JSON.parse(answer.body)).toEqual({ error: { code: 'NO_BACKEND', message: 'No backend is available.' } });
});

test('a backend that does not answer in time is 504, and nobody else is asked', async () => {
  await using slow = await startOrigin(() => undefined);
  await using spare = await startOrigin((_request, response) => response.end());
  await using proxy = await startProxy([slow.port, spare.port], { responseTimeoutMs: 100 });
  const answer = await ask(proxy.port);
  expect(answer.status).toBe(504);
  expect(JSON.parse(answer.body).error.code).toBe('BACKEND_TIMEOUT');
  expect(proxy.attempts).toEqual([slow.port]);
});

test('a backend that does not speak HTTP is 502', async () => {
  await using origin = await startOrigin(() => undefined);
  origin.server.on('connection', (socket) => socket.end('SSH-2.0-what\r\n\r\n'));
  await using proxy = await startProxy([origin.port]);
  expect((await ask(proxy.port)).status).toBe(502);
});

test('WebSockets and tunnels are refused with 501', async () => {
  await using origin = await startOrigin((_request, response) => response.end());
  await using proxy = await startProxy([origin.port]);
  expect((await ask(proxy.port, { headers: { connection: 'upgrade', upgrade: 'websocket' } })).status).toBe(501);
  const socket = connect(proxy.port, '127.0.0.1');
  socket.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 501 /);
  expect(proxy.attempts).toEqual([]);
});

test('many requests at once are each given their own answer', async () => {
  await using one = await startOrigin(async (received, response) => response.end(await text(received)));
  await using two = await startOrigin(async (received, response) => response.end(await text(received)));
  await using proxy = await startProxy([one.port, two.port], { pick: leastInFlight });
  await using client = openClient(proxy.origin, 100);
  const answers = Array.from({ length: 500 }, async (_, number) => {
    const response = await client.request({ path: '/', method: 'POST', body: `body ${number}` });
    return response.body.text();
  });
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 500 }, (_, number) => `body ${number}`));
  expect(new Set(proxy.attempts).size).toBe(2);
  expect(proxy.failures).toEqual([]);
});

test('connections to a backend that has left are closed once its requests are done', async () => {
  const arrived = signal();
  const goOn = signal();
  await using origin = await startOrigin(async (_request, response) => {
    arrived.resolve();
    await goOn.promise;
    response.end('done');
  });
  await using proxy = await startProxy([origin.port]);
  const answer = ask(proxy.port);
  await arrived.promise;
  await proxy.registry.unregister({ url: 'http://127.0.0.1', port: origin.port });
  await expect.poll(async () => (await ask(proxy.port)).status).toBe(503);
  const closed = Promise.all(origin.sockets.map((socket) => once(socket, 'close')));
  goOn.resolve();
  expect((await answer).body).toBe('done');
  await closed;
});

async function get(agent: Agent, port: number, method: string, path: string): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port, method, path, agent }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
