import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Outcome, runProgram } from './program.ts';

const URL = 'http://10.0.0.1:8001';
const backend = { url: 'http://10.0.0.1', port: 8001 };

let server: RedisServer;
let registry: RedisBackendRegistry;

beforeAll(async () => {
  server = await startStandalone();
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await registry?.close();
  await server.cli('FLUSHALL');
  registry = new RedisBackendRegistry({ url: server.url });
});
afterAll(() => registry.close());

const explain = (...args: string[]): Promise<Outcome> => runProgram(['explain', '--registry', server.url, ...args]);

async function because(...args: string[]) {
  const { exit, stdout } = await explain(URL, '--json', ...args);
  const answer = JSON.parse(stdout);
  expect(exit).toBe(answer.routable ? 0 : 1);
  return answer;
}

test('a healthy backend: proxies send it requests, exit 0', async () => {
  await registry.register(backend);
  const { exit, stdout } = await explain(URL);
  expect(exit).toBe(0);
  expect(stdout).toMatch(
    /^backend +http:\/\/10\.0\.0\.1:8001\nstatus +healthy\nhealth +up, as reported last\nlease +\d+s left\n/,
  );
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^Proxies send it requests: its lease lives for \d+s, and it was reported healthy\.$/,
  );
  expect(await because()).toMatchObject({ id: URL, registered: true, routable: true, because: 'healthy', backend });
});

test('the address may be written in any way that names it', async () => {
  await registry.register({ url: 'http://api.example.com' });
  const { exit, stdout } = await explain('HTTP://API.example.com/');
  expect(exit).toBe(0);
  expect(stdout).toContain('http://api.example.com:80\n');
});

test('health that was reported, a drain, and a lease that has ended: each is what decides', async () => {
  await registry.register(backend);
  await registry.updateBackendHealth(backend, false);
  expect(await because()).toMatchObject({
    because: 'unhealthy',
    remedy: `If it is well: backend-registry health ${URL} up`,
  });
  await registry.drain(backend);
  await registry.updateBackendMetrics(backend, { inFlightRequests: 3 });
  expect(await because()).toMatchObject({
    because: 'draining',
    remedy: `To take it back: backend-registry drain ${URL} --off`,
    notes: ['It has reported 3 requests in flight.'],
  });
  await registry.register({ ...backend, heartbeatTimeoutMs: 1 });
  expect(await because()).toMatchObject({ because: 'expired', registered: true });
});

test('one that was never there, one that was unregistered, and one that a cleanup removed', async () => {
  expect(await because()).toMatchObject({ because: 'unknown', registered: false, backend: null });
  await registry.register(backend);
  await registry.unregister(backend);
  expect((await because()).verdict).toMatch(/^Proxies do not know it: it was unregistered \S+ ago\.$/);
  await registry.register({ ...backend, heartbeatTimeoutMs: 1 });
  while ((await registry.cleanupExpiredBackends()).removed.length === 0);
  expect(await because()).toMatchObject({ because: 'removed' });
});

test('a row that cannot be read, with its reason', async () => {
  await registry.register(backend);
  await server.cli('SET', `backend:${URL}`, '[]');
  expect(await because()).toMatchObject({
    because: 'corrupt',
    registered: true,
    verdict:
      'Proxies do not send it requests: its row cannot be read (it is not a JSON object), and readers leave it out.',
  });
});

test('a row of another program, and one under another prefix', async () => {
  await server.cli('SET', `backend:${URL}`, '{}');
  expect(await because()).toMatchObject({ because: 'foreign', remedy: 'To take it in: backend-registry adopt' });
  const elsewhere = await because('--prefix', 'app:');
  expect(elsewhere.because).toBe('unknown');
  expect(elsewhere.notes).toEqual([
    'A document of this address stands without a prefix too: is that the registry that is meant? Leave --prefix out.',
  ]);
  const odd = '\u009b31m\u202e:';
  await server.cli('SET', `${odd}backend:${URL}`, '{}');
  const { stdout: text } = await explain(URL);
  expect(text).toContain('stands under the prefix "\\u009b31m\\u202e:" too: is that the registry that is meant?');
  expect(text).not.toContain('\u009b');
});

test('weight 0 leaves it in, and is noted', async () => {
  await registry.register({ ...backend, weight: 0 });
  expect(await because()).toMatchObject({
    routable: true,
    notes: ['Its weight is 0: pickers that heed weights leave it out.'],
  });
});

test('who may not ask beside the registry learns what the registry tells, and what is not known', async () => {
  await registry.register(backend);
  await registry.unregister(backend);
  await server.cli(
    'ACL',
    'SETUSER',
    'proxy',
    'on',
    '>secret',
    '~backend:*',
    '~heartbeat:*',
    '~registry:*',
    '+info',
    '+eval',
    '+evalsha',
    '+mget',
    '+get',
    '+time',
    '+hmget',
    '+zcard',
    '+zcount',
    '+zscore',
    '+zrangebyscore',
  );
  const url = server.url.replace('redis://', 'redis://proxy:secret@');
  const { exit, stdout } = await runProgram(['explain', '--registry', url, URL, '--json']);
  expect(exit).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ because: 'unknown' });
  expect(JSON.parse(stdout).notes).toContainEqual('Not known: how it left (NOPERM).');
});

test('over HTTP too', async () => {
  await using bridge = await startUpstashRest({ redis: server.url });
  await registry.register(backend);
  await registry.unregister(backend);
  const { exit, stdout } = await runProgram(['explain', '--registry', bridge.url, URL, '--json'], {
    env: { UPSTASH_REDIS_REST_TOKEN: bridge.token },
  });
  expect(exit).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ because: 'unregistered', notes: [] });
});

test('an address that is none: exit 2, and what is wrong with it', async () => {
  const { exit, stderr } = await explain('10.0.0.1:8001');
  expect(exit).toBe(2);
  expect(stderr).toMatch(/^error: Invalid backend: url is "10\.0\.0\.1:8001": .*\n$/);
});

test('one that stands in a part of the index only: what proxies see decides, and unregistering mends it', async () => {
  const other = { url: 'http://10.0.0.2', port: 8002 };
  await registry.registerAll([backend, other]);
  await server.cli('ZREM', 'registry:versions', URL);
  expect(await because()).toMatchObject({
    because: 'incomplete',
    registered: true,
    routable: false,
    verdict: 'Proxies do not see it: it stands in a part of the index only.',
    remedy: `backend-registry unregister ${URL}: a process that runs registers anew. All that are so: backend-registry doctor`,
  });
  await server.cli('HDEL', 'registry:incarnations', URL);
  expect((await runProgram(['unregister', '--registry', server.url, URL])).exit).toBe(0);
  expect(await because()).toMatchObject({ because: 'unregistered' });

  await server.cli('ZREM', 'registry:leases', 'http://10.0.0.2:8002');
  const { exit, stdout } = await explain('http://10.0.0.2:8002', '--json');
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { because: 'incomplete', routable: true, backend: null }]);
});
