/** Who is ahead, from results that are made up. */
import { expect, test } from 'vitest';
import type { Measured } from '../src/results.ts';
import { sections } from '../src/sections/index.ts';
import { summaries } from '../src/summaries.ts';

/** The lines of the table, by their work. */
function summaryOf(data: Readonly<Record<string, unknown>>): Map<string, string[]> {
  const results = Object.entries(data).map(([section, data]): [string, Measured] => [
    section,
    { section, day: '2026-11-25', machine: 'one', full: true, data },
  ]);
  const lines = summaries.summary?.(new Map(results)).split('\n').slice(2) ?? [];
  return new Map(
    lines.map((line) => {
      const [work = '', ...cells] = line.split('|').slice(1, -1);
      return [work.trim(), cells.map((cell) => cell.trim())];
    }),
  );
}

const spread = (low: number, median: number, high: number) => ({ low, median, high });
const speed = (cells: Readonly<Record<string, unknown>>, work = 'heartbeat') => ({
  systems: [],
  rows: [{ name: 'work', work, cells }],
});
const cell = (perSecond: number, ratio: object) => ({
  perSecond: spread(perSecond, perSecond, perSecond),
  ratio,
  serverMs: 1,
  clientMs: 1,
});

test('is ahead whose slowest round is faster than the fastest of the other, by the limit of the same round', () => {
  const summary = (ours: object, peer: object) =>
    summaryOf({ 'peers-speed': speed({ 'ours: ioredis': cell(100, ours), etcd: cell(300, peer) }) }).get(
      'work, /s',
    )?.[2];
  expect(summary(spread(1.9, 2, 2.1), spread(0.9, 1, 1.8))).toBe('**ours**, 2.00 ×');
  expect(summary(spread(0.9, 1, 1.1), spread(1.9, 2, 2.1))).toBe('the peer, 2.00 ×');
});

test('nobody is ahead where the rounds of both overlap', () => {
  const summary = (ours: object, peer: object) =>
    summaryOf({ 'peers-speed': speed({ 'ours: ioredis': cell(1, ours), etcd: cell(1, peer) }) }).get('work, /s')?.[2];
  expect(summary(spread(0.9, 1.03, 1.1), spread(0.9, 1, 1.1))).toBe('no difference, 1.03 ×');
  expect(summary(spread(0.9, 0.97, 1), spread(1, 1, 1.1))).toBe('no difference, 0.97 ×');
});

test('of two limits, the higher one counts', () => {
  const [, , , byLimit] =
    summaryOf({
      'peers-speed': speed(
        {
          'limit: ioredis': cell(10, spread(1, 1, 1)),
          'limit: ioredis that keeps a copy': cell(100, spread(9, 10, 11)),
          'limit: socket': cell(1_000, spread(90, 100, 110)),
          'ours: ioredis': cell(50, spread(4, 5, 6)),
        },
        'list',
      ),
    }).get('work, ms') ?? [];
  expect(byLimit).toBe('0.50 ×');
});

test('delays are compared by their rounds', () => {
  const row = (name: string, p50: object, p99: object) => ({ name, p50, p99, times: p50 });
  const lines = summaryOf({
    'peers-watch': [
      row('ours: ioredis', spread(1, 1.1, 1.2), spread(2, 5, 9)),
      row('etcd', spread(2, 2.2, 2.4), spread(3, 4, 5)),
    ],
  });
  expect(lines.get('change → watcher, p50 ms')?.[2]).toBe('**ours**, 2.00 ×');
  expect(lines.get('change → watcher, p99 ms')?.[2]).toBe('no difference, 0.80 ×');
});

test('the longest of a dozen names no winner, nor does what chance has left of the lease', () => {
  const row = (name: string, p50: number, longest: number) => ({
    name,
    samples: 12,
    p50: spread(p50, p50, p50),
    longest,
    left: 0,
  });
  const lines = (ours: number, peer: number) =>
    summaryOf({ 'peers-crash': [row('ours: ioredis', ours - 500, ours), row('etcd', peer - 500, peer)] });
  const longest = (ours: number, peer: number) =>
    lines(ours, peer).get('kill −9 → gone, a lease of 3 s, longest s of 12')?.[2];
  expect(longest(3_000, 3_200)).toBe('no difference, 1.07 ×');
  expect(longest(3_200, 3_000)).toBe('no difference, 0.94 ×');
  expect(longest(3_000, 4_500)).toBe('1.50 ×, one value each');
  expect(lines(3_000, 2_500).get('kill −9 → gone, a lease of 3 s, p50 s')?.[2]).toBe(
    '0.80 ×, what is left of the lease',
  );
});

test('where the limit has failed, what was measured is told and compared with nothing', () => {
  const { ratio: _, ...alone } = cell(100, {});
  const data = speed({ 'ours: ioredis': alone, etcd: alone });
  expect(summaryOf({ 'peers-speed': data }).get('work, /s')).toBeUndefined();
  const etcd = { name: 'etcd', kind: 'peer', about: 'etcd', version: '' };
  expect(sections['peers-speed']?.text({ ...data, systems: [etcd] })).toContain(
    '| etcd | 100 (100 – 100) |  | 1 | 1 |',
  );
});

test('results that have no rounds are compared as they are, and whose backends stayed is no competitor', () => {
  const lines = summaryOf({
    'peers-crash': [
      { name: 'ours: ioredis', samples: 12, p50: 2_500, p99: 2_900, left: 0 },
      { name: 'etcd', samples: 12, p50: 2_600, p99: 3_300, left: 0 },
      { name: 'hydra', samples: 12, p50: 100, p99: 100, left: 1 },
    ],
  });
  expect(lines.get('kill −9 → gone, a lease of 3 s, p50 s')).toEqual([
    '2.50 (ioredis)',
    '2.60 (etcd)',
    'no difference, 1.04 ×',
    '',
    '',
    '',
  ]);
  expect(lines.get('kill −9 → gone, a lease of 3 s, longest s of 12')?.[2]).toBe('1.14 ×, one value each');
});

test('whoever keeps nothing is ahead of whoever keeps something, by no number', () => {
  const kept = (client: number) => ({
    client,
    traffic: { heartbeat: { sent: 100, received: client === 0 ? 0 : 100 } },
  });
  const lines = summaryOf({
    'peers-cost': {
      rows: [
        { name: 'ours: ioredis', ...kept(700) },
        { name: 'etcd', ...kept(0) },
      ],
    },
  });
  expect(lines.get('memory of a client that has listed, bytes a backend')?.slice(0, 3)).toEqual([
    '700 (ioredis)',
    'nothing (etcd)',
    'the peer',
  ]);
  expect(lines.get('bytes out and back, heartbeat')?.slice(0, 3)).toEqual([
    '200 (ioredis)',
    '100 (etcd)',
    'the peer, 2.00 ×',
  ]);
});
