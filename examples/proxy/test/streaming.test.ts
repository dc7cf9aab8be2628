import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ask, openClient, readAll, signal, startOrigin, startProxy } from './helpers.ts';

test('a response arrives piece by piece, before its end is written', async () => {
  const arrived = signal();
  await using origin = await startOrigin(async (_request, response) => {
    response.write('one ');
    await arrived.promise;
    response.end('two');
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    arrived.resolve();
  }
  expect(text).toBe('one two');
});

test('the head of a response arrives before its body begins', async () => {
  const arrived = signal();
  await using origin = await startOrigin(async (_request, response) => {
    response.flushHeaders();
    await arrived.promise;
    response.end('late');
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  arrived.resolve();
  expect((await readAll(response)).toString()).toBe('late');
});

test('a request arrives piece by piece, before its end is sent, and the answer may begin meanwhile', async () => {
  const arrived = signal();
  await using origin = await startOrigin(async (received, response) => {
    for await (const chunk of received) {
      response.write(chunk);
      arrived.resolve();
    }
    response.end();
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin, { method: 'POST' });
  sent.write('one ');
  await arrived.promise;
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.end('two');
  expect((await readAll(response)).toString()).toBe('one two');
});

test.each([
  ['with a length', { 'content-length': String(20_000_000) }],
  ['in chunks', {}],
])('20 MB go through in both directions unchanged, %s', async (_name, headers) => {
  await using origin = await startOrigin((received, response) => void pipeline(received, response));
  await using proxy = await startProxy([origin.port]);
  const body = randomBytes(20_000_000);
  const sent = request(proxy.origin, { method: 'PUT', headers });
  const sending = pipeline(Readable.from(inPieces(body)), sent);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const received = await readAll(response);
  await sending;
  expect(hash('sha256', received)).toBe(hash('sha256', body));
});

/** Far more than the buffers of all the sockets between the two ends hold, and still little for a test. */
const MANY_BYTES = 96_000_000;
const MOST_AHEAD = MANY_BYTES / 2;

test('a client that reads slowly holds the backend back', async () => {
  let written = 0;
  await using origin = await startOrigin((_request, response) => {
    void pipeline(Readable.from(zeros((bytes) => (written += bytes))), response);
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let read = 0;
  let ahead = 0;
  for await (const chunk of response) {
    read += (chunk as Buffer).length;
    await turn();
    ahead = Math.max(ahead, written - read);
  }
  expect(read).toBe(MANY_BYTES);
  expect(ahead).toBeLessThan(MOST_AHEAD);
});

test('a backend that reads slowly holds the client back', async () => {
  let written = 0;
  let ahead = 0;
  await using origin = await startOrigin(async (received, response) => {
    let read = 0;
    for await (const chunk of received) {
      read += (chunk as Buffer).length;
      await turn();
      ahead = Math.max(ahead, written - read);
    }
    response.end(String(read));
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin, { method: 'POST' });
  const sending = pipeline(Readable.from(zeros((bytes) => (written += bytes))), sent);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect((await readAll(response)).toString()).toBe(String(MANY_BYTES));
  await sending;
  expect(ahead).toBeLessThan(MOST_AHEAD);
});

test('a client that leaves before the answer ends the request at the backend, which is not blamed', async () => {
  const arrived = signal<IncomingMessage>();
  await using origin = await startOrigin((received) => arrived.resolve(received));
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin).end();
  sent.on('error', () => undefined);
  const received = await arrived.promise;
  sent.destroy();
  await once(received.socket, 'close');
  expect(proxy.attempts).toHaveLength(1);
  expect(proxy.failures).toEqual([]);
});

test('a client that leaves during the response ends it at the backend, which is not blamed', async () => {
  const ended = signal();
  await using origin = await startOrigin((_request, response) => {
    response.once('close', ended.resolve);
    response.write('one');
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  await once(response, 'data');
  response.destroy();
  await ended.promise;
  expect(proxy.failures).toEqual([]);
});

test('a client that leaves during its request ends it at the backend, which is not blamed', async () => {
  const arrived = signal();
  const ended = signal<boolean>();
  await using origin = await startOrigin((received) => {
    received.once('data', () => arrived.resolve());
    received.once('error', () => ended.resolve(received.complete));
  });
  await using proxy = await startProxy([origin.port]);
  const sent = request(proxy.origin, { method: 'PUT' });
  sent.on('error', () => undefined);
  sent.write('one');
  await arrived.promise;
  sent.destroy();
  expect(await ended.promise).toBe(false);
  expect(proxy.attempts).toHaveLength(1);
  expect(proxy.failures).toEqual([]);
});

test.each([
  ['with a length', { 'content-length': '100' }],
  ['in chunks', {}],
])('a response that breaks off is an error for the client, %s', async (_name, headers) => {
  await using origin = await startOrigin((_request, response) => {
    response.writeHead(200, headers);
    response.write('half', () => response.destroy());
  });
  await using spare = await startOrigin((_request, response) => response.end('whole'));
  await using proxy = await startProxy([origin.port, spare.port]);
  await expect(ask(proxy.port)).rejects.toThrow('aborted');
  await expect.poll(() => proxy.failures.map(({ outcome }) => outcome)).toEqual(['cut']);
  expect(proxy.attempts).toEqual([origin.port]);
});

test('a backend that answers without reading the request is heard, and the connection of the client stays good', async () => {
  await using origin = await startOrigin((_request, response) => {
    response.writeHead(413).end('too much');
  });
  await using proxy = await startProxy([origin.port]);
  await using client = openClient(proxy.origin, 1);
  for (let number = 0; number < 2; number += 1) {
    const body = Readable.from(inPieces(randomBytes(2_000_000)));
    const response = await client.request({ path: '/', method: 'POST', body });
    expect(response.statusCode).toBe(413);
    expect(await response.body.text()).toBe('too much');
  }
});

function* inPieces(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += 65_536) yield body.subarray(at, at + 65_536);
}

function* zeros(onWrite: (bytes: number) => void): Generator<Buffer> {
  const piece = Buffer.alloc(60_000);
  for (let sent = 0; sent < MANY_BYTES; sent += piece.length) {
    onWrite(piece.length);
    yield piece;
  }
}
