/** What is computed from the results of several sections: the table of who wins which row, and what one Redis carries. */
import { percentile, type Spread } from './measure.ts';
import { count, markdown, ms } from './report.ts';
import type { Measured } from './results.ts';
import { isList, type Speed } from './sections/peers-speed.ts';
import type { Scale, Series } from './sections/scale.ts';

type Results = ReadonlyMap<string, Measured>;

export const summaries: Readonly<Record<string, (results: Results) => string>> = { summary, carries };

interface Entry {
  readonly name: string;
  readonly value: number;
  /** What is compared, more is better: by the limit's in the same round, where there is one, because a machine that drifts does so for both. */
  readonly worth: Spread;
  /** Milliseconds of a processor for a thousand, of client and server: what a busy machine changes least. */
  readonly cost?: number;
}

interface Line {
  readonly row: string;
  readonly entries: readonly Entry[];
  /** What is less than this is nothing, and no ratio. */
  readonly negligible?: number;
  /** Why chance decides it, so that whose is better says nothing. */
  readonly chance?: string;
  show(value: number): string;
}

/** Ours over a network; memory is not what a peer does. */
const OURS = /^ours: (ioredis|node-redis)$/;
const PEER = /^(?!ours|limit)/;
/** The least that the job could need; for some works there are two ways to do it. */
const LIMIT = /^limit: ioredis/;
/** Values of chance are the same as far as this. */
const CHANCE = 1.1;

function summary(results: Results): string {
  const lines = [...speedLines(results), ...otherLines(results)];
  if (lines.length === 0) return 'Not measured yet.';
  return markdown(
    [
      'work',
      'ours',
      'the best peer',
      'who is ahead',
      'ours by the limit',
      'processor time, the limit’s by ours',
      'processor time, ours by the peer’s',
    ],
    lines.flatMap(cellsOf),
  );
}

function cellsOf(line: Line): string[][] {
  const { row, entries, show, negligible = 0 } = line;
  const best = (kind: RegExp) =>
    entries
      .filter(({ name, value, worth }) => kind.test(name) && Number.isFinite(value) && Number.isFinite(worth.median))
      .sort((a, b) => b.worth.median - a.worth.median)[0];
  const [ours, peer, limit] = [best(OURS), best(PEER), best(LIMIT)];
  if (ours === undefined) return [];
  return [
    [
      row,
      `${show(ours.value)} (${ours.name.slice('ours: '.length)})`,
      peer === undefined ? 'none can' : `${show(peer.value)} (${peer.name})`,
      peer === undefined ? '**ours**' : peer.value < negligible ? 'the peer' : ahead(ours.worth, peer.worth, line),
      limit === undefined ? '' : `${factor(ours.worth.median / limit.worth.median)} ×`,
      times(limit?.cost, ours.cost),
      times(ours.cost, peer?.cost),
    ],
  ];
}

function times(cost: number | undefined, other: number | undefined): string {
  return cost === undefined || other === undefined ? '' : `${factor(cost / other)} ×`;
}

/** Nobody, where the rounds of both had the same. */
function ahead(ours: Spread, peer: Spread, { chance }: Line): string {
  const times = ours.median / peer.median;
  if (chance !== undefined) return Math.max(times, 1 / times) <= CHANCE ? even(times) : `${factor(times)} ×, ${chance}`;
  if (ours.low <= peer.high && peer.low <= ours.high) return even(times);
  return times >= 1 ? `**ours**, ${factor(times)} ×` : `the peer, ${factor(1 / times)} ×`;
}

function even(times: number): string {
  return `no difference, ${factor(times)} ×`;
}

function speedLines(results: Results): Line[] {
  const speed = results.get('peers-speed')?.data as Speed | undefined;
  return (speed?.rows ?? []).map(({ name, work, cells }): Line => {
    const list = isList(work);
    return {
      row: list ? `${name}, ms` : `${name}, /s`,
      entries: Object.entries(cells).flatMap(([name, { perSecond, ratio, serverMs = 0, clientMs = 0 }]) =>
        perSecond === undefined || ratio === undefined
          ? []
          : [
              {
                name,
                value: list ? 1_000 / perSecond.median : perSecond.median,
                worth: ratio,
                cost: serverMs + clientMs,
              },
            ],
      ),
      show: list ? ms : count,
    };
  });
}

interface Told {
  readonly name: string;
  /** Without its rounds in old results. */
  readonly p50?: number | Spread;
  readonly p99?: number | Spread;
  readonly longest?: number;
  readonly samples?: number;
  /** Who was never told of has no delay. */
  readonly left?: number;
}

function otherLines(results: Results): Line[] {
  const [watch, crash] = ['peers-watch', 'peers-crash'].map((section) => {
    const rows = (results.get(section)?.data ?? []) as readonly Told[];
    return rows.filter(({ left = 0 }) => left === 0);
  });
  const cost = results.get('peers-cost')?.data as { readonly rows: readonly Kept[] } | undefined;
  const killed = 'kill −9 → gone, a lease of 3 s';
  return [
    lineOf('change → watcher, p50 ms', watch, ({ p50 }) => p50, ms),
    lineOf('change → watcher, p99 ms', watch, ({ p99 }) => p99, ms),
    { ...lineOf(`${killed}, p50 s`, crash, ({ p50 }) => p50, seconds), chance: 'what is left of the lease' },
    // Of so few as an old result has, the p99 is the longest.
    {
      ...lineOf(`${killed}, longest s of ${samples(crash)}`, crash, ({ longest, p99 }) => longest ?? p99, seconds),
      chance: 'one value each',
    },
    lineOf('memory of the server, bytes a backend', cost?.rows, ({ server }) => server, bytes),
    {
      ...lineOf('memory of a client that has listed, bytes a backend', cost?.rows, ({ client }) => client, bytes),
      negligible: NOTHING_BYTES,
    },
    ...['heartbeat', 'register'].map((what) =>
      lineOf(`bytes out and back, ${what}`, cost?.rows, ({ traffic }) => bothWays(traffic[what]), bytes),
    ),
  ].filter(({ entries }) => entries.length > 0);
}

interface Kept {
  readonly name: string;
  readonly server?: number;
  readonly client?: number;
  readonly traffic: Readonly<Record<string, { readonly sent: number; readonly received: number }>>;
}

/** Less than this is what a garbage collector leaves lying about. */
const NOTHING_BYTES = 20;

function bytes(value: number): string {
  return value < NOTHING_BYTES ? 'nothing' : count(Math.round(value));
}

function bothWays(traffic: { readonly sent: number; readonly received: number } | undefined): number | undefined {
  return traffic === undefined ? undefined : traffic.sent + traffic.received;
}

/** Less is better. */
function lineOf<Row extends { readonly name: string }>(
  row: string,
  rows: readonly Row[] | undefined,
  take: (row: Row) => number | Spread | undefined,
  show: (value: number) => string,
): Line {
  const entries = (rows ?? []).flatMap((each) => {
    const value = take(each);
    if (value === undefined) return [];
    const { median, low, high } = typeof value === 'number' ? alone(Math.max(value, 1)) : value;
    return [{ name: each.name, value: median, worth: { median: 1 / median, low: 1 / high, high: 1 / low } }];
  });
  return { row, entries, show };
}

function alone(value: number): Spread {
  return { median: value, low: value, high: value };
}

function samples(rows: readonly Told[] | undefined): string {
  const all = (rows ?? []).flatMap(({ samples = [] }) => samples);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return least === most ? `${most}` : `${least} – ${most}`;
}

function seconds(value: number): string {
  return (value / 1_000).toFixed(2);
}

function factor(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

/** Half of the one processor that runs commands: the other half is for what comes at once. */
const BUDGET_MICROS = 500_000;
const BEAT_EVERY_S = 20;
const POLL_EVERY_S = 1;
const PROXIES = 200;
const FLEET = 1_000_000;

function carries(results: Results): string {
  const scale = results.get('scale')?.data as Scale | undefined;
  const speed = results.get('peers-speed')?.data as Speed | undefined;
  if (scale === undefined || speed === undefined) return 'Not measured yet.';
  const process = (row: string): number => {
    const micros = speed.rows.find(({ name }) => name === row)?.cells['ours: ioredis']?.serverMs;
    if (micros === undefined) throw new Error(`The section peers-speed has no ${row} of ours: measure it again`);
    return micros;
  };
  // Milliseconds of the process for a thousand are microseconds for one: with reading, parsing and answering, which the server's own count leaves out. The larger of the two counts.
  const alone = Math.max(process('heartbeat, one by one'), typical(scale.backends, 'heartbeat, alone: server'));
  const batch = Math.max(process('heartbeat, 1,000 at once'), typical(scale.backends, 'heartbeat, in batches: server'));
  const register = Math.max(process('register, 64 in flight'), typical(scale.backends, 'register: server'));
  const memory = typical(scale.backends, 'memory: server');
  const unchanged = Math.max(
    process('unchanged list of 10,000'),
    typical(scale.backends, 'list, nothing changed: server'),
  );
  const largest = last(scale.backends, 'list, the first: server');
  const first = Math.max(process('first list of 10,000') / 10_000, largest.value / largest.size);
  const polls = (PROXIES / POLL_EVERY_S) * unchanged;
  const carried = (micros: number) => ((BUDGET_MICROS - polls) / micros) * BEAT_EVERY_S;
  const million = (FLEET / BEAT_EVERY_S) * alone;
  const millionBatch = (FLEET / BEAT_EVERY_S) * batch;
  const rows = [
    ['a heartbeat that comes alone', `${alone.toFixed(1)} µs of the server’s process`],
    ['a heartbeat in a batch of 1,000', `${batch.toFixed(2)} µs`],
    ['a registration in a batch', `${register.toFixed(1)} µs`],
    ['a poll or a list that finds nothing changed', `${unchanged.toFixed(0)} µs`],
    [
      `the first list of a proxy, of ${count(largest.size)} backends`,
      `${((largest.size * first) / 1_000).toFixed(0)} ms, in pages; ${first.toFixed(1)} µs a backend`,
    ],
    ['memory of a backend', `${count(Math.round(memory))} bytes`],
  ];
  const answers = [
    [
      `heartbeats that come alone, every ${BEAT_EVERY_S} s, ${PROXIES} proxies that poll each second`,
      `${count(carried(alone))} backends`,
    ],
    ['the same, in batches', `${count(carried(batch))} backends`],
    [
      `${count(FLEET)} backends, heartbeats that come alone`,
      `${(million / 1_000_000).toFixed(2)} of a processor: ${needed(million)}`,
    ],
    [
      `${count(FLEET)} backends, heartbeats in batches of 1,000`,
      `${(millionBatch / 1_000_000).toFixed(2)} of a processor: ${needed(millionBatch)}`,
    ],
    [`${count(FLEET)} backends, memory`, `${((FLEET * memory) / 1e9).toFixed(1)} GB, over all servers`],
    [
      `${count(FLEET)} backends, all registered again after a loss, in batches`,
      `${((FLEET * register) / 1_000_000).toFixed(0)} s of a processor`,
    ],
    [
      `a proxy that begins, and reads all ${count(FLEET)}`,
      `${((FLEET * first) / 1_000_000).toFixed(1)} s of a processor`,
    ],
  ];
  return [
    markdown(['one operation', 'costs'], rows),
    markdown(['with half of one processor for commands', 'one Redis carries, or needs'], answers),
  ].join('\n\n');
}

function needed(micros: number): string {
  const servers = Math.ceil(micros / BUDGET_MICROS);
  return servers === 1 ? 'one master' : `${servers} masters`;
}

function named(series: readonly Series[], name: string): Series {
  const found = series.find((each) => each.name === name);
  if (found === undefined) throw new Error(`The section scale has no ${name}: measure it again`);
  return found;
}

/** Of the sizes from 1,000 on. */
function typical(series: readonly Series[], name: string): number {
  const values = named(series, name)
    .points.filter(({ size }) => size >= 1_000)
    .map(({ value }) => value);
  return percentile(values, 0.5);
}

function last(series: readonly Series[], name: string): { readonly size: number; readonly value: number } {
  const point = named(series, name).points.at(-1);
  if (point === undefined) throw new Error(`The section scale has no ${name}: measure it again`);
  return point;
}
