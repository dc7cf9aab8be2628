import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.ts';
import { TestTerminal } from './terminal.ts';

let server: RedisServer;
let registry: RedisBackendRegistry;

beforeAll(async () => {
  server = await startStandalone();
  registry = new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: 3_600_000 });
  await registry.registerAll([
    { url: 'http://10.0.0.1', port: 8001, zone: 'eu-1', metadata: { team: 'search' } },
    { url: 'http://10.0.0.2', port: 8001, zone: 'eu-2', health: false },
  ]);
});

afterAll(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});

const list = (...args: string[]) => runProgram(['list', '--registry', server.url, ...args]);

test('list --json is the array that listBackends() answers', async () => {
  const { exit, stdout } = await list('--json');
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toEqual(await registry.listBackends());
});

test('list is a line for each backend, its titles above', async () => {
  const { exit, stdout } = await list();
  expect(exit).toBe(0);
  const [titles, ...rows] = stdout.trimEnd().split('\n');
  expect(titles).toMatch(/^BACKEND +STATUS +IN FLIGHT +LATENCY +ZONE +AGE +METADATA$/);
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^http:\/\/10\.0\.0\.1:8001 +healthy +0 +- +eu-1 +\d+(\.\d)?m?s +team=search$/);
  expect(rows[1]).toMatch(/^http:\/\/10\.0\.0\.2:8001 +unhealthy /);
});

test('list --status, --zone and --meta are the filter of listBackends()', async () => {
  for (const args of [
    ['--status', 'healthy', 'draining'],
    ['--zone', 'eu-1'],
    ['--meta', 'team=search'],
  ]) {
    const { stdout } = await list('--json', ...args);
    expect(JSON.parse(stdout).map(({ id }: { id: string }) => id)).toEqual(['http://10.0.0.1:8001']);
  }
});

/** Ages differ from run to run, and so does the width of their column. */
const ageless = (lines: readonly string[]) =>
  lines
    .map((line) => line.replace(/ +(AGE|\d+(\.\d)?m?s)( {2}|$)/, ' AGE$3'))
    .join('\n')
    .trimEnd();

test.each([
  [80, 24],
  [120, 40],
])('on a terminal of %i by %i', async (columns, rows) => {
  await using terminal = TestTerminal.run(['list', '--registry', server.url], { columns, rows });
  expect(await terminal.ended()).toBe(0);
  expect(ageless(terminal.lines)).toBe(
    [
      'BACKEND               STATUS     IN FLIGHT  LATENCY  ZONE AGE  METADATA',
      'http://10.0.0.1:8001  healthy            0        -  eu-1 AGE  team=search',
      'http://10.0.0.2:8001  unhealthy          0        -  eu-2 AGE',
    ].join('\n'),
  );
  expect(terminal.alternate).toBe(false);
});

test('on a narrow one, what stands last is cut first', async () => {
  await using terminal = TestTerminal.run(['list', '--registry', server.url], { columns: 71 });
  expect(await terminal.ended()).toBe(0);
  const [titles, first = '', second] = terminal.lines;
  expect(titles).toMatch(/^BACKEND +STATUS .* METADATA$/);
  expect(first).toMatch(/^http:\/\/10\.0\.0\.1:\S*… +healthy .* team=se…$/);
  expect(first.length).toBe(71);
  expect(second).toMatch(/^http:\/\/10\.0\.0\.2:\S*… +unhealthy /);
});

test('every column, where the backends have something to say in each', async () => {
  await using full = new RedisBackendRegistry({ url: server.url, keyPrefix: 'full:', heartbeatTimeoutMs: 3_600_000 });
  await full.registerAll([
    {
      url: 'https://búsqueda.example',
      port: 8443,
      weight: 2.5,
      zone: 'eu-1',
      metadata: { team: 'größe', note: 'a\x1b[31mb' },
      inFlightRequests: 12,
      rifAvgLatency: 3,
      overallAvgLatency: 1.2345,
    },
    { url: 'http://10.0.0.2', port: 8001, weight: 0, zone: '東京', inFlightRequests: 1e9 },
    { url: 'http://10.0.0.3', port: 8001, health: false },
  ]);
  await full.drain({ url: 'http://10.0.0.2:8001' });
  await using terminal = TestTerminal.run(['list', '--registry', server.url, '--prefix', 'full:'], { columns: 140 });
  expect(await terminal.ended()).toBe(0);
  expect(ageless(terminal.lines)).toMatchInlineSnapshot(`
    "BACKEND                               STATUS      IN FLIGHT  LATENCY  WEIGHT  ZONE AGE  METADATA
    http://10.0.0.2:8001                  draining   1000000000        -       0  東京 AGE
    http://10.0.0.3:8001                  unhealthy           0        -       1  - AGE
    https://xn--bsqueda-61a.example:8443  healthy            12   1.23ms     2.5  eu-1 AGE  note=a\\x1b[31mb team=größe"
  `);
});

test('list --watch says that the store has lost its data, on a terminal and where nobody looks at one', async () => {
  await using emptied = await startStandalone();
  const place = ['list', '--watch', '--registry', emptied.url];
  await using backend = new RedisBackendRegistry({ url: emptied.url });
  await backend.register({ url: 'http://10.0.0.1', port: 8001 });
  await using terminal = TestTerminal.run(place);
  await terminal.until(({ lines }) => lines[0]?.startsWith('1 backend ') === true);
  const program = await runProgram(place, {
    async during({ lines, errors, kill }) {
      expect(await lines.next()).toMatch(/^BACKEND/);
      expect(await lines.next()).toContain('http://10.0.0.1:8001');
      await emptied.cli('FLUSHALL');
      expect(await errors.next()).toBe(
        `${emptied.url}: the store has lost its data. What was seen before stands while backends come back.`,
      );
      kill('SIGTERM');
    },
  });
  expect(program.exit).toBe(130);
  await terminal.until(({ lines }) => lines[0]?.startsWith('HELD: the store has lost its data  1 backend ') === true);
  expect(terminal.text).toContain('http://10.0.0.1:8001');
});

test('list --watch leaves out what a narrow terminal has no room for, and cuts no status', async () => {
  await using terminal = TestTerminal.run(['list', '--watch', '--registry', server.url], { columns: 34, rows: 8 });
  await terminal.until(({ lines }) => lines[0]?.startsWith('2 backends') === true);
  expect(terminal.lines[1]).toMatch(/^BACKEND +STATUS$/);
  expect(terminal.lines[2]).toMatch(/^http:\/\/10\.0\.0\.1:8001 +healthy$/);
  expect(terminal.lines[3]).toMatch(/^http:\/\/10\.0\.0\.2:8001 +unhealthy$/);
});
