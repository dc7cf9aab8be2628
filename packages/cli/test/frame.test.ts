import type { Backend } from '@backend-registry/core';
import pc from 'picocolors';
import { expect, test } from 'vitest';
import { changedLines, type Size } from '../src/screen.ts';
import { sparkline } from '../src/sparkline.ts';
import { width } from '../src/text.ts';
import { type TopState, topFrame } from '../src/top.ts';

const PLAIN = { ...pc.createColors(false), colour: false };
const COLOURED = { ...pc.createColors(true), colour: true };

const backend = (n: number, more: Partial<Backend> = {}): Backend => ({
  id: `http://10.0.0.${n}:8001`,
  url: `http://10.0.0.${n}`,
  port: 8001,
  health: true,
  status: 'healthy',
  inFlightRequests: 1_000 * n,
  rifAvgLatency: 12.34 * n,
  overallAvgLatency: 10 * n,
  metricsUpdatedAt: 1,
  weight: 1,
  zone: 'eu-1',
  metadata: {},
  incarnation: 'one',
  registeredAt: 0,
  version: '1',
  ...more,
});

const STATE: TopState = {
  place: 'redis://127.0.0.1:6379',
  state: 'fresh',
  ageMs: 100,
  trouble: undefined,
  backends: [
    backend(1),
    backend(2, { status: 'draining' }),
    backend(3, { status: 'unhealthy', health: false, zone: 'x\x1b[2J' }),
    backend(4, { status: 'expired', health: false }),
    backend(5, { id: 'https://検索.example.com/日本語/a/rather/long/path:443', inFlightRequests: 0.5 }),
  ],
  latencies: new Map([['http://10.0.0.1:8001', [0, 10, 20, 30, 40, 50, 60, 70]]]),
  leases: new Map([
    ['http://10.0.0.1:8001', 58_600],
    ['http://10.0.0.2:8001', 900],
  ]),
  sort: 'in-flight',
  reversed: false,
  first: 0,
};

const shown = (state: TopState, size: Size): string => topFrame(state, size, PLAIN).join('\n');

test('a frame of 80 columns', () => {
  expect(shown(STATE, { columns: 80, rows: 11 })).toMatchInlineSnapshot(`
    "5 backends  2 healthy  1 draining  1 unhealthy  1 expired
    redis://127.0.0.1:6379  in flight 10,000.5  sorted by in flight

    BACKEND                  STATUS     IN FLIGHT  AT LOAD  LATENCY  TREND     LEASE
    http://10.0.0.4:8001     expired        4,000   49.4ms     40ms            ended
    http://10.0.0.3:8001     unhealthy      3,000     37ms     30ms
    http://10.0.0.2:8001     draining       2,000   24.7ms     20ms            900ms
    http://10.0.0.1:8001     healthy        1,000   12.3ms     10ms  ▁▂▃▄▅▆▇█    59s
    https://検索.example.c…  healthy          0.5   61.7ms     50ms

    q quit  s sort  r reverse  ↑↓ PgUp PgDn scroll"
  `);
});

test('a frame of 120 columns has room for zones and longer trends', () => {
  expect(shown({ ...STATE, sort: 'backend', reversed: true }, { columns: 120, rows: 10 })).toMatchInlineSnapshot(`
    "5 backends  2 healthy  1 draining  1 unhealthy  1 expired
    redis://127.0.0.1:6379  in flight 10,000.5  sorted by backend, reversed

    BACKEND                                    STATUS     IN FLIGHT  AT LOAD  LATENCY  TREND               LEASE  ZONE
    https://検索.example.com/日本語/a/rather…  healthy          0.5   61.7ms     50ms                             eu-1
    http://10.0.0.4:8001                       expired        4,000   49.4ms     40ms                      ended  eu-1
    http://10.0.0.3:8001                       unhealthy      3,000     37ms     30ms                             x\\x1b[2J
    http://10.0.0.2:8001                       draining       2,000   24.7ms     20ms                      900ms  eu-1
    http://10.0.0.1:8001                       healthy        1,000   12.3ms     10ms            ▁▂▃▄▅▆▇█    59s  eu-1
    q quit  s sort  r reverse  ↑↓ PgUp PgDn scroll"
  `);
});

test('stale is said where nobody can miss it, and no lease is claimed to be known', () => {
  const stale = {
    ...STATE,
    state: 'stale',
    ageMs: 12_300,
    trouble: 'listBackends: Redis cannot be reached (ECONNREFUSED).',
  } as const;
  const lines = topFrame(stale, { columns: 80, rows: 10 }, PLAIN);
  expect(lines[2]).toBe('STALE for 12s: this is what was seen last. listBackends: Redis cannot be reache…');
  expect(lines.filter((line) => line.includes(':8001')).map((line) => line.trimEnd().split(/\s+/).at(-1))).toEqual([
    'ended',
    '?',
    '?',
    '?',
  ]);
});

test('whatever the size, no line is wider and no screen higher', () => {
  for (const columns of [1, 10, 20, 33, 40, 57, 64, 79, 80, 81, 100, 120, 200])
    for (const rows of [1, 4, 5, 6, 24, 60]) {
      const lines = topFrame(STATE, { columns, rows }, PLAIN);
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map(width)), `${columns} by ${rows}`).toBeLessThanOrEqual(columns);
    }
});

test('colour changes no character', () => {
  for (const columns of [40, 80, 120]) {
    const size = { columns, rows: 12 };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of these
    const stripped = topFrame(STATE, size, COLOURED).map((line) => line.replace(/\x1b\[\d+m/g, '').trimEnd());
    expect(stripped).toEqual(topFrame(STATE, size, PLAIN).map((line) => line.trimEnd()));
  }
});

test('only lines that have changed are written', () => {
  expect(changedLines(['a', 'b', 'c'], ['a', 'x', 'c'], 3)).toBe('\x1b[2;1H\x1b[Kx');
  expect(changedLines(['a', 'b'], ['a', 'b'], 2)).toBe('');
  expect(changedLines(['a', 'b'], ['a'], 2)).toBe('\x1b[2;1H\x1b[K');
  expect(changedLines([], ['a'], 2)).toBe('\x1b[1;1H\x1b[Ka\x1b[2;1H\x1b[K');
});

test('a sparkline is as wide as it was asked to be, the newest at its right', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([5, 10], 4)).toBe('  ▅█');
  expect(sparkline([9, 9, 1, 2], 2)).toBe('▅█');
  expect(sparkline([0, 0], 3)).toBe('   ');
  expect(sparkline([], 3)).toBe('   ');
});
