/** What `top` shows: a frame is a function of what is known and the size of the screen. */
import type { Backend, BackendStatus, ViewState } from '@backend-registry/core';
import { paintStatus, showLatency } from './backend-table.ts';
import { showDuration } from './duration.ts';
import type { Style } from './io.ts';
import type { Size } from './screen.ts';
import { within } from './scroll.ts';
import type { Sort } from './sorts.ts';
import { sparkline } from './sparkline.ts';
import { cut, pad, printable } from './text.ts';

export interface TopState {
  /** Which registry this is. */
  readonly place: string;
  readonly state: ViewState;
  /** How long ago the store was heard. */
  readonly ageMs: number;
  /** Why it is not heard. */
  readonly trouble: string | undefined;
  /** Sorted by id. */
  readonly backends: readonly Backend[];
  /** Latencies seen, by id, the newest last. */
  readonly latencies: ReadonlyMap<string, readonly number[]>;
  /** What is left of a lease, by id, for those that were asked for. */
  readonly leases: ReadonlyMap<string, number>;
  readonly sort: Sort;
  readonly reversed: boolean;
  /** The first row that is seen. */
  readonly first: number;
}

interface Column {
  readonly title: string;
  readonly columns: number;
  readonly align?: 'right';
  text(backend: Backend, state: TopState): string;
  paint?(text: string, backend: Backend, state: TopState, style: Style): string;
}

const GAP = '  ';
/** Lines that are no backends: three above, the titles, and the keys. */
const FURNITURE = 5;
const LEAST_ID = 20;
/** A lease that ends sooner is told apart: by then a heartbeat should have come. */
const SHORT_LEASE_MS = 5_000;
const RANK: Readonly<Record<BackendStatus, number>> = { expired: 0, unhealthy: 1, draining: 2, healthy: 3 };

const ORDERS: Readonly<Record<Sort, (a: Backend, b: Backend) => number>> = {
  'in-flight': (a, b) => b.inFlightRequests - a.inFlightRequests,
  latency: (a, b) => b.overallAvgLatency - a.overallAvgLatency,
  'at-load': (a, b) => b.rifAvgLatency - a.rifAvgLatency,
  status: (a, b) => RANK[a.status] - RANK[b.status],
  backend: () => 0,
};

/** How many backends a screen of this size shows. */
export function rowsOf({ rows }: Size): number {
  return Math.max(0, rows - FURNITURE);
}

/** Those on the screen, in their order. */
export function seenOf(state: TopState, size: Size): readonly Backend[] {
  const height = rowsOf(size);
  const first = within(state.first, height, state.backends.length);
  return ordered(state).slice(first, first + height);
}

/** No more lines than the screen has rows, none wider than it. */
export function topFrame(state: TopState, size: Size, style: Style): readonly string[] {
  const { columns, rows } = size;
  const seen = seenOf(state, size);
  const layout = layoutFor(columns);
  const idColumns = Math.max(1, columns - layout.reduce((sum, column) => sum + column.columns + GAP.length, 0));
  const line = (id: string, cell: (column: Column) => string): string =>
    [pad(cut(id, idColumns), idColumns), ...layout.map(cell)].join(GAP).trimEnd();
  const fitted = (text: string, { columns: most, align }: Column): string => pad(cut(text, most), most, align);
  return [
    countsLine(state.backends, columns, style),
    cut(
      `${printable(state.place)}  in flight ${number(sum(state.backends))}  sorted by ${state.sort.replace('-', ' ')}${state.reversed ? ', reversed' : ''}`,
      columns,
    ),
    noticeLine(state, columns, style),
    style.dim(line('BACKEND', (column) => fitted(column.title, column))),
    ...seen.map((backend) =>
      line(printable(backend.id), (column) => {
        const text = fitted(column.text(backend, state), column);
        return column.paint?.(text, backend, state, style) ?? text;
      }),
    ),
    ...Array.from({ length: Math.max(0, rowsOf(size) - seen.length) }, () => ''),
    style.dim(footer(state, size, seen.length)),
  ].slice(0, rows);
}

function ordered({ backends, sort, reversed }: TopState): readonly Backend[] {
  const sorted = sort === 'backend' ? [...backends] : backends.toSorted(ORDERS[sort]);
  return reversed ? sorted.reverse() : sorted;
}

function layoutFor(columns: number): readonly Column[] {
  const spark = Math.max(8, Math.min(24, Math.floor((columns - 48) / 4)));
  // The most useful ones first: what does not fit beside an id is left out.
  const wanted = [STATUS, IN_FLIGHT, LATENCY, sparkColumn(spark), LEASE, AT_LOAD, ZONE];
  let left = columns - LEAST_ID;
  const fitting = wanted.filter((column) => {
    left -= column.columns + GAP.length;
    return left >= 0;
  });
  return [STATUS, IN_FLIGHT, AT_LOAD, LATENCY, ...fitting.filter(({ title }) => title === 'TREND'), LEASE, ZONE].filter(
    (column) => fitting.includes(column),
  );
}

const STATUS: Column = {
  title: 'STATUS',
  columns: 9,
  text: ({ status }) => status,
  paint: (text, { status }, _, style) => paintStatus(text, status, style),
};
const IN_FLIGHT: Column = {
  title: 'IN FLIGHT',
  columns: 9,
  align: 'right',
  text: ({ inFlightRequests }) => number(inFlightRequests),
};
const AT_LOAD: Column = {
  title: 'AT LOAD',
  columns: 7,
  align: 'right',
  text: ({ rifAvgLatency }) => showLatency(rifAvgLatency),
};
const LATENCY: Column = {
  title: 'LATENCY',
  columns: 7,
  align: 'right',
  text: ({ overallAvgLatency }) => showLatency(overallAvgLatency),
};
const LEASE: Column = {
  title: 'LEASE',
  columns: 5,
  align: 'right',
  text: (backend, state) => leaseOf(backend, state),
  paint: (text, { id, status }, { leases }, style) =>
    status !== 'expired' && (leases.get(id) ?? Number.POSITIVE_INFINITY) < SHORT_LEASE_MS ? style.yellow(text) : text,
};
const ZONE: Column = { title: 'ZONE', columns: 10, text: ({ zone }) => printable(zone ?? '-') };

function sparkColumn(columns: number): Column {
  return {
    title: 'TREND',
    columns,
    text: ({ id }, { latencies }) => sparkline(latencies.get(id) ?? [], columns),
    paint: (text, _, __, style) => style.cyan(text),
  };
}

/** While the store is not heard, nobody knows whether a heartbeat has come. */
function leaseOf({ id, status }: Backend, { leases, state }: TopState): string {
  if (status === 'expired') return 'ended';
  const left = leases.get(id);
  if (state === 'stale') return '?';
  return left === undefined ? '' : showDuration(left);
}

function countsLine(backends: readonly Backend[], columns: number, style: Style): string {
  const counts = new Map<BackendStatus, number>();
  for (const { status } of backends) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts: (readonly [text: string, painted: string])[] = [];
  const add = (text: string, paint: (text: string) => string): void => void parts.push([text, paint(text)]);
  add(backends.length === 1 ? '1 backend' : `${number(backends.length)} backends`, style.bold);
  for (const status of ['healthy', 'draining', 'unhealthy', 'expired'] as const) {
    const text = `${number(counts.get(status) ?? 0)} ${status}`;
    add(text, counts.has(status) ? (plain) => paintStatus(plain, status, style) : style.dim);
  }
  const plain = parts.map(([text]) => text).join(GAP);
  return plain.length <= columns ? parts.map(([, painted]) => painted).join(GAP) : cut(plain, columns);
}

function noticeLine({ state, ageMs, trouble }: TopState, columns: number, style: Style): string {
  if (state === 'stale') {
    const why = trouble === undefined ? '' : ` ${printable(trouble)}`;
    return style.red(cut(`STALE for ${showDuration(ageMs)}: this is what was seen last.${why}`, columns));
  }
  if (state === 'held')
    return style.yellow(
      cut('The store has lost its data: what was seen before stands while backends come back.', columns),
    );
  return '';
}

function footer({ backends, first }: TopState, size: Size, seen: number): string {
  const from = within(first, rowsOf(size), backends.length);
  const range =
    seen < backends.length ? `${number(from + 1)}-${number(from + seen)} of ${number(backends.length)}` : '';
  const keys = 'q quit  s sort  r reverse  ↑↓ PgUp PgDn scroll';
  return range === '' ? cut(keys, size.columns) : cut(`${keys}  ${range}`, size.columns);
}

function sum(backends: readonly Backend[]): number {
  return backends.reduce((total, { inFlightRequests }) => total + inFlightRequests, 0);
}

/** In whole numbers where it is one, with commas; `toLocaleString` would cost more than the rest of a frame. */
function number(value: number): string {
  const [whole = '', fraction] = String(Number(value.toPrecision(6))).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
