import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runProgram } from './program.ts';

const URL = 'http://10.0.0.1:8001';
let server: RedisServer;
let registry: RedisBackendRegistry;

beforeAll(async () => {
  server = await startStandalone();
  registry = new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: 3_600_000 });
});

beforeEach(async () => {
  await server.cli('FLUSHALL');
});

afterAll(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});

/** [exit, stdout, stderr] */
async function cli(...args: string[]): Promise<[number | null, string, string]> {
  const { exit, stdout, stderr } = await runProgram(args, { env: { REDIS_URL: server.url } });
  return [exit, stdout.trimEnd(), stderr.trimEnd()];
}

test('register declares what the options say, and says what it did', async () => {
  const options = [
    '--zone',
    'eu-1',
    '--weight',
    '0.5',
    '--meta',
    'team=search',
    'a=b=c',
    '--incarnation',
    'one',
    '--unhealthy',
  ];
  expect(await cli('register', 'HTTP://10.0.0.1:8001/', ...options, '--heartbeat-timeout', '2h')).toEqual([
    0,
    `${URL} is registered, for 2h without a heartbeat`,
    '',
  ]);
  const backend = await registry.getBackend({ url: URL });
  expect(backend).toMatchObject({
    zone: 'eu-1',
    weight: 0.5,
    metadata: { team: 'search', a: 'b=c' },
    incarnation: 'one',
    status: 'unhealthy',
  });
  expect(backend?.expiresInMs).toBeGreaterThan(3_600_000);

  const [, again] = await cli('register', URL, '--json', '--incarnation', 'two');
  expect(JSON.parse(again)).toEqual({
    status: 'replaced',
    backend: expect.objectContaining({ incarnation: 'two', zone: null }),
  });
});

test('the environment says how long a registration lasts, and is refused where it cannot', async () => {
  const env = { REDIS_URL: server.url, BACKEND_HEARTBEAT_TIMEOUT: '120' };
  expect((await runProgram(['register', URL], { env })).stdout).toBe(
    `${URL} is registered, for 2m without a heartbeat\n`,
  );
  const { exit, stderr } = await runProgram(['register', URL], { env: { ...env, BACKEND_HEARTBEAT_TIMEOUT: 'soon' } });
  expect([exit, stderr]).toEqual([
    2,
    'error: BACKEND_HEARTBEAT_TIMEOUT is "soon": it must be a number of seconds, more than 0.\n',
  ]);
});

test('what is not registered is one line and exit 1', async () => {
  const line = `${URL} is not registered.`;
  for (const args of [
    ['heartbeat', URL],
    ['health', URL, 'down'],
    ['drain', URL],
    ['unregister', URL],
    ['get', URL],
  ])
    expect(await cli(...args), args.join(' ')).toEqual([1, '', line]);
  expect(await cli('heartbeat', URL, '--json')).toEqual([1, '{"status":"unknown"}', line]);
});

test('another life is left alone: one line, and exit 1', async () => {
  const { backend } = await registry.register({ url: URL, incarnation: 'new' });
  for (const args of [
    ['heartbeat', URL],
    ['health', URL, 'down'],
    ['drain', URL],
    ['unregister', URL],
  ])
    expect(await cli(...args, '--incarnation', 'old'), args.join(' ')).toEqual([
      1,
      '',
      `${URL} is registered by another life than old, and nothing was done. Without --incarnation, whichever is there is meant.`,
    ]);
  expect(await registry.listBackends()).toEqual([backend]);
});

test('health, drain, heartbeat and unregister do it, and say so', async () => {
  await registry.register({ url: URL, incarnation: 'one' });
  const statusOf = async () => (await registry.getBackend({ url: URL }))?.status;
  expect(await cli('health', URL, 'down', '--incarnation', 'one')).toEqual([0, `${URL} is down now`, '']);
  expect(await statusOf()).toBe('unhealthy');
  expect(await cli('health', URL, 'down')).toEqual([0, `${URL} was down already`, '']);
  expect(await cli('health', URL, 'up', '--json')).toEqual([0, '{"status":"updated"}', '']);
  expect(await cli('drain', URL)).toEqual([0, `${URL} drains now`, '']);
  expect(await statusOf()).toBe('draining');
  expect(await cli('drain', URL, '--off')).toEqual([0, `${URL} does not drain any more`, '']);
  expect(await statusOf()).toBe('healthy');
  expect(await cli('heartbeat', URL, '--heartbeat-timeout', '3h')).toEqual([0, `${URL} is renewed for 3h`, '']);
  expect((await registry.getBackend({ url: URL }))?.expiresInMs).toBeGreaterThan(3_600_000);
  expect(await cli('unregister', URL)).toEqual([0, `${URL} is unregistered`, '']);
  expect(await statusOf()).toBeUndefined();
});

test('drain with a deadline waits until nothing is in flight', async () => {
  await registry.register({ url: URL, inFlightRequests: 2 });
  const waiting = cli('drain', URL, '--deadline', '1m');
  await draining();
  await registry.updateBackendMetrics({ url: URL }, { inFlightRequests: 0 });
  expect(await waiting).toEqual([
    0,
    `${URL} drains now`,
    `${URL} has nothing in flight any more: stop it when you like.`,
  ]);
  expect((await registry.getBackend({ url: URL }))?.status).toBe('draining');
});

test('drain says what was still in flight when the time was over, and what it does not know', async () => {
  await registry.register({ url: URL, inFlightRequests: 2 });
  await registry.register({ url: 'http://10.0.0.2:8001' });
  const [busy, unreported, json] = await Promise.all([
    cli('drain', URL, '--deadline', '100ms'),
    cli('drain', 'http://10.0.0.2:8001', '--deadline', '100ms'),
    cli('drain', URL, '--deadline', '100ms', '--json'),
  ]);
  expect(busy.slice(0, 1).concat(busy[2])).toEqual([
    1,
    `${URL} still has 2 in flight after 100ms. It goes on draining.`,
  ]);
  expect([unreported[0], unreported[2]]).toEqual([
    0,
    'http://10.0.0.2:8001 has had 100ms: nobody reports what is in flight there.',
  ]);
  expect(json[0]).toBe(1);
  expect(JSON.parse(json[1])).toMatchObject({ end: { status: 'busy', inFlight: 2 } });
});

/** Waits until one drains. */
async function draining(): Promise<void> {
  for await (const event of registry.watch({ pollIntervalMs: 20 })) {
    const backends = event.type === 'snapshot' ? event.backends : event.type === 'updated' ? [event.backend] : [];
    if (backends.some(({ status }) => status === 'draining')) return;
  }
}

test('drain ends when the backend leaves, and fails when somebody takes it back', async () => {
  await registry.register({ url: URL, inFlightRequests: 2 });
  const undrained = cli('drain', URL, '--deadline', '1m');
  await draining();
  await registry.drain({ url: URL }, false);
  expect((await undrained)[0]).toBe(1);
  const gone = cli('drain', URL, '--deadline', '1m');
  await draining();
  await registry.unregister({ url: URL });
  expect(await gone).toEqual([0, `${URL} drains now`, `${URL} has left the registry.`]);
});

test.each([
  ['after proxies were given time to notice', '8s', 1_500],
  ['while proxies are given time to notice', '5s', 100],
])(
  'drain does not take a store that loses its data for a backend that has left: %s',
  async (_when, deadline, afterMs) => {
    await registry.register({ url: URL, inFlightRequests: 5 });
    const waiting = cli('drain', URL, '--deadline', deadline);
    await draining();
    // Proxies are given a second.
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await server.cli('FLUSHALL');
    expect(await waiting).toEqual([
      1,
      `${URL} drains now`,
      `${URL} is not known to be idle: the store lost its data meanwhile, and 5 were in flight before.`,
    ]);
  },
);

test('drain says that a lease has ended, and what was in flight', async () => {
  await registry.register({ url: URL, inFlightRequests: 5, heartbeatTimeoutMs: 1_500 });
  expect(await cli('drain', URL, '--deadline', '20s')).toEqual([
    0,
    `${URL} drains now`,
    `${URL} has expired, with 5 in flight as it reported last: it has died, or does not reach the store.`,
  ]);
});

test('cleanup removes what has expired, and only shows it in a dry run', async () => {
  await registry.register({ url: URL });
  await registry.registerAll([2, 3, 4, 5, 6].map((n) => ({ url: `http://10.0.0.${n}:8001`, heartbeatTimeoutMs: 1 })));
  await server.cli('SET', 'backend:http://10.0.0.9:8001', '{"nonsense"');
  await server.cli('ZADD', 'registry:leases', '1', 'http://10.0.0.9:8001');
  await server.cli('ZADD', 'registry:versions', '1', 'http://10.0.0.9:8001');
  const expired = [2, 3, 4, 5, 6].map((n) => `http://10.0.0.${n}:8001`);
  const [exit, stdout, stderr] = await cli('cleanup', '--dry-run');
  expect([exit, stdout.split('\n').slice(0, 5)]).toEqual([0, expired]);
  expect(stderr).toMatch(
    /^5 expired backends( and 1 unreadable row)? would be removed\. Nothing was\.\nThese are 5 of 6: do they reach the store\?$/,
  );
  const [, dry] = await cli('cleanup', '--dry-run', '--json');
  expect(JSON.parse(dry).expired.map(({ id }: { id: string }) => id)).toEqual(expired);
  expect(await registry.listBackends({ status: 'expired' })).toHaveLength(5);

  expect((await cli('cleanup', '--limit', '2', '--json'))[0]).toBe(0);
  const [, removed, told] = await cli('cleanup');
  expect(told).toMatch(/^[345] expired backends/);
  expect(removed.split('\n').length).toBeGreaterThanOrEqual(3);
  expect((await registry.listBackends()).map(({ id }) => id)).toEqual([URL]);
});

test('list --watch prints each list as a line of JSON where nobody looks at a terminal', async () => {
  await registry.register({ url: URL });
  const program = runProgram(['list', '--watch', '--json', '--status', 'healthy'], {
    env: { REDIS_URL: server.url },
    async during({ lines, kill }) {
      expect(JSON.parse(await lines.next())).toHaveLength(1);
      await registry.register({ url: 'http://10.0.0.2:8001' });
      expect(JSON.parse(await lines.next()).map(({ id }: { id: string }) => id)).toEqual([URL, 'http://10.0.0.2:8001']);
      await registry.drain({ url: URL });
      expect(JSON.parse(await lines.next())).toHaveLength(1);
      kill('SIGINT');
    },
  });
  expect((await program).exit).toBe(130);
});

test('watch tells each event: a line, or an object', async () => {
  await registry.register({ url: URL });
  const told: string[] = [];
  const text = await runProgram(['watch'], {
    env: { REDIS_URL: server.url },
    async during({ lines, kill }) {
      // Each is told before the next comes: what comes together is told as one.
      told.push(await lines.next());
      await registry.register({ url: 'http://10.0.0.2:8001', zone: 'a\x1b[2Jb' });
      told.push(await lines.next());
      await registry.updateBackendHealth({ url: URL }, false);
      told.push(await lines.next());
      await registry.updateBackendMetrics({ url: URL }, { inFlightRequests: 3, overallAvgLatency: 12 });
      await registry.unregister({ url: URL });
      told.push(await lines.next());
      kill('SIGTERM');
    },
  });
  expect(text.exit).toBe(130);
  expect(told.map((line) => line.replace(/^\S+T\S+Z/, 'AT'))).toEqual([
    'AT  snapshot    1 backend',
    'AT  registered  http://10.0.0.2:8001  healthy  zone a\\x1b[2Jb',
    `AT  updated     ${URL}  healthy → unhealthy`,
    `AT  removed     ${URL}  unregistered`,
  ]);

  await registry.register({ url: URL });
  const events: { type: string }[] = [];
  await runProgram(['watch', '--json', '--metrics'], {
    env: { REDIS_URL: server.url },
    async during({ lines, kill }) {
      events.push(JSON.parse(await lines.next()));
      await registry.updateBackendMetrics({ url: URL }, { inFlightRequests: 5 });
      events.push(JSON.parse(await lines.next()));
      kill('SIGTERM');
    },
  });
  expect(events[0]).toMatchObject({ type: 'snapshot', cause: 'initial' });
  expect(events[1]).toMatchObject({ type: 'updated', changed: ['metrics'], backend: { inFlightRequests: 5 } });
});

test('a row that nobody can read: every command names it, and none says that it is not registered', async () => {
  await registry.register({ url: URL });
  await registry.register({ url: 'http://10.0.0.2:8002' });
  await server.cli('SET', `backend:${URL}`, 'no JSON');
  const told = `${URL} is registered, and its row cannot be read: it is not JSON. Proxies leave it out: backend-registry explain ${URL}`;
  expect(await cli('get', URL)).toEqual([1, '', told]);
  expect(await cli('heartbeat', URL)).toEqual([0, `${URL} is renewed for 60s`, told]);
  expect(await cli('health', URL, 'down')).toEqual([1, '', told]);
  expect(await cli('drain', URL)).toEqual([1, '', told]);
  const [exit, list, said] = await cli('list');
  expect([exit, list.split('\n').length]).toEqual([0, 2]);
  expect(said).toBe(`1 row cannot be read and is left out: ${URL} (it is not JSON). backend-registry doctor`);
  const [, json, saidToo] = await cli('list', '--json');
  expect([JSON.parse(json).length, saidToo]).toEqual([1, said]);
  expect((await cli('unregister', URL))[0]).toBe(0);
});

test('registered anew, and still unhealthy: it says so', async () => {
  await registry.register({ url: URL, health: false });
  expect(await cli('register', URL)).toEqual([
    0,
    `${URL} was registered, and is renewed, for 60s without a heartbeat`,
    `It is unhealthy, as it was before: backend-registry explain ${URL}`,
  ]);
});

test('a key of another type is named, with the command that removes it', async () => {
  await registry.register({ url: URL });
  await server.cli('DEL', `heartbeat:${URL}`);
  await server.cli('LPUSH', `heartbeat:${URL}`, 'x');
  for (const command of ['get', 'explain']) {
    const [exit, , stderr] = await cli(command, URL);
    expect([exit, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^error: \S+: Another program uses heartbeat:http:\/\/10\.0\.0\.1:8001: it is a list, and not a string\. Remove it \(DEL heartbeat:http:\/\/10\.0\.0\.1:8001\), or choose another --prefix\.$/,
      ),
    ]);
  }
});

test('one without a lease is not said to be unregistered', async () => {
  await registry.register({ url: URL });
  await server.cli('ZREM', 'registry:leases', URL);
  const [exit, , stderr] = await cli('get', URL);
  expect([exit, stderr]).toEqual([1, `${URL} stands in a part of the index only: backend-registry explain ${URL}`]);
});
