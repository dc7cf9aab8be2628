import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Backend, BackendRegistration } from '@backend-registry/core';
import { type StoredBackend, storedBackends } from '@backend-registry/core/move';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { startStandalone } from '@backend-registry/redis-server';
import { RedisBackendRegistry as UpstashRegistry } from '@backend-registry/upstash';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { Redis } from 'ioredis';
import { afterAll, expect, test, vi } from 'vitest';
import { verify } from '../src/migration.ts';
import { readPlace } from '../src/place.ts';
import { Tally } from '../src/tally.ts';
import { PROGRAM, type RunOptions, runProgram } from './program.ts';
import { startProgram } from './started.ts';

const [a, b] = await Promise.all([startStandalone(), startStandalone()]);
const bridge = await startUpstashRest();
const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((registry) => registry.close()));
  await Promise.all([a, b, bridge].map((server) => server[Symbol.asyncDispose]()));
});

const LEASE = { heartbeatTimeoutMs: 600_000, commandTimeoutMs: 30_000 };
let prefixes = 0;
/** One that no other test uses. */
const newPrefix = () => `test-${++prefixes}:`;

function registryOf(url: string, keyPrefix: string): RedisBackendRegistry {
  const registry = new RedisBackendRegistry({ ...LEASE, url, keyPrefix });
  open.push(registry);
  return registry;
}

/** From a server to another one, the same prefix on both. */
const between = (from: string, to: string, prefix: string) => [
  ...['--from', from, '--from-prefix', prefix],
  ...['--to', to, '--to-prefix', prefix],
];

const migrate = (args: readonly string[], options?: RunOptions) =>
  runProgram(['migrate', '--timeout', '30s', ...args], options);

function fleet(count: number): BackendRegistration[] {
  return Array.from({ length: count }, (_, n) => ({
    url: `http://10.0.${n >> 8}.${n & 255}`,
    port: 8001,
    zone: n % 2 === 0 ? 'eu-1' : 'eu-2',
    metadata: { team: `größe ${n}` },
    inFlightRequests: n,
    incarnation: `life-${n}`,
  }));
}

const told = (backends: readonly Backend[]) => backends.map(({ version: _, ...rest }) => rest);

test('migrate copies what is live, compares it, and says what it left out; again, it finds nothing new', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  const target = registryOf(b.url, prefix);
  const [one, two, three, four, five] = fleet(5) as [
    BackendRegistration,
    BackendRegistration,
    BackendRegistration,
    BackendRegistration,
    BackendRegistration,
  ];
  await source.registerAll([one, two, four, five]);
  await source.drain(two);
  await source.register({ ...three, heartbeatTimeoutMs: 1 });
  await a.cli('SET', `${prefix}backend:${four.url}:8001`, 'broken');
  await target.register({ ...five, incarnation: 'its own', weight: 7 });
  await vi.waitFor(async () => expect((await source.getBackend(three))?.status).toBe('expired'), { timeout: 20_000 });

  const args = between(a.url, b.url, prefix);
  const before = await target.listBackends();
  const dry = await migrate([...args, '--dry-run', '--json']);
  expect(dry.exit).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({
    restored: 2,
    present: [`${five.url}:8001`],
    expired: [`${three.url}:8001`],
    corrupt: [{ id: `${four.url}:8001`, reason: 'it is not JSON' }],
  });
  expect(await target.listBackends()).toEqual(before);

  const { exit, stdout, stderr } = await migrate(args);
  expect(stderr).toContain('2 backends of');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/2 {2}restored/);
  expect(stdout).toContain(`${three.url}:8001`);
  expect(stdout).toContain(`${four.url}:8001: it is not JSON`);
  const here = await target.listBackends();
  expect(here).toHaveLength(3);
  expect(told(here).slice(0, 2)).toEqual(told(await source.listBackends()).slice(0, 2));
  expect(here[2]).toMatchObject({ incarnation: 'its own', weight: 7 });

  await source.heartbeat(one);
  const again = await migrate([...args, '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({
    restored: 0,
    updated: 0,
    verified: true,
    missing: [],
    differing: [],
  });
  expect(await target.listBackends()).toEqual(here);
});

test('migrate goes from one prefix to another on one server, and refuses what is one registry', async () => {
  const [from, to] = [newPrefix(), newPrefix()];
  await registryOf(a.url, from).registerAll(fleet(3));
  expect((await migrate(['--from', a.url, '--to', a.url, '--from-prefix', from, '--to-prefix', to])).exit).toBe(0);
  expect(await registryOf(a.url, to).listBackends()).toHaveLength(3);

  const same = await migrate(['--from', a.url, '--to', a.url, '--from-prefix', from, '--to-prefix', from]);
  expect(same).toMatchObject({ exit: 2, stdout: '' });
  expect(same.stderr).toMatch(/^error: These are one registry/);
  const alias = a.url.replace('127.0.0.1', 'localhost');
  const hidden = await migrate(['--from', a.url, '--to', alias, '--from-prefix', from, '--to-prefix', from]);
  expect(hidden.exit).toBe(2);
  expect(hidden.stderr).toContain('they have the same history');
});

test('migrate goes to Upstash and back, with a token for each side from the environment, and shows none', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  await source.registerAll(fleet(120));
  const there = ['--from', a.url, '--from-prefix', prefix, '--to', bridge.url, '--to-prefix', prefix];
  const refused = await migrate(there);
  expect(refused.exit).toBe(2);
  expect(refused.stderr).toContain('TO_UPSTASH_REDIS_REST_TOKEN');
  const went = await migrate(there, { env: { TO_UPSTASH_REDIS_REST_TOKEN: bridge.token } });
  expect(went.exit).toBe(0);
  const upstash = new UpstashRegistry({
    url: bridge.url,
    token: bridge.token,
    keyPrefix: prefix,
    commandTimeoutMs: 30_000,
  });
  open.push(upstash);
  expect(told(await upstash.listBackends())).toEqual(told(await source.listBackends()));

  const back = newPrefix();
  const came = await migrate(['--from-prefix', prefix, '--to-prefix', back], {
    env: {
      FROM_UPSTASH_REDIS_REST_URL: bridge.url,
      UPSTASH_REDIS_REST_TOKEN: bridge.token,
      TO_REDIS_URL: b.url,
      // What other commands go by counts for none of the two sides.
      REDIS_URL: 'redis://127.0.0.1:1',
    },
  });
  expect(came.exit).toBe(0);
  expect(told(await registryOf(b.url, back).listBackends())).toEqual(told(await source.listBackends()));
  for (const { stdout, stderr } of [refused, went, came]) expect(stdout + stderr).not.toContain(bridge.token);
});

test('migrate says which side is missing, wrong or cannot be reached, and no secret', async () => {
  const missing = await migrate(['--from', a.url]);
  expect(missing.exit).toBe(2);
  expect(missing.stderr).toContain('--to is missing');
  const wrong = await migrate(['--from', 'redis://user:hush@', '--to', b.url]);
  expect(wrong.exit).toBe(2);
  expect(wrong.stderr).toContain('--from is no address');
  const tls = await migrate(['--from', a.url, '--to', b.url, '--insecure']);
  expect(tls).toMatchObject({ exit: 2 });
  for (const [from, to] of [
    ['redis://user:hush@127.0.0.1:1', b.url],
    [a.url, 'redis://user:hush@127.0.0.1:1'],
  ] as const) {
    const down = await runProgram(['migrate', '--from', from, '--to', to, '--timeout', '500ms', '--to-prefix', 'x:']);
    expect(down.exit).toBe(3);
    expect(down.stderr).toContain('redis://127.0.0.1:1');
    expect(down.stderr).not.toContain('hush');
  }
  expect(wrong.stderr).not.toContain('hush');
});

test('migrate that is interrupted has written whole backends, and the command that it names goes on', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  const target = registryOf(b.url, prefix);
  await source.registerAll(fleet(3_000));
  await using proxy = await startFaultProxy(b);
  proxy.delayMs = 30;
  const args = ['migrate', '--timeout', '30s', ...between(a.url, proxy.url, prefix)];
  const { ended, interrupt } = startProgram(args);
  await vi.waitFor(async () => expect((await target.listBackends()).length).toBeGreaterThan(0), { timeout: 20_000 });
  interrupt();
  const { exit, stdout, stderr } = await ended;
  expect({ exit, stdout }).toEqual({ exit: 130, stdout: '' });
  const some = told(await target.listBackends());
  expect(some.length).toBeLessThan(3_000);
  expect(some.length).toBeGreaterThan(0);
  const all = told(await source.listBackends());
  expect(all).toEqual(expect.arrayContaining(some.slice(0, 50)));

  const [, command = ''] = /^ {2}backend-registry (.+)$/m.exec(stderr) ?? [];
  expect(command.split(' ')).toEqual(expect.arrayContaining(['migrate', '--from', a.url, '--to', proxy.url]));
  proxy.delayMs = 0;
  const resumed = await runProgram(command.split(' '));
  expect(resumed.exit).toBe(0);
  expect(told(await target.listBackends())).toEqual(all);
});

test('migrate is right while backends register, beat, change and leave on both sides', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  const target = registryOf(b.url, prefix);
  const all = fleet(2_400);
  const early = all.slice(0, 2_000);
  const late = all.slice(2_000, 2_200);
  const moved = all.slice(2_200);
  await source.registerAll([...early, ...moved]);
  let over = false;
  let rounds = 0;
  const load = (async () => {
    for (; !over; rounds += 1) {
      const some = early.slice((rounds * 40) % 1_960, ((rounds * 40) % 1_960) + 40);
      await Promise.all([
        source.heartbeatAll(some),
        ...some.map((backend, n) => source.updateBackendMetrics(backend, { inFlightRequests: rounds + n })),
        ...late.slice((rounds * 10) % 200, ((rounds * 10) % 200) + 10).map((backend) => source.register(backend)),
        // These have moved already: they say so themselves, as another life.
        ...moved
          .slice((rounds * 10) % 200, ((rounds * 10) % 200) + 10)
          .map((backend) => target.register({ ...backend, incarnation: `${backend.incarnation}-moved`, weight: 9 })),
      ]);
    }
  })();
  const args = ['--from', a.url, '--to', b.url, '--from-prefix', prefix, '--to-prefix', prefix, '--json'];
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(2), { timeout: 20_000 });
  const during = await migrate(args);
  over = true;
  await load;
  await source.registerAll(late);
  await target.registerAll(moved.map((each) => ({ ...each, incarnation: `${each.incarnation}-moved`, weight: 9 })));
  expect([0, 1]).toContain(during.exit);
  const after = await migrate(args);
  expect({ exit: after.exit, stderr: after.stderr }).toEqual({ exit: 0, stderr: '' });
  expect(JSON.parse(after.stdout)).toMatchObject({ verified: true, missing: [], differing: [] });
  const here = new Map((await target.listBackends()).map((backend) => [backend.id, backend]));
  const there = await source.listBackends();
  expect(here.size).toBe(2_400);
  for (const { version: _, ...backend } of there) {
    const { version: __, ...copy } = here.get(backend.id) ?? expect.fail(`${backend.id} is missing`);
    if (copy.incarnation === backend.incarnation) expect(copy).toEqual(backend);
    else expect(copy).toMatchObject({ incarnation: `${backend.incarnation}-moved`, weight: 9 });
  }
  const own = (each: BackendRegistration) => here.get(`${each.url}:8001`)?.incarnation;
  expect(moved.map(own)).toEqual(moved.map(({ incarnation }) => `${incarnation}-moved`));
  // No lease is longer than it was.
  const leases = async (server: typeof a) => {
    const flat = (await server.cli('ZRANGE', `${prefix}registry:leases`, 0, -1, 'WITHSCORES')) as string[];
    return new Map(flat.flatMap((id, n) => (n % 2 === 0 ? [[id, Number(flat[n + 1])]] : [])) as [string, number][]);
  };
  const [ends, ended] = [await leases(a), await leases(b)];
  // Both servers go by one clock here.
  for (const { url } of [...early, ...late])
    expect(ended.get(`${url}:8001`)).toBeLessThanOrEqual(ends.get(`${url}:8001`) ?? 0);
});

test('migrate sends again what was not answered', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  await source.registerAll(fleet(60));
  await using proxy = await startFaultProxy(b);
  proxy.loseReplyOnce((request) => request.includes('registry:copies') && request.includes('backend:'));
  const { exit, stdout } = await migrate([...between(a.url, proxy.url, prefix), '--json']);
  expect(proxy.lostReplies).toBe(1);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ restored: 60, verified: true });
});

test('migrate does not say that it is done where the target does not keep what is written', async () => {
  const prefix = newPrefix();
  await registryOf(a.url, prefix).registerAll(fleet(2));
  await using proxy = await startFaultProxy(b);
  // So much later it reads what it has written.
  proxy.delayMs = 100;
  const watcher = new Redis(b.url);
  const breaker = new Redis(b.url);
  await watcher.subscribe(`${prefix}registry:changes`);
  watcher.on('message', () => void breaker.set(`${prefix}backend:http://10.0.0.1:8001`, 'broken'));
  const { exit, stdout, stderr } = await migrate([...between(a.url, proxy.url, prefix)]);
  watcher.disconnect();
  breaker.disconnect();
  expect(exit).toBe(1);
  expect(stderr).toContain('Not verified: 1 backend missing');
  expect(stderr).toContain('http://10.0.0.1:8001');
  expect(stdout).toMatch(/2 {2}restored/);
});

test('on a terminal, migrate shows how far it is, and takes that away at the end', async () => {
  const prefix = newPrefix();
  await registryOf(a.url, prefix).registerAll(fleet(700));
  const command = `'${process.execPath}' '${PROGRAM}' migrate --timeout 30s --from ${a.url} --from-prefix ${prefix} --to ${b.url} --to-prefix ${prefix}`;
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null']);
  expect(stdout).toContain('500 of 700');
  expect(stdout).toContain('700 of 700');
  const last = stdout.split('\r\u001b[K').at(-1);
  expect(last).toMatch(/^ +700 {2}restored/);
});

test('what is in the target alone is named: unregistered at the source after an earlier copy, or never there', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  const target = registryOf(b.url, prefix);
  const [one, two, three] = fleet(3) as [BackendRegistration, BackendRegistration, BackendRegistration];
  await source.registerAll([one, two]);
  const args = between(a.url, b.url, prefix);
  expect(JSON.parse((await migrate([...args, '--json'])).stdout)).toMatchObject({ restored: 2, targetOnly: [] });
  await source.unregister(two);
  await target.register(three);
  const { exit, stdout } = await migrate(args);
  expect(exit).toBe(0);
  expect(stdout).toContain(
    '2  in the target alone: registered there, or copied earlier and gone from the source since\n',
  );
  const ids = [`${two.url}:8001`, `${three.url}:8001`];
  for (const id of ids) expect(stdout).toContain(id);
  expect(JSON.parse((await migrate([...args, '--json'])).stdout)).toMatchObject({ verified: true, targetOnly: ids });
});

test('a store that stops answering in the middle: how far it came, the command that goes on, and why, exit 3', async () => {
  const prefix = newPrefix();
  await registryOf(a.url, prefix).registerAll(fleet(3_000));
  await using proxy = await startFaultProxy(b);
  proxy.delayMs = 30;
  const target = registryOf(b.url, prefix);
  const args = ['migrate', '--timeout', '4s', ...between(a.url, proxy.url, prefix)];
  const { ended } = startProgram(args);
  await vi.waitFor(async () => expect((await target.listBackends()).length).toBeGreaterThan(500), { timeout: 20_000 });
  proxy.freeze();
  const { exit, stdout, stderr } = await ended;
  expect([exit, stdout]).toEqual([3, '']);
  const [far, command = '', why] = stderr.trimEnd().split('\n');
  expect(far).toMatch(/^[\d,]+ of 3,000 are copied, each of them whole\. To go on, when both answer again:$/);
  expect(why).toMatch(
    /^error: redis:\/\/127\.0\.0\.1:\d+ \(prefix test-\d+:\): restoreBackends: no answer from the store within 4000 ms\./,
  );
  proxy.thaw();
  proxy.delayMs = 0;
  expect((await runProgram(command.trim().split(' ').slice(1))).exit).toBe(0);
  expect(await target.listBackends()).toHaveLength(3_000);
});

test('a source that loses its data in the middle: it says so, exit 1, and not that all is the same', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  const target = registryOf(b.url, prefix);
  await source.registerAll(fleet(3_000));
  await using proxy = await startFaultProxy(b);
  proxy.delayMs = 100;
  const { ended } = startProgram(['migrate', '--timeout', '30s', ...between(a.url, proxy.url, prefix)]);
  await vi.waitFor(async () => expect((await target.listBackends()).length).toBeGreaterThan(500), { timeout: 20_000 });
  await a.cli('DEL', ...((await a.cli('KEYS', `${prefix}*`)) as string[]));
  const { exit, stderr } = await ended;
  expect(exit).toBe(1);
  expect(stderr).toMatch(
    /has lost its data meanwhile: [\d,]+ of 3,000 were copied before\. Run this again when its backends are back\.\n$/,
  );
  expect(stderr).not.toContain('the same');
});

test('what has no lease in the source is named, and not left out without a word', async () => {
  const prefix = newPrefix();
  const source = registryOf(a.url, prefix);
  await source.registerAll(fleet(2));
  await a.cli('ZREM', `${prefix}registry:leases`, 'http://10.0.0.1:8001');
  const { exit, stdout, stderr } = await migrate(between(a.url, b.url, prefix));
  expect(exit).toBe(1);
  expect(stdout).toContain('http://10.0.0.1:8001: it has no lease');
  expect(stderr).toContain('Proxies of the source are served 1 backend that cannot be copied');
});

test('what another program keeps in the target is not served there: exit 1, and it is named', async () => {
  const prefix = newPrefix();
  await registryOf(a.url, prefix).registerAll(fleet(2));
  await b.cli('SET', `${prefix}backend:http://10.0.0.0:8001`, '{"of":"another program"}');
  const { exit, stdout } = await migrate([...between(a.url, b.url, prefix), '--json']);
  expect([exit, JSON.parse(stdout)]).toEqual([
    1,
    expect.objectContaining({ restored: 1, verified: false, missing: ['http://10.0.0.0:8001'] }),
  ]);
});

test('what was registered in the target and is lost there meanwhile is copied after all', async () => {
  const prefix = newPrefix();
  const [source, target] = [registryOf(a.url, prefix), registryOf(b.url, prefix)];
  await source.registerAll(fleet(2));
  const live = new Map<string, { backend: StoredBackend; askedAt: number }>();
  for await (const { backends, askedAt } of storedBackends(source))
    for (const backend of backends) live.set(backend.id, { backend, askedAt });
  const tally = new Tally();
  for (const id of live.keys()) tally.add({ id, status: 'present' });
  const place = readPlace({ registry: b.url, prefix }, {});
  const ends = { source, target, places: { from: place, to: place }, signal: new AbortController().signal };
  const copied = { live, left: [], lost: false, uncopied: [] };
  expect(await verify(ends, copied, tally)).toEqual({ missing: [], differing: [], alone: [] });
  expect(tally.ids('restored')).toHaveLength(2);
  expect(await target.listBackends()).toHaveLength(2);
});
