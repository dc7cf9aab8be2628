import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startCluster, startSentinel, startStandalone, until } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check } from '../src/doctor/check.ts';
import { COMMANDS } from '../src/doctor/permissions.ts';
import { type RunOptions, runProgram } from './program.ts';

const SECRET = 'pa55word-of-nobody';

interface Report {
  readonly exit: number | null;
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** The check of this name that is not in order, or else the first. */
  of(name: string): Check;
}

/** Runs it with `--json`; no answer has the password in it. */
async function doctor(url: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Report> {
  const { exit, stdout, stderr } = await runProgram(['doctor', '--registry', url, '--json', ...args], options);
  expect(stdout + stderr).not.toContain(SECRET);
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  expect(ok).toBe(checks.every(({ status }) => status !== 'fail'));
  for (const { status, message, remedy } of checks) {
    expect(message).toMatch(/^\S.*\.$/);
    if (status === 'fail') expect(remedy).toMatch(/\S/);
  }
  const of = (name: string): Check => {
    const found = checks.filter((check) => check.name === name);
    const check = found.find(({ status }) => status !== 'ok') ?? found[0];
    if (check === undefined) throw new Error(`no check "${name}" among ${checks.map((each) => each.name).join(', ')}`);
    return check;
  };
  return { exit, ok, checks, of };
}

const keysOf = async (server: RedisServer) => ((await server.cli('KEYS', '*')) as string[]).sort();

describe('a server that is as it should be', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startStandalone({ password: SECRET, persistent: 'everysec' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('every check is in order, exit 0, and nothing is left behind', async () => {
    await using registry = new RedisBackendRegistry({ url: server.url });
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    const before = await keysOf(server);
    const { exit, ok, checks } = await doctor(server.url);
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect({ exit, ok }).toEqual({ exit: 0, ok: true });
    expect(checks.map(({ name }) => name)).toEqual([
      'address',
      'tls',
      'authentication',
      'permissions',
      'server',
      'replication',
      'cluster',
      'prefix',
      'memory',
      'persistence',
      'clock',
      'scripts',
      'round trip',
      'operations',
      'watch',
      'keys',
      'backends',
      'rows',
      'index',
      'heartbeats',
      'ghosts',
    ]);
    expect(await keysOf(server)).toEqual(before);
  });

  test('on a terminal and elsewhere: a line for each check with its mark, the sum on stderr', async () => {
    const { exit, stdout, stderr } = await runProgram(['doctor', '--registry', server.url]);
    expect(exit).toBe(0);
    const [title, ...lines] = stdout.trimEnd().split('\n');
    expect(title).toBe(`redis://127.0.0.1:${server.port}`);
    expect(lines.every((line) => line.startsWith('✓ '))).toBe(true);
    expect(stderr).toBe(`${lines.length} in order, 0 to look at, 0 broken.\n`);
  });

  test('--read-only writes nothing, not even for a moment', async () => {
    const written = async () =>
      Number(
        /^total_writes:|rdb_changes_since_last_save:(\d+)/m.exec(String(await server.cli('INFO', 'persistence')))?.[1],
      );
    const before = await written();
    const { of } = await doctor(server.url, ['--read-only']);
    expect(of('operations')).toMatchObject({ status: 'warn', message: 'Not tried: --read-only.' });
    expect(await written()).toBe(before);
  });

  test('what it wrote is removed also where it is interrupted in the middle', async () => {
    await using proxy = await startFaultProxy(server);
    const before = await keysOf(server);
    // Slow enough that it is in the middle of the operations.
    proxy.delayMs = 30;
    const url = server.url.replace(String(server.port), String(proxy.port));
    const { exit, stdout } = await runProgram(['doctor', '--registry', url, '--json'], {
      during: async ({ kill }) => {
        while (!(await keysOf(server)).some((key) => key.includes('doctor-')))
          await new Promise((resolve) => setTimeout(resolve, 2));
        kill('SIGINT');
      },
    });
    expect(exit).toBe(130);
    expect(JSON.parse(stdout).checks).toContainEqual(expect.objectContaining({ name: 'operations', status: 'fail' }));
    expect(await keysOf(server)).toEqual(before);
  });

  test('it does not say that it is removed where nobody answers any more', async () => {
    await using proxy = await startFaultProxy(server);
    proxy.delayMs = 30;
    const url = server.url.replace(String(server.port), String(proxy.port));
    const written = async () => (await keysOf(server)).filter((key) => key.includes('doctor-'));
    const { exit, stdout, stderr } = await runProgram(['doctor', '--registry', url, '--timeout', '1s'], {
      during: async ({ kill }) => {
        while ((await written()).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        proxy.freeze();
        kill('SIGINT');
      },
    });
    expect([exit, stderr]).toEqual([130, 'Interrupted.\n']);
    expect(stdout).toContain('What it wrote may be left under "doctor-');
    await server.cli('DEL', ...(await written()));
  });

  test('a wrong password, and none: what to do, exit 3, and not the password', async () => {
    const wrong = await doctor(`redis://:${SECRET}x@127.0.0.1:${server.port}`);
    expect(wrong.exit).toBe(3);
    expect(wrong.of('authentication')).toMatchObject({
      status: 'fail',
      message: 'The server does not take this user or password.',
    });
    const none = await doctor(`redis://127.0.0.1:${server.port}`);
    expect(none.exit).toBe(3);
    expect(none.of('authentication')).toMatchObject({
      status: 'fail',
      message: 'The server needs a password, and none was given.',
    });
  });

  test('a database that there is not', async () => {
    const { exit, of } = await doctor(server.url, ['--db', '99']);
    expect(exit).toBe(3);
    expect(of('authentication')).toMatchObject({
      status: 'fail',
      message: 'The server has no database of this number.',
    });
  });

  test('a server that is frozen: within the timeout, exit 3', async () => {
    await server.freeze();
    try {
      const { exit, of } = await doctor(server.url, ['--timeout', '2s']);
      expect(exit).toBe(3);
      expect(of('authentication')).toMatchObject({ status: 'fail' });
      expect(of('authentication').message).toMatch(/^The server takes connections and does not answer/);
    } finally {
      server.thaw();
    }
  });
});

test('nobody listens there, and nobody has the name: exit 3', async () => {
  const nobody = await doctor('redis://127.0.0.1:1');
  expect(nobody.exit).toBe(3);
  expect(nobody.of('address').message).toBe('Nothing listens at 127.0.0.1:1 (ECONNREFUSED).');
  const unnamed = await doctor('redis://nobody.invalid');
  expect(unnamed.exit).toBe(3);
  expect(unnamed.of('address').message).toMatch(/^The name nobody\.invalid is not known/);
});

describe('settings that lose data', () => {
  test('an eviction policy that takes keys without a TTL is broken; without a maxmemory it is a warning', async () => {
    await using server = await startStandalone({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    expect((await doctor(server.url)).of('memory')).toMatchObject({ status: 'warn' });
    await server.cli('CONFIG', 'SET', 'maxmemory', '100mb');
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(1);
    expect(of('memory')).toMatchObject({
      status: 'fail',
      remedy: 'CONFIG SET maxmemory-policy noeviction, and in redis.conf.',
    });
    await server.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    expect((await doctor(server.url)).of('memory')).toMatchObject({ status: 'ok' });
  });

  test('memory that is nearly full', async () => {
    await using server = await startStandalone();
    const used = Number(/^used_memory:(\d+)/m.exec(String(await server.cli('INFO', 'memory')))?.[1]);
    await server.cli('CONFIG', 'SET', 'maxmemory', String(Math.round(used * 1.05)));
    expect((await doctor(server.url, ['--read-only'])).of('memory')).toMatchObject({ status: 'warn' });
  });

  test('nothing is saved, and snapshots only', async () => {
    await using server = await startStandalone();
    expect((await doctor(server.url)).of('persistence').message).toMatch(/^Nothing is saved/);
    await server.cli('CONFIG', 'SET', 'save', '3600 1');
    expect((await doctor(server.url)).of('persistence').message).toMatch(/^Snapshots only \(save 3600 1\)/);
  });

  test('an append-only file that the system writes when it likes', async () => {
    await using server = await startStandalone({ args: ['--appendonly', 'yes', '--appendfsync', 'no'] });
    expect((await doctor(server.url)).of('persistence')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('appendfsync no'),
    });
    await server.cli('CONFIG', 'SET', 'appendfsync', 'everysec');
    expect((await doctor(server.url)).of('persistence')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('appendfsync everysec'),
    });
  });

  test('a row of a backend with a TTL', async () => {
    await using server = await startStandalone();
    await using registry = new RedisBackendRegistry({ url: server.url });
    await registry.register({ url: 'http://10.0.0.1:8001' });
    expect((await doctor(server.url)).of('keys')).toMatchObject({ status: 'ok' });
    await server.cli('EXPIRE', 'backend:http://10.0.0.1:8001', '1000');
    expect((await doctor(server.url)).of('keys')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('backend:http://10.0.0.1:8001 will be deleted'),
      remedy: 'PERSIST backend:http://10.0.0.1:8001, and find who did it.',
    });
  });

  test('a key of the registry with a TTL', async () => {
    await using server = await startStandalone();
    await using registry = new RedisBackendRegistry({ url: server.url });
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    await server.cli('EXPIRE', 'registry:leases', '1000');
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(1);
    expect(of('keys')).toMatchObject({ status: 'fail', remedy: 'PERSIST registry:leases, and find who did it.' });
  });
});

describe('permissions', () => {
  const page = readFileSync(new URL('../../../docs/redis-layout.md', import.meta.url), 'utf8');
  const rules = page.match(/^ACL SETUSER .*$/gm) ?? [];

  test('the commands of each role are those of the documented rules', () => {
    const documented = Object.fromEntries(
      rules.map((rule) => {
        const [, , name = '', ...parts] = rule.split(' ');
        const commands = parts.filter((part) => part.startsWith('+')).map((part) => part.slice(1));
        // Of the connection: not every user has a database, and INFO is for a warning of ioredis.
        return [name, commands.filter((command) => command !== 'select' && command !== 'info').sort()];
      }),
    );
    const { operator, ...others } = COMMANDS;
    expect(Object.fromEntries(Object.entries(others).map(([role, commands]) => [role, [...commands].sort()]))).toEqual(
      documented,
    );
    // `adopt` and the doctor go through the keys, a restored registry remembers for a day what was copied.
    const more = ['scan', 'hscan', 'expire'];
    expect(new Set(operator)).toEqual(new Set([...others.backend, ...others.proxy, ...others.cleaner, ...more]));
  });

  test('each documented user may do what its role needs; without any one command, that one is named', async () => {
    await using server = await startStandalone();
    for (const rule of rules) {
      const [, , name = '', ...parts] = rule.split(' ');
      await server.cli('ACL', 'SETUSER', name, ...parts);
      const url = `redis://${name}:secret@127.0.0.1:${server.port}`;
      expect((await doctor(url, ['--role', name])).of('permissions')).toMatchObject({ status: 'ok' });
      await server.cli('ACL', 'SETUSER', name, '-zscore');
      expect((await doctor(url, ['--role', name])).of('permissions')).toEqual({
        name: 'permissions',
        status: 'fail',
        message: `This user lacks, of what a ${name} needs: ZSCORE.`,
        remedy: `ACL SETUSER ${name} +zscore`,
      });
    }
  });

  test('keys and the channel that are missing are named, and the remedy mends it', async () => {
    await using server = await startStandalone();
    await server.cli('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~backend:*', '+@all');
    const url = `redis://app:${SECRET}@127.0.0.1:${server.port}`;
    const { exit, of } = await doctor(url);
    expect(exit).toBe(1);
    const { status, remedy = '' } = of('permissions');
    expect(status).toBe('fail');
    expect(remedy).toBe('ACL SETUSER app +publish +subscribe ~heartbeat:* ~registry:* &registry:changes');
    await server.cli('ACL', 'SETUSER', ...remedy.split(' ').slice(2));
    expect((await doctor(url)).of('permissions')).toMatchObject({ status: 'ok' });
  });

  test('key patterns that may only be read are named, for a script writes; and no command that is there', async () => {
    await using server = await startStandalone();
    await server.cli('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '%R~*', '&*', '+@all');
    const url = `redis://app:${SECRET}@127.0.0.1:${server.port}`;
    for (const role of ['proxy', 'operator']) {
      const { of } = await doctor(url, ['--role', role]);
      const remedy = of('permissions').remedy ?? '';
      expect(remedy).toBe('ACL SETUSER app ~backend:* ~heartbeat:* ~registry:*');
      expect(of('operations')).toMatchObject({ status: 'warn', remedy: 'See the check of permissions.' });
    }
    await server.cli('ACL', 'SETUSER', 'app', '~backend:*', '~heartbeat:*', '~registry:*');
    expect((await doctor(url)).of('permissions')).toMatchObject({ status: 'ok' });
  });

  test('a user of another prefix lacks keys and the channel, and no command that it has', async () => {
    await using server = await startStandalone();
    const own = ['~search:*', '&search:*', '+@all'];
    await server.cli('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, ...own);
    const url = `redis://app:${SECRET}@127.0.0.1:${server.port}`;
    expect((await doctor(url)).of('permissions').remedy).toBe(
      'ACL SETUSER app +publish +subscribe ~backend:* ~heartbeat:* ~registry:* &registry:changes',
    );
    expect((await doctor(url, ['--prefix', 'search:'])).of('permissions')).toMatchObject({ status: 'ok' });
  });

  test('a user who may use no other keys than those of the registry: the operations are not tried, and nothing is left', async () => {
    await using server = await startStandalone();
    await server.cli(
      'ACL',
      'SETUSER',
      'app',
      'on',
      `>${SECRET}`,
      '~backend:*',
      '~heartbeat:*',
      '~registry:*',
      '&registry:changes',
      '+@all',
    );
    const { exit, of } = await doctor(`redis://app:${SECRET}@127.0.0.1:${server.port}`);
    expect(exit).toBe(0);
    expect(of('operations')).toMatchObject({ status: 'warn' });
    expect(await keysOf(server)).toEqual([]);
  });

  test('no scripts at all', async () => {
    await using server = await startStandalone();
    await server.cli('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~*', '&*', '+@all', '-@scripting');
    const { exit, of } = await doctor(`redis://app:${SECRET}@127.0.0.1:${server.port}`);
    expect(exit).toBe(1);
    expect(of('permissions')).toMatchObject({ status: 'fail', remedy: 'ACL SETUSER app +eval +evalsha' });
    expect(of('scripts')).toMatchObject({ status: 'fail' });
  });
});

describe('the rows of the registry', () => {
  let server: RedisServer;
  let registry: RedisBackendRegistry;
  beforeAll(async () => {
    server = await startStandalone();
    registry = new RedisBackendRegistry({ url: server.url });
    await registry.registerAll([1, 2, 3].map((n) => ({ url: `http://10.0.0.${n}`, port: 8001 })));
  });
  afterAll(async () => {
    await registry.close();
    await server[Symbol.asyncDispose]();
  });

  test('one that cannot be read is named with its reason', async () => {
    await server.cli('SET', 'backend:http://10.0.0.1:8001', 'no JSON');
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(0);
    expect(of('rows')).toMatchObject({
      status: 'warn',
      message: '1 cannot be read: http://10.0.0.1:8001 (it is not JSON).',
      remedy: 'backend-registry cleanup removes them; a process that announces itself then registers anew.',
    });
  });

  test('what another program keeps where a document belongs is named as what it is', async () => {
    await registry.register({ url: 'http://10.0.0.2', port: 8001 });
    await server.cli('DEL', 'backend:http://10.0.0.2:8001');
    await server.cli('RPUSH', 'backend:http://10.0.0.2:8001', 'precious');
    expect((await doctor(server.url)).of('rows').message).toContain(
      'http://10.0.0.2:8001 (it is a list of another program)',
    );
    await server.cli('DEL', 'backend:http://10.0.0.2:8001');
    await registry.unregister({ url: 'http://10.0.0.2', port: 8001 });
    await registry.register({ url: 'http://10.0.0.2', port: 8001 });
  });

  test('documents and heartbeats of other programs are found, and left alone', async () => {
    await server.cli('SET', 'heartbeat:http://10.0.0.9:8001', '1');
    expect((await doctor(server.url)).of('ghosts').message).toBe(
      '1 heartbeat has no backend, and does no harm: http://10.0.0.9:8001.',
    );
    await server.cli('SET', 'backend:http://10.0.0.9:8001', '{}');
    expect((await doctor(server.url)).of('ghosts')).toMatchObject({
      status: 'warn',
      remedy: 'To take them in: backend-registry adopt.',
    });
    expect(await server.cli('EXISTS', 'backend:http://10.0.0.9:8001', 'heartbeat:http://10.0.0.9:8001')).toBe(2);
  });

  test('what no command takes in is told apart from what adopt does, and heartbeats that have nothing are not hidden', async () => {
    await server.cli('SET', 'backend:http://10.0.0.9:8001', '{}');
    await server.cli('SET', 'backend:http://10.0.0.8:8001', 'no JSON');
    await server.cli('SET', 'heartbeat:http://10.0.0.7:8001', '1');
    expect((await doctor(server.url)).of('ghosts')).toEqual({
      name: 'ghosts',
      status: 'warn',
      message:
        '1 document stands in no index, as other programs write them: http://10.0.0.9:8001. ' +
        '1 key that begins like a document holds none: http://10.0.0.8:8001. ' +
        '1 heartbeat has no backend, and does no harm: http://10.0.0.7:8001.',
      remedy:
        'To take them in: backend-registry adopt. ' +
        'Find who writes them, or choose another prefix. To remove one: DEL backend:http://10.0.0.8:8001 ' +
        'To remove one: DEL heartbeat:http://10.0.0.7:8001',
    });
    await server.cli('DEL', 'backend:http://10.0.0.8:8001', 'heartbeat:http://10.0.0.7:8001');
  });

  test.each([
    ['lease', 'ZREM', 'registry:leases'],
    ['incarnation', 'HDEL', 'registry:incarnations'],
    ['version', 'ZREM', 'registry:versions'],
  ])('one without its %s is named, and the remedy mends it', async (part, command, key) => {
    await registry.register({ url: 'http://10.0.0.3', port: 8001 });
    expect((await doctor(server.url)).of('index')).toMatchObject({ status: 'ok' });
    await server.cli(command, key, 'http://10.0.0.3:8001');
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(1);
    expect(of('index')).toEqual({
      name: 'index',
      status: 'fail',
      message: `1 backend stands in a part of it only: http://10.0.0.3:8001 (no ${part}).`,
      remedy: 'backend-registry unregister http://10.0.0.3:8001: a process that runs registers anew.',
    });
    const mended = await runProgram(['unregister', 'http://10.0.0.3:8001', '--registry', server.url]);
    expect(mended.exit).toBe(0);
    expect((await doctor(server.url)).of('index')).toMatchObject({ status: 'ok' });
  });

  test('a version of the registry that is behind those of its backends', async () => {
    const version = String(await server.cli('HGET', 'registry:meta', 'version'));
    await server.cli('HSET', 'registry:meta', 'version', '5');
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(1);
    expect(of('index').message).toMatch(/^A backend has changed after the last change that the registry knows of/);
    await server.cli('HSET', 'registry:meta', 'version', version);
  });

  test('names of others reach the terminal without what moves its cursor', async () => {
    await server.cli('SET', 'backend:\u001b[2Jboo', '{}');
    const { stdout } = await runProgram(['doctor', '--registry', server.url]);
    expect(stdout).toContain('\\x1b[2Jboo');
    expect(stdout).not.toContain('\u001b');
    await server.cli('DEL', 'backend:\u001b[2Jboo');
  });

  test('most backends have expired', async () => {
    await registry.registerAll(
      [4, 5, 6, 7].map((n) => ({ url: `http://10.0.0.${n}`, port: 8001, heartbeatTimeoutMs: 1 })),
    );
    expect((await doctor(server.url)).of('backends')).toMatchObject({ status: 'warn' });
    for (const { id, status } of await registry.listBackends())
      if (status !== 'expired') await registry.unregister({ url: id });
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(1);
    expect(of('backends').message).toMatch(/^All \d that are registered have expired: proxies have nowhere to go\.$/);
  });

  test('a schema of another version', async () => {
    await server.cli('HSET', 'registry:meta', 'schema', '7');
    const { exit, of } = await doctor(server.url);
    expect(exit).toBe(1);
    expect(of('keys').message).toContain('schema 7, not 1');
    expect(of('backends')).toMatchObject({ status: 'fail' });
  });
});

test('something that is no Redis', async () => {
  const http = createServer((_, response) => void response.end());
  const silly = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => void socket.write('$-1\r\n'));
  });
  for (const server of [http, silly]) await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    for (const server of [http, silly]) {
      const { port } = server.address() as AddressInfo;
      const { exit, of } = await doctor(`redis://127.0.0.1:${port}`, ['--timeout', '3s']);
      expect(exit).toBe(3);
      expect(of('authentication').message).toMatch(/^What answers (there|at 127\.0\.0\.1:\d+) is no Redis\.$/);
    }
  } finally {
    http.close();
    silly.close();
  }
});

test('what no client can make sense of ends it in one line, and with no trace', async () => {
  const chatty = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => void socket.write('$-1\r\n'.repeat(20)));
  });
  await once(chatty.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = chatty.address() as AddressInfo;
    const { exit, stderr } = await runProgram(['list', '--registry', `redis://127.0.0.1:${port}`, '--timeout', '1s']);
    expect(exit).toBe(3);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  } finally {
    chatty.close();
  }
});

test('a replica is named as one, with its master', async () => {
  await using master = await startStandalone({ args: ['--repl-diskless-sync-delay', '0'] });
  await using replica = await startStandalone({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
  const { exit, of } = await doctor(replica.url);
  expect(exit).toBe(1);
  expect(of('replication')).toMatchObject({
    status: 'fail',
    message: 'It is a replica: it takes no writes, and what it reads may be old.',
  });
  expect(of('replication').remedy).toContain(`127.0.0.1:${master.port}`);
});

describe('TLS', () => {
  test('a certificate that is not trusted, one that is, one that is for another name, and no TLS at all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-tls-'));
    await using server = await startStandalone({ tls: true });
    try {
      const ca = join(folder, 'ca.pem');
      writeFileSync(ca, server.ca ?? '');
      const untrusted = await doctor(server.url);
      expect(untrusted.exit).toBe(3);
      expect(untrusted.of('tls').message).toMatch(/is not trusted/);
      const trusted = await doctor(server.url, ['--cacert', ca]);
      expect(trusted.exit).toBe(0);
      expect(trusted.of('tls')).toMatchObject({ status: 'ok' });
      const insecure = await doctor(server.url, ['--insecure']);
      expect(insecure.exit).toBe(0);
      expect(insecure.of('tls')).toMatchObject({ status: 'warn' });
      const renamed = await doctor(server.url.replace('127.0.0.1', '127.0.0.2'), ['--cacert', ca]);
      expect(renamed.exit).toBe(3);
      const plain = await startStandalone();
      await server.cli('CONFIG', 'SET', 'tls-auth-clients', 'yes');
      const unknown = await doctor(server.url, ['--cacert', ca]);
      expect(unknown.exit).toBe(3);
      expect(unknown.of('tls')).toMatchObject({
        message: `127.0.0.1:${server.port} ends the connection after the handshake: it asks for a certificate.`,
        remedy: 'Give one that it trusts: --cert FILE --key FILE.',
      });
      const none = await doctor(plain.url.replace('redis://', 'rediss://'), ['--timeout', '2s']);
      await plain[Symbol.asyncDispose]();
      expect(none.exit).toBe(3);
      expect(none.of('tls').message).toMatch(/does not speak TLS/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('Sentinel: the quorum is asked for, and operations go to the master', { timeout: 60_000 }, async () => {
  // A busy machine is no failure of the master.
  await using group = await startSentinel({ downAfterMs: 20_000 });
  await until('the Sentinels know each other', async () => {
    for (const sentinel of group.sentinels) await sentinel.cli('SENTINEL', 'CKQUORUM', group.name);
    return true;
  });
  const url = `redis://${group.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  const { exit, of } = await doctor(url, ['--sentinel', group.name]);
  expect(exit).toBe(0);
  expect(of('sentinel')).toMatchObject({ status: 'ok' });
  expect(of('replication').message).toBe('It is the master of 2 replicas.');
  expect(of('operations')).toMatchObject({ status: 'ok' });
  const unknown = await doctor(url, ['--sentinel', 'nobody']);
  expect(unknown.exit).toBe(3);
  expect(unknown.of('authentication')).toMatchObject({
    message: `The Sentinel 127.0.0.1:${group.sentinels[0]?.port} knows no master "nobody".`,
    remedy: `It knows ${group.name}: --sentinel NAME.`,
  });
  // One that hangs, the others stand in for.
  await group.sentinels[0]?.freeze();
  const hung = await doctor(url, ['--sentinel', group.name, '--timeout', '3s']);
  group.sentinels[0]?.thaw();
  expect(hung.exit).toBe(0);
  expect(hung.of('address')).toMatchObject({
    status: 'warn',
    message: `127.0.0.1:${group.sentinels[0]?.port} takes connections and does not answer within 3000 ms.`,
  });
  expect(hung.of('sentinel')).toMatchObject({ status: 'ok' });
  expect(hung.of('operations')).toMatchObject({ status: 'ok' });
  const plain = await doctor(`redis://127.0.0.1:${group.sentinels[0]?.port}`);
  expect(plain.exit).toBe(3);
  expect(plain.of('server').remedy).toBe(`Add --sentinel ${group.name}.`);
});

test('Cluster: whole, with a prefix that has a hash tag or not, and used as one server', async () => {
  await using cluster = await startCluster();
  const [first] = cluster.nodes;
  const url = `redis://127.0.0.1:${first?.port}`;
  const { exit, of } = await doctor(url, ['--cluster']);
  expect(exit).toBe(0);
  expect(of('cluster')).toMatchObject({ status: 'ok', message: 'The Cluster is whole: 3 masters, 6 nodes.' });
  expect(of('prefix').message).toBe('All keys of "{backend-registry}:" are in one slot.');
  expect(of('operations')).toMatchObject({ status: 'ok' });
  const untagged = await doctor(url, ['--cluster', '--prefix', 'app:']);
  expect(untagged.exit).toBe(1);
  expect(untagged.of('prefix')).toMatchObject({ status: 'fail' });
  const single = await doctor(url);
  expect(single.exit).toBe(1);
  expect(single.of('cluster')).toMatchObject({
    status: 'fail',
    message: 'It is a node of a Cluster, and is used as one server.',
  });
});

test('Cluster: a node that hangs is named, and a password that is wrong', { timeout: 60_000 }, async () => {
  // Nobody takes the place of one that hangs.
  await using cluster = await startCluster({ nodeTimeoutMs: 120_000 });
  for (const node of cluster.nodes) await node.cli('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~*', '&*', '+@all');
  const nodes = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const wrong = await doctor(`redis://app:${SECRET}x@${nodes}`, ['--cluster']);
  expect(wrong.exit).toBe(3);
  expect(wrong.of('authentication').message).toBe('The server does not take this user or password.');

  const home = await cluster.masterOf('{backend-registry}:registry:meta');
  const [other] = cluster.nodes.filter((node) => node !== home);
  const all = ['--cluster', '--timeout', '3s'];
  await other?.freeze();
  const beside = await doctor(`redis://app:${SECRET}@${nodes}`, all);
  other?.thaw();
  // A watcher listens at any node, this one too.
  expect(beside.checks.filter(({ status, name }) => status !== 'ok' && name !== 'watch')).toEqual([
    expect.objectContaining({
      status: 'warn',
      message: `127.0.0.1:${other?.port} takes connections and does not answer within 3000 ms.`,
    }),
    expect.objectContaining({ name: 'persistence', status: 'warn' }),
  ]);
  expect(beside.exit).toBe(0);

  await home.freeze();
  const hung = await doctor(`redis://app:${SECRET}@${nodes}`, all);
  home.thaw();
  expect(hung.exit).toBe(3);
  expect(hung.of('cluster').message).toBe(
    `The node 127.0.0.1:${home.port}, which has the keys of this registry, does not answer (ETIMEDOUT).`,
  );
});

test('Upstash: what can be asked over HTTP, and a token that is wrong', async () => {
  await using bridge = await startUpstashRest();
  const { exit, checks } = await doctor(bridge.url, [], { env: { UPSTASH_REDIS_REST_TOKEN: bridge.token } });
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(exit).toBe(0);
  const wrong = await doctor(bridge.url, [], { env: { UPSTASH_REDIS_REST_TOKEN: SECRET } });
  expect(wrong.exit).toBe(3);
  expect(wrong.of('authentication')).toMatchObject({ status: 'fail' });
  const reading = await doctor(bridge.url, [], { env: { UPSTASH_REDIS_REST_TOKEN: bridge.readOnlyToken } });
  expect(reading.exit).toBe(1);
});
