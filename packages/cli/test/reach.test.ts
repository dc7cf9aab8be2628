import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@backend-registry/core/factory';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { startCluster, startSentinel, startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { expect, test } from 'vitest';
import { type RunOptions, runProgram } from './program.ts';

const URL = 'http://10.0.0.1:8001';

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'backend-registry-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** What is said behind the place: in one line, exit 3, and nothing else. */
async function failure(args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await runProgram(args);
  expect([exit, stdout]).toEqual([3, '']);
  const [, said = stderr] = /^error: rediss?:\/\/[\w.:,]+(?: \(\w+\))?: ([^\n]+)\n$/.exec(stderr) ?? [];
  return said;
}

/** Registers, lists and removes a backend there. */
async function expectToWork(args: readonly string[], options: RunOptions = {}): Promise<void> {
  const cli = (...command: string[]) => runProgram([...command, ...args], options);
  expect(await cli('register', URL)).toMatchObject({ exit: 0, stderr: '' });
  const { exit, stdout, stderr } = await cli('list', '--json');
  expect([exit, stderr, JSON.parse(stdout).map(({ id }: { id: string }) => id)]).toEqual([0, '', [URL]]);
  expect(await cli('unregister', URL)).toMatchObject({ exit: 0, stderr: '' });
}

test('the database is the one that the factory takes from the same variables', async () => {
  await using server = await startStandalone();
  const ids = async (env: Record<string, string>, ...args: string[]): Promise<string[]> => {
    const { stdout } = await runProgram(['list', '--json', ...args], { env });
    return JSON.parse(stdout).map(({ url }: { url: string }) => url);
  };
  for (const [path, db, taken] of [
    ['/1', '2', '2'],
    ['/1', '', '1'],
    ['', '2', '2'],
    ['/1', '0', '0'],
  ] as const) {
    await server.cli('FLUSHALL');
    const env = { REGISTRY_TYPE: 'ioredis', REDIS_URL: `${server.url}${path}`, REDIS_DB: db };
    await using registry = await createRegistry({
      env,
      adapters: { ioredis: async () => ({ RedisBackendRegistry }) },
    });
    await registry.register({ url: URL });
    expect(await ids(env)).toEqual(['http://10.0.0.1']);
    expect(await ids({ REDIS_URL: server.url }, '--db', taken)).toEqual(['http://10.0.0.1']);
    // What is typed wins.
    expect(await ids({ ...env, REDIS_DB: '9' }, '--registry', `${server.url}/${taken}`)).toEqual(['http://10.0.0.1']);
    expect(await ids({ ...env, REDIS_DB: '9' }, '--db', taken)).toEqual(['http://10.0.0.1']);
  }
});

test('TLS, with the authority, and in one line without it', async () => {
  await using server = await startStandalone({ tls: true, password: 'geheim' });
  using files = folder();
  const cacert = join(files.path, 'ca.pem');
  writeFileSync(cacert, server.ca ?? '');
  await expectToWork(['--registry', server.url, '--cacert', cacert]);
  expect(await failure(['list', '--registry', server.url, '--timeout', '3s'])).toMatch(
    /^The certificate of \S+ is not trusted \(\w+\)\. Give the certificate of its authority: --cacert FILE, or NODE_EXTRA_CA_CERTS\.$/,
  );
  expect(await failure(['list', '--registry', server.url.replace('rediss:', 'redis:'), '--timeout', '3s'])).toMatch(
    /^\S+ speaks TLS\. Begin the url with rediss:\/\/\.$/,
  );
  await using plain = await startStandalone();
  expect(await failure(['list', '--registry', plain.url.replace('redis:', 'rediss:'), '--timeout', '3s'])).toMatch(
    /^\S+ does not speak TLS .*\. Is this its TLS port\? Without TLS the url begins with redis:\/\/\./,
  );
  expect(await runProgram(['list', '--registry', server.url, '--insecure'])).toMatchObject({ exit: 0 });
  const missing = await runProgram(['list', '--registry', server.url, '--cacert', join(files.path, 'none.pem')]);
  expect([missing.exit, missing.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: --cacert "[^\n]+" cannot be read \(ENOENT\)\.\n$/),
  ]);
});

test('a user with few permissions, and one with none', async () => {
  await using server = await startStandalone({
    acl: ['app on >secret ~* &* +@all -@dangerous +info', 'nobody on >secret ~* &* -@all +hello +client +auth'],
  });
  const as = (user: string) =>
    server.url.replace('redis://', `redis://${user}:secret@`).replace(/\/\/(\w+:secret)@.*@/, '//$1@');
  await expectToWork(['--registry', as('app')]);
  expect(await failure(['list', '--registry', as('nobody')])).toBe(
    'Redis refuses. This user may not run scripts, and every write of the registry is one. What else is missing can be asked when it may. ACL SETUSER nobody +eval +evalsha',
  );
  await server.cli('ACL', 'SETUSER', 'app', '-zadd');
  expect(await failure(['register', URL, '--registry', as('app')])).toBe(
    'Redis refuses. This user lacks, of what a backend needs: ZADD. ACL SETUSER app +zadd',
  );
});

test('through Sentinel', { timeout: 60_000 }, async () => {
  // A busy machine is no failure of the master.
  await using group = await startSentinel({ downAfterMs: 20_000 });
  const hosts = group.sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
  await expectToWork(['--registry', `redis://${hosts}`, '--sentinel', group.name]);
  // Also where the first one hangs: the next one is asked before the call is given up.
  await group.sentinels[0]?.freeze();
  const list = ['list', '--json', '--registry', `redis://${hosts}`, '--sentinel', group.name];
  expect(await runProgram(list)).toMatchObject({ exit: 0, stdout: '[]\n', stderr: '' });
  group.sentinels[0]?.thaw();
  const [{ port } = { port: 0 }] = group.sentinels;
  const short = ['--timeout', '3s'];
  expect(await failure(['list', '--registry', `redis://${hosts}`, '--sentinel', 'nobody', ...short])).toBe(
    `The Sentinel 127.0.0.1:${port} knows no master "nobody". It knows ${group.name}: --sentinel NAME.`,
  );
  expect(await failure(['list', '--registry', `redis://127.0.0.1:${port}`, ...short])).toBe(
    `127.0.0.1:${port} is a Sentinel, and no Redis. Add --sentinel ${group.name}.`,
  );
  const master = await group.master();
  expect(await failure(['list', '--registry', `redis://127.0.0.1:${master.port}`, '--sentinel', 'x', ...short])).toBe(
    `127.0.0.1:${master.port} is no Sentinel. Leave --sentinel out, or name the Sentinels.`,
  );
  expect(await failure(['list', '--registry', `redis://127.0.0.1:${master.port}`, '--cluster', ...short])).toBe(
    `127.0.0.1:${master.port} is no node of a Cluster. Leave --cluster out.`,
  );
});

test('through Sentinels that speak TLS, to a master that does', async () => {
  await using group = await startSentinel({ downAfterMs: 20_000, tls: true });
  using files = folder();
  const cacert = join(files.path, 'ca.pem');
  writeFileSync(cacert, group.sentinels[0]?.ca ?? '');
  const hosts = group.sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
  const place = ['--registry', `rediss://${hosts}`, '--sentinel', group.name, '--cacert', cacert];
  await expectToWork(place);
  const { exit, stdout } = await runProgram(['doctor', '--json', ...place]);
  expect([exit, JSON.parse(stdout).ok]).toEqual([0, true]);
});

test('a Cluster', async () => {
  await using cluster = await startCluster();
  const hosts = cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  const there = ['--registry', `redis://${hosts}`, '--cluster'];
  await expectToWork([...there, '--prefix', '{fleet}:']);
  // The keys of another prefix are on another node.
  await runProgram(['register', URL, ...there, '--prefix', '{fleet}:']);
  const { stdout: explained } = await runProgram(['explain', URL, ...there]);
  expect(explained).toContain('{fleet}:');
  const [{ port } = { port: 0 }] = cluster.nodes;
  expect(await failure(['list', '--registry', `redis://127.0.0.1:${port}`, '--timeout', '3s'])).toBe(
    `127.0.0.1:${port} is a node of a Cluster. Add --cluster.`,
  );
  const all = ['--registry', `redis://${hosts}`, '--cluster', '--timeout', '1s'];
  for (const node of cluster.nodes.slice(1)) await node.kill();
  const lost = /^The Cluster is not whole: \d+ of 16384 slots are served by nobody\. Bring back the masters/;
  await expect
    .poll(async () => (await runProgram(['list', ...all])).stderr, { timeout: 30_000 })
    .toMatch(new RegExp(lost.source.replace('^', ': ')));
  const { stdout } = await runProgram(['doctor', '--json', ...all]);
  expect(JSON.parse(stdout).checks).toContainEqual(
    expect.objectContaining({
      name: 'cluster',
      status: 'fail',
      message: expect.stringMatching(/^The Cluster is not whole /),
    }),
  );
});

test('Upstash, by options and by the environment', async () => {
  await using server = await startStandalone();
  await using bridge = await startUpstashRest({ redis: server.url, token: 'geheim' });
  await expectToWork(['--registry', bridge.url, '--token', 'geheim']);
  await expectToWork([], { env: { UPSTASH_REDIS_REST_URL: bridge.url, UPSTASH_REDIS_REST_TOKEN: 'geheim' } });
  const wrong = await runProgram(['list', '--registry', bridge.url, '--token', 'wrong-token']);
  expect(wrong.exit).toBe(3);
  expect(wrong.stderr).toMatch(/^error: http:\/\/127\.0\.0\.1:\d+: [^\n]+\n$/);
  expect(wrong.stderr).not.toContain('wrong-token');
});

test('node-redis, by the adapter that is installed in the folder', async () => {
  await using server = await startStandalone();
  const env = { REGISTRY_TYPE: 'node-redis', REDIS_URL: server.url };
  using files = folder();
  const missing = await runProgram(['list'], { env, cwd: files.path });
  expect(missing.exit).toBe(2);
  expect(missing.stderr).toContain('npm install @backend-registry/redis redis');
  await mkdir(join(files.path, 'node_modules/@backend-registry'), { recursive: true });
  symlinkSync(join(import.meta.dirname, '../../redis'), join(files.path, 'node_modules/@backend-registry/redis'));
  await expectToWork([], { env, cwd: files.path });
});

test('a prefix and a database are registries of their own', async () => {
  await using server = await startStandalone();
  await using other = new RedisBackendRegistry({ url: server.url, db: 3, keyPrefix: 'a:' });
  await other.register({ url: URL });
  const count = async (...args: string[]) =>
    JSON.parse((await runProgram(['list', '--json', '--registry', server.url, ...args])).stdout).length;
  expect(await count()).toBe(0);
  expect(await count('--db', '3', '--prefix', 'a:')).toBe(1);
  expect(await count('--db', '3')).toBe(0);
});

test('migrate goes from Sentinels to a server over TLS, each side by its own options, and back', async () => {
  await using group = await startSentinel({ downAfterMs: 20_000 });
  await using server = await startStandalone({ tls: true, password: 'geheim' });
  using files = folder();
  const cacert = join(files.path, 'ca.pem');
  writeFileSync(cacert, server.ca ?? '');
  const sentinels = `redis://${group.sentinels.map(({ host, port }) => `${host}:${port}`).join(',')}`;
  const there = ['--from', sentinels, '--from-sentinel', group.name, '--to', server.url, '--cacert', cacert];
  const back = [
    '--from',
    server.url,
    '--to',
    sentinels,
    '--to-sentinel',
    group.name,
    '--to-prefix',
    'back:',
    '--cacert',
    cacert,
  ];
  const list = async (...args: string[]) =>
    JSON.parse((await runProgram(['list', '--json', ...args])).stdout).map(({ id }: { id: string }) => id);
  expect(await runProgram(['register', URL, '--registry', sentinels, '--sentinel', group.name])).toMatchObject({
    exit: 0,
  });
  for (const args of [there, back]) {
    const { exit, stdout, stderr } = await runProgram(['migrate', ...args]);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('1  restored')]);
    expect(stderr).not.toContain('geheim');
  }
  expect(await list('--registry', server.url, '--cacert', cacert)).toEqual([URL]);
  expect(await list('--registry', sentinels, '--sentinel', group.name, '--prefix', 'back:')).toEqual([URL]);
  const untrusted = await runProgram(['migrate', ...there.slice(0, -2), '--timeout', '3s']);
  expect(untrusted.exit).toBe(3);
  expect(untrusted.stderr).not.toContain('geheim');
});

test('migrate goes to a Cluster', async () => {
  await using server = await startStandalone();
  await using cluster = await startCluster();
  const hosts = `redis://${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(',')}`;
  expect(await runProgram(['register', URL, '--registry', server.url])).toMatchObject({ exit: 0 });
  const { exit, stdout } = await runProgram(['migrate', '--from', server.url, '--to', hosts, '--to-cluster']);
  expect([exit, stdout]).toEqual([0, expect.stringContaining('1  restored')]);
  const { stdout: listed } = await runProgram(['list', '--json', '--registry', hosts, '--cluster']);
  expect(JSON.parse(listed).map(({ id }: { id: string }) => id)).toEqual([URL]);
});
