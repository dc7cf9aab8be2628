import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Backend } from '@backend-registry/core';
import { type StoredBackend, storedBackends } from '@backend-registry/core/move';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { startStandalone } from '@backend-registry/redis-server';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { missingOf } from '../src/commands/import.ts';
import { Tally } from '../src/tally.ts';
import { PROGRAM, runProgram } from './program.ts';
import { startProgram } from './started.ts';

const [server, other] = await Promise.all([startStandalone(), startStandalone()]);
const options = { heartbeatTimeoutMs: 600_000, commandTimeoutMs: 30_000 };
const source = new RedisBackendRegistry({ ...options, url: server.url });
const target = new RedisBackendRegistry({ ...options, url: other.url });
const folder = mkdtempSync(join(tmpdir(), 'backend-registry-'));
const file = join(folder, 'backends.jsonl');
beforeEach(() => Promise.all([server.cli('FLUSHALL'), other.cli('FLUSHALL')]));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([source.close(), target.close()]);
  await Promise.all([server, other].map((each) => each[Symbol.asyncDispose]()));
});

const one = { url: 'http://10.0.0.1', port: 8001, zone: 'eu-1', metadata: { größe: '\u2028 7' }, incarnation: 'one' };
const two = { url: 'http://10.0.0.2', port: 8001, health: false, incarnation: 'two' };

const run = (command: string, ...args: string[]) => {
  const to = command === 'import' ? other : server;
  return runProgram([command, ...args, '--registry', to.url, '--timeout', '30s']);
};
/** What is being written to. */
const unfinished = () => readdirSync(folder).filter((name) => name.endsWith('.unfinished'));
const told = (backends: readonly Backend[]) => backends.map(({ version: _, ...rest }) => rest);
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Writes a file as export does, from lines that a test may have changed. */
function writeLines(...lines: readonly (string | object)[]): void {
  writeFileSync(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
}

test('what export writes, import registers', async () => {
  await source.registerAll([one, two]);
  await source.drain(one);
  const exported = await run('export', file);
  expect(exported).toEqual({ exit: 0, stdout: '', stderr: '2 backends written.\n' });
  const [header, first, second, end] = linesOf(readFileSync(file, 'utf8'));
  expect(header).toEqual({
    format: 'backend-registry/export',
    schema: 1,
    epoch: expect.any(String),
    writtenAt: expect.any(Number),
  });
  expect(first).toEqual({
    ...one,
    id: 'http://10.0.0.1:8001',
    health: true,
    draining: true,
    inFlightRequests: 0,
    rifAvgLatency: 0,
    overallAvgLatency: 0,
    metricsUpdatedAt: null,
    weight: 1,
    registeredAt: expect.any(Number),
    version: expect.any(String),
    lastHeartbeatAt: expect.any(Number),
    expiresInMs: expect.any(Number),
    readAt: expect.any(Number),
  });
  expect(second).toMatchObject({ ...two, zone: null, draining: false });
  expect(end).toEqual({ end: { backends: 2 } });

  const dry = await run('import', file, '--dry-run', '--json');
  expect(dry.exit).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({ restored: 2, present: [], expired: [] });
  expect(await other.cli('DBSIZE')).toBe(0);

  const imported = await run('import', file);
  expect(imported.exit).toBe(0);
  expect(imported.stdout).toMatch(/2 {2}restored/);
  expect(told(await target.listBackends())).toEqual(told(await source.listBackends()));
  // Both servers go by one clock here.
  const ends = async (each: typeof server) =>
    (await each.cli('ZRANGE', 'registry:leases', 0, -1, 'WITHSCORES')) as string[];
  const [there, here] = [await ends(server), await ends(other)];
  for (const n of [1, 3]) expect(Number(here[n])).toBeLessThanOrEqual(Number(there[n]));
});

test('export writes to a pipe what import reads from one', async () => {
  await source.registerAll(Array.from({ length: 1_200 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  const exported = await run('export');
  expect(linesOf(exported.stdout)).toHaveLength(1_202);
  expect(exported.stderr).toBe('1,200 backends written.\n');
  const imported = await runProgram(['import', '-', '--registry', other.url, '--timeout', '30s'], {
    input: exported.stdout,
  });
  expect(imported.exit).toBe(0);
  expect(told(await target.listBackends())).toEqual(told(await source.listBackends()));
});

test('import leaves alone what is registered, and older files never come over newer data', async () => {
  await source.registerAll([one, two]);
  await run('export', file);
  await target.register({ ...one, incarnation: 'newer', weight: 5 });
  const { exit, stdout } = await run('import', file);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/1 {2}restored/);
  expect(stdout).toMatch(/1 {2}registered there already/);
  expect(stdout).toContain('http://10.0.0.1:8001');
  expect(await target.getBackend(one)).toMatchObject({ incarnation: 'newer', weight: 5 });

  await target.updateBackendHealth(two, true);
  const again = JSON.parse((await run('import', file, '--json')).stdout);
  expect(again).toMatchObject({ restored: 0, updated: 0, present: ['http://10.0.0.1:8001', 'http://10.0.0.2:8001'] });
  expect(await target.getBackend(two)).toMatchObject({ health: true });
});

test('import says which leases have ended', async () => {
  await source.register(one);
  await source.register({ ...two, heartbeatTimeoutMs: 1 });
  await vi.waitFor(async () => expect((await source.getBackend(two))?.status).toBe('expired'), { timeout: 20_000 });
  const exported = await run('export', file);
  expect(exported.stderr).toBe('2 backends written, 1 of them expired.\n');
  const some = await run('import', file);
  expect(some.stdout).toMatch(/1 {2}expired: not copied\n +http:\/\/10\.0\.0\.2:8001/);
  const [header, first, , end] = linesOf(readFileSync(file, 'utf8'));
  await target.unregister(one);
  writeLines(header, { ...first, expiresInMs: 1 }, { end: { backends: 1 } });
  const all = await run('import', file);
  expect(all.exit).toBe(0);
  expect(all.stderr).toContain('All of these leases have ended');
  expect(end).toEqual({ end: { backends: 2 } });
  expect(await target.listBackends()).toEqual([]);
});

test('import reads every line before it writes anything, and names those that are wrong', async () => {
  await source.registerAll([one, two]);
  await run('export', file);
  const [header, first, second, end] = linesOf(readFileSync(file, 'utf8'));
  const refused = async (...patterns: RegExp[]) => {
    const { exit, stdout, stderr } = await run('import', file);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    for (const pattern of patterns) expect(stderr).toMatch(pattern);
    expect(stderr).toContain('Nothing was written');
    expect(await other.cli('DBSIZE')).toBe(0);
  };
  writeLines(header, first, '{"url":', { ...second, port: 0 }, { ...second, expiresInMs: null }, first, end);
  await refused(/^line 3: .*not JSON/m, /^line 4: .*port/m, /^line 5: .*expiresInMs/m, /^line 6: .*line 2 already/m);
  writeLines(header, first);
  await refused(/^line 3: the file is cut short/m);
  writeLines(header, first, end);
  await refused(/^line 3: the file is not whole: it says that it has 2 backends, and has 1/m);
  writeFileSync(file, readFileSync(file).subarray(0, -40));
  await refused(/cut short/);
  writeLines(header, first, second, end, second);
  await refused(/^line 5: it comes after the end/m);
  writeLines(header, { ...first, url: 'http://user:hush@10.0.0.1' }, { end: { backends: 1 } });
  await refused(/^line 2: .*url/m);
  expect((await run('import', file)).stderr).not.toContain('hush');
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0xff, 0x0a])]));
  await refused(/^line 4: /m);
});

test('import refuses what export has not written, or another version of it', async () => {
  for (const [text, reason] of [
    ['', /is empty/],
    ['{"format":"else"}\n', /no file of backend-registry export/],
    ['no json\n', /no file of backend-registry export/],
    ['{"format":"backend-registry/export","schema":2}\n', /another version/],
  ] as const) {
    writeFileSync(file, text);
    const { exit, stderr } = await run('import', file);
    expect(exit).toBe(2);
    expect(stderr).toMatch(reason);
  }
  const missing = await run('import', join(folder, 'none'));
  expect(missing).toMatchObject({ exit: 2, stderr: expect.stringContaining('ENOENT') });
});

test('a file that export does not finish is not there, and the one before it is', async () => {
  await source.registerAll(Array.from({ length: 3_000 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  writeFileSync(file, 'of yesterday');
  await using proxy = await startFaultProxy(server);
  proxy.delayMs = 50;
  const { ended, interrupt } = startProgram(['export', file, '--registry', proxy.url, '--timeout', '30s']);
  await vi.waitFor(() => expect(unfinished()).toHaveLength(1), { timeout: 20_000 });
  interrupt();
  expect((await ended).exit).toBe(130);
  expect(readFileSync(file, 'utf8')).toBe('of yesterday');
  expect(unfinished()).toEqual([]);
  const nowhere = await run('export', join(folder, 'no/where'));
  expect(nowhere).toMatchObject({ exit: 2, stderr: expect.stringContaining('ENOENT') });
});

test('two exports to one file at once: it is one of them, and whole', async () => {
  await source.registerAll(Array.from({ length: 1_500 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  await target.registerAll([one, two]);
  await using proxy = await startFaultProxy(server);
  proxy.delayMs = 50;
  const slow = startProgram(['export', file, '--registry', proxy.url, '--timeout', '30s']);
  await vi.waitFor(() => expect(unfinished()).toHaveLength(1), { timeout: 20_000 });
  expect((await runProgram(['export', file, '--registry', other.url])).exit).toBe(0);
  expect(linesOf(readFileSync(file, 'utf8')).at(-1)).toEqual({ end: { backends: 2 } });
  expect((await slow.ended).exit).toBe(0);
  expect(linesOf(readFileSync(file, 'utf8'))).toHaveLength(1_502);
  expect(unfinished()).toEqual([]);
});

test.each(['/dev/stdout', '>(cat)', '/dev/fd/3 3>&1'])(
  'export writes to a pipe that is named like a file: %s',
  async (to) => {
    await source.registerAll([one, two]);
    const command = `{ '${process.execPath}' '${PROGRAM}' export ${to} --registry ${server.url} --timeout 30s; } | cat`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
    expect(stderr).toBe('2 backends written.\n');
    expect(linesOf(stdout).at(-1)).toEqual({ end: { backends: 2 } });
  },
);

test('export to what the shell has opened adds to it, and to a file in memory is whole', async () => {
  await source.registerAll([one, two]);
  writeFileSync(file, 'of yesterday\n');
  const command = `'${process.execPath}' '${PROGRAM}' export /dev/stdout --registry ${server.url} >> '${file}'`;
  await promisify(execFile)('bash', ['-c', command]);
  expect(readFileSync(file, 'utf8')).toMatch(/^of yesterday\n\{"format"/);
  const inMemory = mkdtempSync('/dev/shm/backend-registry-');
  try {
    for (let n = 0; n < 2; n += 1) expect((await run('export', join(inMemory, 'a.jsonl'))).exit).toBe(0);
    expect(linesOf(readFileSync(join(inMemory, 'a.jsonl'), 'utf8'))).toHaveLength(4);
  } finally {
    rmSync(inMemory, { recursive: true });
  }
});

test('import into a store that loses its data meanwhile writes what is gone once more', async () => {
  await source.registerAll(Array.from({ length: 1_500 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  expect((await run('export', file)).exit).toBe(0);
  await using proxy = await startFaultProxy(other);
  proxy.delayMs = 50;
  const { ended } = startProgram(['import', file, '--json', '--registry', proxy.url, '--timeout', '30s']);
  await vi.waitFor(async () => expect(await other.cli('ZCARD', 'registry:leases')).toBeGreaterThan(0), {
    timeout: 20_000,
    interval: 5,
  });
  await other.cli('FLUSHALL');
  const { exit, stdout } = await ended;
  expect([exit, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ restored: 1_500, missing: [] })]);
  expect(await target.listBackends()).toHaveLength(1_500);
});

test('import does not miss whose lease has ended meanwhile, nor who has left', async () => {
  await source.registerAll([{ ...one, heartbeatTimeoutMs: 1 }, two, { url: 'http://10.0.0.3', port: 8001 }]);
  const backends: StoredBackend[] = [];
  for await (const page of storedBackends(source)) backends.push(...page.backends);
  const tally = new Tally();
  for (const { id } of backends) tally.add({ id, status: 'restored' });
  await target.register(two);
  await target.unregister(two);
  expect(await missingOf(target, backends, tally)).toEqual([]);
  expect(JSON.parse(JSON.stringify(tally))).toMatchObject({
    restored: 1,
    expired: ['http://10.0.0.1:8001'],
    unregistered: ['http://10.0.0.2:8001'],
  });
});

test('export ends without an error where nobody reads on', async () => {
  await source.registerAll(Array.from({ length: 3_000 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  const command = `set -o pipefail; '${process.execPath}' '${PROGRAM}' export --registry ${server.url} --timeout 30s | head -n 1`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
  expect(linesOf(stdout)).toMatchObject([{ schema: 1 }]);
  expect(stderr).toBe('');
});

test('export leaves out what cannot be read, and says so', async () => {
  await source.registerAll([one, two]);
  await server.cli('SET', 'backend:http://10.0.0.1:8001', 'broken');
  const { exit, stdout, stderr } = await run('export');
  expect(exit).toBe(0);
  expect(linesOf(stdout)).toHaveLength(3);
  expect(stderr).toContain('http://10.0.0.1:8001: it is not JSON');
});

test('adopt takes in the rows of another program, and first only shows them', async () => {
  const [seconds = ''] = (await server.cli('TIME')) as string[];
  const leave = async (port: number, document: object | string, beat: number) => {
    await server.cli(
      'SET',
      `backend:http://10.0.0.1:${port}`,
      typeof document === 'string' ? document : JSON.stringify(document),
    );
    await server.cli('SET', `heartbeat:http://10.0.0.1:${port}`, beat);
  };
  await leave(8001, { url: 'http://10.0.0.1', port: 8001 }, Number(seconds));
  await leave(8002, { url: 'http://10.0.0.1', port: 8002 }, Number(seconds) - 3_600);
  await leave(8003, 'broken', Number(seconds));
  const size = await server.cli('DBSIZE');
  const dry = await run('adopt', '--dry-run', '--heartbeat-timeout', '10m');
  expect(dry.exit).toBe(0);
  expect(dry.stderr).toBe(
    '1 backend would be adopted. Nothing was written. Left alone: 1 expired, 1 that cannot be read.\n',
  );
  expect(await server.cli('DBSIZE')).toBe(size);
  expect(await source.listBackends()).toEqual([]);

  const { exit, stdout } = await run('adopt', '--heartbeat-timeout', '10m');
  expect(exit).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'http://10.0.0.1:8001',
    'http://10.0.0.1:8002 (expired: left alone)',
    'http://10.0.0.1:8003 (it is not JSON: left alone)',
    '',
  ]);
  expect(await source.listBackends()).toMatchObject([{ id: 'http://10.0.0.1:8001', status: 'healthy' }]);
  expect(JSON.parse((await run('adopt', '--json')).stdout)).toMatchObject({
    adopted: [],
    expired: ['http://10.0.0.1:8002'],
  });
});

test('adopt says that Upstash cannot, and what can', async () => {
  await using bridge = await startUpstashRest({ redis: other.url });
  const env = { UPSTASH_REDIS_REST_URL: bridge.url, UPSTASH_REDIS_REST_TOKEN: bridge.token };
  const { exit, stderr } = await runProgram(['adopt'], { env });
  expect(exit).toBe(3);
  expect(stderr).toContain('rediss://');
  expect(stderr).not.toContain(bridge.token);
});

test('export writes to a device as it is, and to what a link points to', async () => {
  await source.registerAll([one, two]);
  const full = await run('export', '/dev/full');
  expect([full.exit, full.stderr]).toEqual([3, expect.stringContaining('/dev/full cannot be written (ENOSPC)')]);
  expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  const link = join(folder, 'link.jsonl');
  const target = join(folder, 'target.jsonl');
  writeFileSync(target, 'of yesterday');
  symlinkSync(target, link);
  expect((await run('export', link)).exit).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(linesOf(readFileSync(target, 'utf8'))).toHaveLength(4);
  const circle = join(folder, 'circle.jsonl');
  symlinkSync('circle.jsonl', circle);
  expect(await run('export', circle)).toMatchObject({ exit: 2, stderr: expect.stringContaining('ELOOP') });
  const dangling = join(folder, 'dangling.jsonl');
  symlinkSync('not-yet.jsonl', dangling);
  expect((await run('export', dangling)).exit).toBe(0);
  expect(lstatSync(dangling).isSymbolicLink()).toBe(true);
  expect(linesOf(readFileSync(join(folder, 'not-yet.jsonl'), 'utf8'))).toHaveLength(4);
});

test('export leaves a file to those who may read it', async () => {
  await source.registerAll([one, two]);
  writeFileSync(file, 'of yesterday', { mode: 0o600 });
  chmodSync(file, 0o600);
  expect((await run('export', file)).exit).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a store that loses its data meanwhile: export says so, exit 1, and the file before it stays', async () => {
  await source.registerAll(Array.from({ length: 3_000 }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n })));
  writeFileSync(file, 'of yesterday');
  await using proxy = await startFaultProxy(server);
  proxy.delayMs = 50;
  const { ended } = startProgram(['export', file, '--registry', proxy.url, '--timeout', '30s']);
  const size = () => unfinished().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  await vi.waitFor(() => expect(size()).toBeGreaterThan(0), { timeout: 20_000 });
  await server.cli('FLUSHALL');
  const { exit, stderr } = await ended;
  expect([exit, stderr]).toEqual([1, expect.stringContaining('has lost its data meanwhile')]);
  expect(readFileSync(file, 'utf8')).toBe('of yesterday');
  expect(unfinished()).toEqual([]);
});

test('import --dry-run says what import then says, and writes nothing', async () => {
  const three = { url: 'http://10.0.0.3', port: 8001, incarnation: 'three' };
  await source.registerAll([one, two, three]);
  expect((await run('export', file)).exit).toBe(0);
  // One was unregistered there, one is kept by another program, one is new.
  await target.register(one);
  await target.unregister(one);
  await other.cli('SET', 'backend:http://10.0.0.2:8001', '{"of":"another program"}');
  const before = await target.listBackends();
  const dry = await run('import', file, '--dry-run', '--json');
  expect(await target.listBackends()).toEqual(before);
  expect(await other.cli('EXISTS', 'registry:copies')).toBe(0);
  const real = await run('import', file, '--json');
  expect(JSON.parse(real.stdout)).toMatchObject({
    restored: 1,
    unregistered: ['http://10.0.0.1:8001'],
    foreign: ['http://10.0.0.2:8001'],
  });
  expect(JSON.parse(dry.stdout)).toEqual(JSON.parse(real.stdout));
  // Proxies are not served what another program keeps.
  expect(JSON.parse(dry.stdout).missing).toEqual(['http://10.0.0.2:8001']);
  expect([dry.exit, real.exit]).toEqual([1, 1]);
});

test.each(['import', 'export'])(
  '%s of a named pipe that nobody else opens ends when it is interrupted twice',
  async (command) => {
    const pipe = join(folder, `${command}.fifo`);
    await promisify(execFile)('mkfifo', [pipe]);
    const child = spawn(process.execPath, [PROGRAM, command, pipe, '--registry', server.url]);
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    let running = true;
    void ended.then(() => {
      running = false;
    });
    // What comes before it listens to signals ends it as well.
    for (await setTimeout(500); running; await setTimeout(200)) child.kill('SIGINT');
    const [exit, signal] = await ended;
    expect(exit ?? 128 + constants.signals[signal ?? 'SIGKILL']).toBe(130);
  },
);

test('import of a file without ends of lines: it says so, and does not run out of memory', async () => {
  writeFileSync(file, Buffer.alloc(40 * 2 ** 20, 'x'));
  const { exit, stderr } = await run('import', file);
  expect([exit, stderr]).toEqual([2, 'error: Line 1 is longer than 16 MiB: this is no export.\n']);
});
