/** What is computed from the results of several sections: the table of who wins which row, and what one Redis carries. */
import { percentile } from './measure.ts';
import { count, markdown, ms } from './report.ts';
import type { Measured } from './results.ts';
import type { Speed } from './sections/peers-speed.ts';
import type { Scale, Series } from './sections/scale.ts';

type Results = ReadonlyMap<string, Measured>;

export const summaries: Readonly<Record<string, (results: Results) => string>> = { summary, carries };

interface Entry {
  readonly name: string;
  readonly value: number;
  /** By the limit's in the same round, where there is one: what is compared, because a machine that drifts does so for both. */
  readonly ratio?: number;
  /** Milliseconds of a processor for a thousand, of client and server: what a busy machine changes least. */
  readonly cost?: number;
}

interface Line {
  readonly row: string;
  readonly entries: readonly Entry[];
  /** More is better. */
  readonly more: boolean;
  show(value: number): string;
}

/** Ours over a network; memory is not what a peer does. */
const OURS = /^ours: (ioredis|node-redis)$/;
const PEER = /^(?!ours|limit)/;

function summary(results: Results): string {
  const lines = [...speedLines(results), ...otherLines(results)];
  if (lines.length === 0) return 'Not measured yet.';
  const rows = lines.flatMap(({ row, entries, more, show }) => {
    /** More is better. */
    const worth = ({ value, ratio }: Entry) => ratio ?? (more ? value : 1 / value);
    const best = (kind: RegExp) =>
      entries
        .filter(({ name, value }) => kind.test(name) && Number.isFinite(value))
        .sort((a, b) => worth(b) - worth(a))[0];
    const [ours, peer, limit] = [best(OURS), best(PEER), best(/^limit: ioredis$/)];
    if (ours === undefined) return [];
    const times = peer === undefined ? undefined : worth(ours) / worth(peer);
    const byLimit = limit === undefined ? undefined : worth(ours) / worth(limit);
    return [
      [
        row,
        `${show(ours.value)} (${ours.name.slice('ours: '.length)})`,
        peer === undefined ? 'none can' : `${show(peer.value)} (${peer.name})`,
        times === undefined
          ? '**ours**'
          : times >= 1
            ? `**ours**, ${factor(times)} ×`
            : `the peer, ${factor(1 / times)} ×`,
        byLimit === undefined ? '' : `${factor(byLimit)} ×`,
        ours.cost === undefined || peer?.cost === undefined ? '' : `${factor(ours.cost / peer.cost)} ×`,
      ],
    ];
  });
  return markdown(
    ['work', 'ours', 'the best peer', 'who is ahead', 'ours by the limit', 'processor time, ours by the peer’s'],
    rows,
  );
}

function speedLines(results: Results): Line[] {
  const speed = results.get('peers-speed')?.data as Speed | undefined;
  return (speed?.rows ?? []).map(({ name, work, cells }): Line => {
    const list = work === 'list';
    return {
      row: list ? `${name}, ms` : `${name}, /s`,
      more: !list,
      entries: Object.entries(cells).flatMap(([name, { perSecond, ratio, serverMs = 0, clientMs = 0 }]) =>
        perSecond === undefined || ratio === undefined
          ? []
          : [
              {
                name,
                value: list ? 1_000 / perSecond.median : perSecond.median,
                ratio: ratio.median,
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
  readonly p50?: number | { readonly median: number };
  readonly p99?: number | { readonly median: number };
  readonly left?: number;
}

function otherLines(results: Results): Line[] {
  const lines: Line[] = [];
  const of = (section: string, what: 'p50' | 'p99', row: string, show: (value: number) => string) => {
    const rows = results.get(section)?.data as readonly Told[] | undefined;
    const entries = (rows ?? []).flatMap(({ name, [what]: value, left = 0 }) =>
      value === undefined || left > 0 ? [] : [{ name, value: typeof value === 'number' ? value : value.median }],
    );
    if (entries.length > 0) lines.push({ row, entries, more: false, show });
  };
  of('peers-watch', 'p50', 'change → watcher, p50 ms', ms);
  of('peers-watch', 'p99', 'change → watcher, p99 ms', ms);
  of('peers-crash', 'p50', 'kill −9 → gone, a lease of 3 s, p50 s', seconds);
  of('peers-crash', 'p99', 'kill −9 → gone, a lease of 3 s, p99 s', seconds);
  const cost = results.get('peers-cost')?.data as
    | { readonly rows: readonly { readonly name: string; readonly server?: number }[] }
    | undefined;
  if (cost !== undefined)
    lines.push({
      row: 'memory of the server, bytes a backend',
      more: false,
      entries: cost.rows.flatMap(({ name, server }) => (server === undefined ? [] : [{ name, value: server }])),
      show: (value) => count(Math.round(value)),
    });
  return lines;
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
  if (scale === undefined) return 'Not measured yet.';
  const speed = results.get('peers-speed')?.data as Speed | undefined;
  const process = (row: string): number =>
    speed?.rows.find(({ name }) => name === row)?.cells['ours: ioredis']?.serverMs ?? 0;
  // Milliseconds of the process for a thousand are microseconds for one: with reading, parsing and answering, which the server's own count leaves out. The larger of the two counts.
  const alone = Math.max(process('heartbeat, one by one'), typical(scale.backends, 'heartbeat, alone: server'));
  const batch = Math.max(process('heartbeat, 1,000 at once'), typical(scale.backends, 'heartbeat, in batches: server'));
  const register = typical(scale.backends, 'register: server');
  const memory = typical(scale.backends, 'memory: server');
  const unchanged = Math.max(process('list of 10,000'), typical(scale.backends, 'list, nothing changed: server'));
  const first = last(scale.backends, 'list, the first: server');
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
      `the first list of a proxy, of ${count(first.size)} backends`,
      `${(first.value / 1_000).toFixed(0)} ms, in pages; ${(first.value / first.size).toFixed(1)} µs a backend`,
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
      `${((FLEET * first.value) / first.size / 1_000_000).toFixed(1)} s of a processor`,
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
