import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROGRAM, runProgram } from './program.ts';
import { TestTerminal } from './terminal.ts';

let server: RedisServer;
let registry: RedisBackendRegistry;

beforeAll(async () => {
  server = await startStandalone({ persistent: true });
  registry = new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: 7_200_000 });
  await registry.registerAll(
    Array.from({ length: 60 }, (_, n) => ({
      url: 'http://10.0.0.1',
      port: 8_001 + n,
      zone: 'eu-1',
      inFlightRequests: 60 - n,
      rifAvgLatency: 20 + n,
      overallAvgLatency: 10 + n,
      health: n !== 1,
    })),
  );
  await registry.drain({ url: 'http://10.0.0.1:8003' });
});

afterAll(async () => {
  await registry.close();
  await server[Symbol.asyncDispose]();
});

const top = (size: { columns?: number; rows?: number; env?: Record<string, string> } = {}) =>
  TestTerminal.run(['top', '--registry', server.url], size);
const isDrawn = ({ lines }: TestTerminal) => lines.filter((line) => / 2h\b/.test(line)).length >= 5;
/** What differs from run to run: the port, and how long it has been looking. */
const stable = (text: string) =>
  text
    .replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT')
    .replace(/ {2}[▁▂▃▄▅▆▇█]+ /g, (spark) => `  ${' '.repeat(spark.length - 3)}~`);
/** After the program, the terminal is as it was before. */
const expectRestored = (terminal: TestTerminal) => {
  expect(terminal.alternate).toBe(false);
  expect(terminal.cursorShown).toBe(true);
};

test('a screen of 80 by 24', async () => {
  await using terminal = top();
  await terminal.until(isDrawn);
  expect(terminal.alternate).toBe(true);
  expect(terminal.cursorShown).toBe(false);
  expect(terminal.coloured).toBe(true);
  expect(terminal.lines[0]).toBe('60 backends  58 healthy  1 draining  1 unhealthy  0 expired');
  expect(terminal.lines[1]).toBe(`${server.url}  in flight 1,830  sorted by in flight`);
  expect(terminal.lines[3]).toMatchInlineSnapshot(
    `"BACKEND                  STATUS     IN FLIGHT  AT LOAD  LATENCY  TREND     LEASE"`,
  );
  expect(terminal.lines[4]).toMatch(/^http:\/\/10\.0\.0\.1:8001 +healthy +60 +20ms +10ms +█+ +2h$/);
  expect(terminal.lines[5]).toMatch(/^http:\/\/10\.0\.0\.1:8002 +unhealthy +59 /);
  expect(terminal.lines[6]).toMatch(/^http:\/\/10\.0\.0\.1:8003 +draining +58 /);
  expect(terminal.lines[22]).toMatch(/^http:\/\/10\.0\.0\.1:8019 /);
  expect(terminal.lines[23]).toBe('q quit  s sort  r reverse  ↑↓ PgUp PgDn scroll  1-19 of 60');
  terminal.type('q');
  expect(await terminal.ended()).toBe(0);
  expectRestored(terminal);
});

test('without colour the screen says the same', async () => {
  await using plain = top({ env: { NO_COLOR: '1' } });
  await using coloured = top();
  await plain.until(isDrawn);
  await coloured.until(isDrawn);
  expect(plain.coloured).toBe(false);
  expect(stable(plain.text)).toBe(stable(coloured.text));
});

test('keys scroll and sort, and a resize shows more', async () => {
  await using terminal = top();
  await terminal.until(isDrawn);
  const firstIs = (port: number) => () => terminal.lines[4]?.startsWith(`http://10.0.0.1:${port} `) === true;
  terminal.type('\x1b[B');
  await terminal.until(firstIs(8_002));
  terminal.type('\x1b[6~');
  await terminal.until(firstIs(8_020));
  terminal.type('\x1b[6~\x1b[6~\x1b[6~');
  await terminal.until(firstIs(8_042)); // the last page is full
  terminal.type('\x1b[5~');
  await terminal.until(firstIs(8_024));
  terminal.type('\x1b[H');
  await terminal.until(firstIs(8_001));
  terminal.type('r');
  await terminal.until(firstIs(8_060));
  terminal.type('rs'); // by latency: the slowest first
  await terminal.until(({ lines }) => lines[1]?.endsWith('sorted by latency') === true);
  expect(terminal.lines[4]).toMatch(/^http:\/\/10\.0\.0\.1:8060 /);
  terminal.resize({ columns: 120, rows: 40 });
  await terminal.until(({ lines }) => lines[39]?.endsWith('1-35 of 60') === true && lines[38] !== '');
  expect(terminal.lines[3]).toMatchInlineSnapshot(
    `"BACKEND                                    STATUS     IN FLIGHT  AT LOAD  LATENCY  TREND               LEASE  ZONE"`,
  );
  terminal.resize({ columns: 40, rows: 10 });
  await terminal.until(
    ({ lines }) => lines[9]?.startsWith('q quit') === true && /^BACKEND +STATUS$/.test(lines[3] ?? ''),
  );
  expect(terminal.lines[4]).toMatch(/^http:\/\/10\.0\.0\.1:8060 +healthy$/);
});

test.each([
  ['SIGTERM', 130],
  ['SIGINT', 130],
  ['SIGHUP', 130],
])('%s ends it, and the terminal is as before', async (signal, exit) => {
  await using terminal = top();
  await terminal.until(isDrawn);
  terminal.kill(signal);
  expect(await terminal.ended()).toBe(exit);
  expectRestored(terminal);
});

test('an error that nobody has foreseen gives the terminal back before it is told', async () => {
  // Once it has taken the screen.
  const throwing =
    "data:text/javascript,const { stdout } = process; const { write } = stdout; stdout.write = (...all) => { if (String(all[0]).includes('[?1049h')) setTimeout(() => { throw new Error('unforeseen') }, 200); return write.apply(stdout, all) }";
  const command = `"${process.execPath}" --import "${throwing}" "${PROGRAM}" top --registry ${server.url}; echo "exit $?"; stty -a`;
  await using terminal = new TestTerminal('/bin/sh', ['-c', command], { columns: 120, rows: 50 });
  await terminal.until(({ written }) => written.includes('\x1b[?1049h'));
  await terminal.ended();
  expectRestored(terminal);
  expect(terminal.text).toContain('error: unforeseen: ');
  expect(terminal.text).toMatch(/exit [1-9]/);
  expect(terminal.text).toMatch(/(?<!-)\bicanon\b/);
  expect(terminal.text).toMatch(/(?<!-)\becho\b/);
});

test('Ctrl-C ends it; the shell that ran it finds its terminal as before', async () => {
  const command = `"${process.execPath}" "${PROGRAM}" top --registry ${server.url}; echo "exit $?"; stty -a`;
  await using terminal = new TestTerminal('/bin/sh', ['-c', command]);
  await terminal.until(isDrawn);
  terminal.type('\x03');
  await terminal.ended();
  expectRestored(terminal);
  expect(terminal.text).toMatch(/exit 130/);
  expect(terminal.text).toMatch(/(?<!-)\bicanon\b/);
  expect(terminal.text).toMatch(/(?<!-)\becho\b/);
});

test('Ctrl-Z gives the terminal back, and fg takes it again', async () => {
  const command = `set -m; "${process.execPath}" "${PROGRAM}" top --registry ${server.url}; echo STOPPED; sleep 0.1; fg >/dev/null`;
  await using terminal = new TestTerminal('/bin/bash', ['-c', command]);
  await terminal.until(isDrawn);
  terminal.type('\x1a');
  await terminal.until(({ written }) => written.includes('STOPPED'));
  await terminal.until((again) => again.alternate && isDrawn(again) && again.written.split('\x1b[?1049h').length === 3);
  terminal.type('q');
  expect(await terminal.ended()).toBe(0);
  expectRestored(terminal);
});

test('Ctrl-Z where no shell looks after the program: it goes on', async () => {
  await using terminal = top();
  await terminal.until(isDrawn);
  terminal.type('\x1a');
  await terminal.until((again) => again.alternate && isDrawn(again) && again.written.split('\x1b[?1049h').length === 3);
  terminal.type('q');
  expect(await terminal.ended()).toBe(0);
  expectRestored(terminal);
});

test('a store that is down leaves what was seen, and says since when; then it goes on', async () => {
  await using terminal = top();
  await terminal.until(isDrawn);
  await server.kill();
  await terminal.until(({ lines }) => /^STALE for \d+\.\ds: this is what was seen last\./.test(lines[2] ?? ''));
  expect(terminal.lines[0]).toContain('60 backends');
  await terminal.until(({ lines }) => lines[4]?.endsWith(' ?') === true);
  await server.restart();
  await terminal.until(({ lines }) => lines[2] === '' && lines[4]?.endsWith(' 2h') === true);
});

test('a store that cannot be reached is one line and no screen', async () => {
  await using terminal = TestTerminal.run(['top', '--registry', 'redis://127.0.0.1:1', '--timeout', '2s'], {
    columns: 200,
  });
  expect(await terminal.ended()).toBe(3);
  expect(terminal.written).not.toContain('\x1b[?1049h');
  expect(terminal.text).toMatch(/^error: redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*$/);
});

test('without a terminal it says what to do instead', async () => {
  const { exit, stdout, stderr } = await runProgram(['top', '--registry', server.url]);
  expect([exit, stdout, stderr]).toEqual([
    2,
    '',
    'error: top needs a terminal: list --watch prints wherever it is run.\n',
  ]);
});

test('list --watch draws anew on a terminal', async () => {
  await using terminal = TestTerminal.run(['list', '--watch', '--registry', server.url, '--zone', 'eu-1']);
  await terminal.until(({ lines }) => lines[0]?.startsWith('60 backends') === true);
  expect(terminal.alternate).toBe(true);
  await registry.register({ url: 'http://10.0.0.0:1', zone: 'eu-1' });
  await terminal.until(
    ({ lines }) => lines[0]?.startsWith('61 backends') === true && lines[2]?.startsWith('http://10.0.0.0:1 ') === true,
  );
  await registry.unregister({ url: 'http://10.0.0.0:1' });
  await terminal.until(({ lines }) => lines[0]?.startsWith('60 backends') === true);
  terminal.type('q');
  expect(await terminal.ended()).toBe(0);
  expectRestored(terminal);
});
