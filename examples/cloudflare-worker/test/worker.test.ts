import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startUpstashRest, type UpstashRest } from '@backend-registry/upstash-rest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startBackend, startGateway, withRegistry } from './gateway.ts';

/** workerd starts in a second or two, and CI has two cores. */
const timeout = 60_000;
/** A Worker may be at the end of its look, and CI is busy. */
const PATIENT = { timeout: 20_000 };
/** Nothing is old before the end of the test. */
const NEVER = 3_600_000;

let bridge: UpstashRest;
beforeEach(async () => {
  bridge = await startUpstashRest();
}, timeout);
afterEach(() => bridge[Symbol.asyncDispose]());

const says =
  (text: string): RequestListener =>
  (_request, response) =>
    response.end(text);

const textOf = async (response: Response) => ({ status: response.status, text: await response.text() });

test('requests reach every backend, path and query and method and headers as they were', { timeout }, async () => {
  const echo: RequestListener = (request, response) =>
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
  await using one = await startBackend(bridge, echo);
  await using two = await startBackend(bridge, echo);
  await using gateway = await startGateway(bridge);
  const response = await gateway.fetch('/a%20b/?c=d%2Fe', { method: 'DELETE', headers: { 'x-of-client': 'kept' } });
  const { method, url, headers } = (await response.json()) as Pick<IncomingMessage, 'method' | 'url' | 'headers'>;
  expect({ method, url }).toEqual({ method: 'DELETE', url: '/a%20b/?c=d%2Fe' });
  expect(headers).toMatchObject({
    'x-of-client': 'kept',
    'x-forwarded-host': new URL(gateway.origin).host,
  });
  expect([one, two].map(({ port }) => `127.0.0.1:${port}`)).toContain(headers.host);
  await expect
    .poll(async () => {
      await (await gateway.fetch('/')).text();
      return Math.min(one.requests, two.requests);
    }, PATIENT)
    .toBeGreaterThan(0);
});

test('headers of one connection end here, those that `Connection` names among them, both ways', {
  timeout,
}, async () => {
  await using _origin = await startBackend(bridge, (request, response) => {
    response.writeHead(200, {
      connection: 'close, X-Of-Connection',
      'x-of-connection': 'ends here',
      'proxy-authenticate': 'Basic',
      'x-of-backend': 'kept',
    });
    response.end(JSON.stringify(request.headers));
  });
  await using gateway = await startGateway(bridge);
  // Of fetch, no such header can be asked for.
  const request = get(gateway.origin, {
    headers: {
      connection: 'close, X-Of-Hop ,, x-other',
      'x-of-hop': 'ends here',
      'x-other': 'too',
      te: 'trailers',
      'proxy-authorization': 'Basic c2VjcmV0',
      'x-of-client': 'kept',
    },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const received = JSON.parse(await text(response));
  expect(received).toMatchObject({ 'x-of-client': 'kept' });
  for (const name of ['x-of-hop', 'x-other', 'te', 'proxy-authorization']) expect(received).not.toHaveProperty(name);
  expect(response.headers).toMatchObject({ 'x-of-backend': 'kept' });
  for (const name of ['x-of-connection', 'proxy-authenticate']) expect(response.headers).not.toHaveProperty(name);
});

test('bodies go through in both directions unchanged, and answers keep their status and headers', {
  timeout,
}, async () => {
  await using _origin = await startBackend(bridge, (request, response) => {
    response.writeHead(307, { location: '/elsewhere', 'x-of-backend': 'kept' });
    void pipeline(request, response);
  });
  await using gateway = await startGateway(bridge);
  const body = randomBytes(3_000_000);
  const response = await gateway.fetch('/', { method: 'POST', body, redirect: 'manual' });
  expect(response.status).toBe(307);
  expect(response.headers.get('location')).toBe('/elsewhere');
  expect(response.headers.get('x-of-backend')).toBe('kept');
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
});

test('an answer arrives piece by piece, before its end is written', { timeout }, async () => {
  let finish = (): void => undefined;
  await using _origin = await startBackend(bridge, (_request, response) => {
    response.write('one ');
    finish = () => response.end('two');
  });
  await using gateway = await startGateway(bridge);
  // Else workerd compresses it, as Cloudflare does, and waits for more.
  const { body } = await gateway.fetch('/', { headers: { 'accept-encoding': 'identity' } });
  let text = '';
  for await (const piece of body ?? []) {
    text += Buffer.from(piece).toString();
    finish();
  }
  expect(text).toBe('one two');
});

test('an answer that has begun may take longer than a backend may take to begin it', { timeout }, async () => {
  let finish = (): void => undefined;
  await using _origin = await startBackend(bridge, ({ url }, response) => {
    if (url === '/hang') return;
    response.write('one ');
    finish = () => response.end('two');
  });
  // Longer than the backend, which is in this process, stands still on a busy machine.
  await using gateway = await startGateway(bridge, { vars: { RESPONSE_TIMEOUT_MS: 4_000 } });
  const answer = await gateway.fetch('/');
  expect((await gateway.fetch('/hang')).status).toBe(504);
  finish();
  expect(await textOf(answer)).toEqual({ status: 200, text: 'one two' });
});

test('an answer without an end ends at the backend when the client leaves', { timeout }, async () => {
  let ended = false;
  await using _origin = await startBackend(bridge, (_request, response) => {
    // workerd sees that nobody listens when it has something to say.
    const talking = setInterval(() => response.write('and so on '), 20);
    response.on('close', () => {
      clearInterval(talking);
      ended = true;
    });
  });
  await using gateway = await startGateway(bridge);
  const leaving = new AbortController();
  const headers = { 'accept-encoding': 'identity' };
  const { body } = await gateway.fetch('/', { headers, signal: leaving.signal });
  await body?.getReader().read();
  expect(ended).toBe(false);
  leaving.abort();
  await expect.poll(() => ended, PATIENT).toBe(true);
});

test('where nothing is registered, the answer says so', { timeout }, async () => {
  await using gateway = await startGateway(bridge);
  const response = await gateway.fetch('/');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: 'NO_BACKEND' } });
});

test('where nothing is known and the registry is away, the answer says that, in time', { timeout }, async () => {
  await using _origin = await startBackend(bridge, says('here'));
  await using gateway = await startGateway(bridge);
  const end = bridge.faults.start('hang');
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.fetch('/')));
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: 'REGISTRY_UNREACHABLE' } });
  }
  end();
  await expect.poll(async () => (await textOf(await gateway.fetch('/'))).text, PATIENT).toBe('here');
});

test('when a backend dies, idempotent requests go to another one, and it is passed over from then on', {
  timeout,
}, async () => {
  const dead = await startBackend(bridge, says('dead'));
  await using spare = await startBackend(bridge, says('spare'));
  await using gateway = await startGateway(bridge);
  await gateway.fetch('/');
  await dead[Symbol.asyncDispose]();
  const [sent, before] = [40, spare.requests];
  const answers = await Promise.all(Array.from({ length: sent }, () => gateway.fetch('/').then(textOf)));
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['spare']));
  expect(spare.requests).toBe(before + sent);
});

test('a request that is not idempotent is sent once: 502 where the connection breaks', { timeout }, async () => {
  await using one = await startBackend(bridge, (_request, response) => response.destroy());
  await using two = await startBackend(bridge, (_request, response) => response.destroy());
  await using gateway = await startGateway(bridge);
  const response = await gateway.fetch('/', { method: 'POST', body: 'once' });
  expect(await textOf(response)).toMatchObject({ status: 502 });
  expect(one.requests + two.requests).toBe(1);
  await gateway.fetch('/', { method: 'GET' });
  expect(one.requests + two.requests).toBe(3);
});

test('a backend that does not begin its answer in time is a 504, and nobody is sent the request again', {
  timeout,
}, async () => {
  await using origin = await startBackend(bridge, () => undefined);
  await using spare = await startBackend(bridge, () => undefined);
  await using gateway = await startGateway(bridge, { vars: { RESPONSE_TIMEOUT_MS: 200 } });
  expect(await textOf(await gateway.fetch('/'))).toMatchObject({ status: 504 });
  expect(origin.requests + spare.requests).toBe(1);
});

test.for(['drop-before', 'hang', '503'] as const)(
  'while the registry is away (%s), what is known stands',
  {
    timeout,
  },
  async (fault) => {
    await using _origin = await startBackend(bridge, says('known'));
    await using gateway = await startGateway(bridge, { vars: { MAX_AGE_MS: 50, MAX_STALE_MS: 500 } });
    expect(await textOf(await gateway.fetch('/'))).toEqual({ status: 200, text: 'known' });
    const met = bridge.faults.met;
    const end = bridge.faults.start(fault);
    // Longer than anything is allowed to be stale, and over looks that failed.
    await sleep(600);
    for (let looks = 0; looks < 3; looks = bridge.faults.met - met) {
      expect(await textOf(await gateway.fetch('/'))).toEqual({ status: 200, text: 'known' });
    }
    end();
    // It is heard again.
    await using _newcomer = await startBackend(bridge, says('new'));
    await expect.poll(async () => (await textOf(await gateway.fetch('/'))).text, PATIENT).toBe('new');
  },
);

test('when the store has lost its data, what was known stands while backends come back', { timeout }, async () => {
  await using _origin = await startBackend(bridge, says('old'));
  await using gateway = await startGateway(bridge, { vars: { MAX_AGE_MS: 0 } });
  await gateway.fetch('/');
  await fetch(`${bridge.url}/flushall`, { headers: { authorization: `Bearer ${bridge.token}` } });
  await using _newcomer = await startBackend(bridge, says('new'));
  const seen = new Set<string>();
  bridge.counts.reset();
  // Both, also after many looks.
  await expect
    .poll(async () => {
      const { status, text } = await textOf(await gateway.fetch('/'));
      expect(status).toBe(200);
      if (bridge.counts.requests > 10) seen.add(text);
      return [...seen].sort();
    }, PATIENT)
    .toEqual(['new', 'old']);
});

test('an isolate begins with what others have known, also while the registry is away', { timeout }, async () => {
  await using _origin = await startBackend(bridge, says('known'));
  await using gateway = await startGateway(bridge);
  await gateway.fetch('/');
  await expect.poll(() => gateway.snapshot(bridge.url), PATIENT).toBe(true);
  const end = bridge.faults.start('hang');
  await gateway.restart();
  expect(await textOf(await gateway.fetch('/'))).toEqual({ status: 200, text: 'known' });
  end();
});

test('what is older than it may be is looked at before the request is sent on; younger, behind its answer', {
  timeout,
}, async () => {
  const vars = { MAX_AGE_MS: 0, MAX_STALE_MS: NEVER };
  await using _old = await startBackend(bridge, says('old'));
  await using patient = await startGateway(bridge, { vars });
  await using strict = await startGateway(bridge, { vars: { ...vars, MAX_STALE_MS: 1 } });
  for (const gateway of [patient, strict]) expect((await textOf(await gateway.fetch('/'))).text).toBe('old');
  await withRegistry(bridge, async (registry) => {
    for (const backend of await registry.listBackends()) await registry.drain(backend);
  });
  await using _new = await startBackend(bridge, says('new'));
  const end = bridge.faults.start('hang');
  expect((await textOf(await patient.fetch('/'))).text).toBe('old');
  const waiting = strict.fetch('/').then(textOf);
  end();
  expect((await waiting).text).toBe('new');
});

test('1,000 requests make no more than one look a second', { timeout }, async () => {
  await using _origin = await startBackend(bridge, says('here'));
  await using gateway = await startGateway(bridge, { vars: { REPORT_INTERVAL_MS: NEVER } });
  await gateway.fetch('/');
  bridge.counts.reset();
  const began = performance.now();
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.fetch('/').then(textOf)));
    for (const { status } of answers) expect(status).toBe(200);
    await sleep(60);
  }
  const seconds = (performance.now() - began) / 1_000;
  // Each is one request with one script, so that the number of looks is that of requests.
  expect(bridge.counts.requests).toBe(bridge.counts.evalshas);
  expect(bridge.counts.requests).toBeGreaterThan(1);
  expect(bridge.counts.requests).toBeLessThanOrEqual(1 + seconds);
});

test('requests that come together to a new isolate share one look, and none hangs', { timeout }, async () => {
  await using _origin = await startBackend(bridge, says('here'));
  await using first = await startGateway(bridge);
  await first.fetch('/');
  bridge.counts.reset();
  bridge.faults.latencyMs = 200;
  // None of them comes so late that it would look again.
  await using gateway = await startGateway(bridge, { vars: { MAX_AGE_MS: NEVER, REPORT_INTERVAL_MS: NEVER } });
  const answers = await Promise.all(Array.from({ length: 100 }, () => gateway.fetch('/').then(textOf)));
  expect(answers).toEqual(answers.map(() => ({ status: 200, text: 'here' })));
  // What has changed, and the documents.
  expect(bridge.counts.requests).toBe(2);
});

test('a client that leaves while its request looks at the registry takes the look with it from nobody', {
  timeout,
}, async () => {
  await using _origin = await startBackend(bridge, says('here'));
  await using gateway = await startGateway(bridge);
  const end = bridge.faults.start('hang');
  const met = bridge.faults.met;
  const leaving = new AbortController();
  const left = gateway.fetch('/', { signal: leaving.signal }).catch((error: Error) => error.name);
  await expect.poll(() => bridge.faults.met, PATIENT).toBeGreaterThan(met);
  const others = Array.from({ length: 10 }, () => gateway.fetch('/').then(textOf));
  leaving.abort();
  expect(await left).toBe('AbortError');
  end();
  for (const answer of others) expect(await answer).toEqual({ status: 200, text: 'here' });
});

test('what requests took is reported behind their answers', { timeout }, async () => {
  await using origin = await startBackend(bridge, async (_request, response) => {
    await sleep(20);
    response.end();
  });
  await using gateway = await startGateway(bridge, { vars: { MAX_AGE_MS: 10, REPORT_INTERVAL_MS: 10 } });
  await expect
    .poll(async () => {
      await gateway.fetch('/');
      return withRegistry(bridge, async (registry) => (await registry.getBackend(origin))?.overallAvgLatency);
    }, PATIENT)
    .toBeGreaterThanOrEqual(15);
});
