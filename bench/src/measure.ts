/** Measures what is compared in turn, A B C A B C …, so that a machine whose speed drifts does so for all of them. */
import { measure } from 'mitata';

/** One way of doing the work of a row. */
export interface Subject {
  /** Does the work `operations` times. Set-up that must not be measured belongs into `prepare`. */
  run(): unknown;
  prepare?(): unknown;
}

export interface Row {
  readonly name: string;
  /** How many operations one `run` is. */
  readonly operations: number;
  readonly ours: Subject;
  /** The least that the job could need: the 1.0 of the ratio. */
  readonly limit: Subject;
  /** In words. */
  readonly limitIs: string;
  /** The target of the project for this row, operations a second. */
  readonly target?: number;
  /** Or as a ratio to the limit. */
  readonly targetRatio?: number;
  /** One run of each after the other: where a run is one call over a network, what it takes depends on how long both processes have slept before it. */
  readonly inTurn?: boolean;
  /** What must be done before every single run of ours, unmeasured: then it runs a few times only. */
  everyRun?(): Promise<void>;
}

export interface Result {
  readonly name: string;
  /** Operations a second, median over the rounds, with the lowest and the highest. */
  readonly ours: Spread;
  readonly limit: Spread;
  /** Ours by the limit in the same round: median over the rounds, with the lowest and the highest. */
  readonly ratio: Spread;
  readonly limitIs: string;
  readonly target?: number | undefined;
  readonly targetRatio?: number | undefined;
}

export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const ROUNDS = 3;
const ROUNDS_IN_FULL = 7;
const ROUND_NS = 80_000_000;

/** The wanted rows, one after the other. */
export async function compareAll(
  rows: readonly Row[],
  wanted: (name: string) => boolean,
  full: boolean,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    if (!wanted(row.name)) continue;
    console.error(`measuring: ${row.name}`);
    results.push(await compare(row, full ? ROUNDS_IN_FULL : ROUNDS));
  }
  return results;
}

async function compare(row: Row, most: number): Promise<Result> {
  const rounds: Rates[] = [];
  // The first round warms up.
  for (let round = 0; round <= most; round += 1) {
    const measured = await (row.inTurn === true ? ratesInTurn(row) : rates(row, round % 2 === 0));
    if (round > 0) rounds.push(measured);
  }
  return {
    name: row.name,
    ours: spread(rounds.map(({ ours }) => ours)),
    limit: spread(rounds.map(({ limit }) => limit)),
    ratio: spread(rounds.map(({ ours, limit }) => ours / limit)),
    limitIs: row.limitIs,
    target: row.target,
    targetRatio: row.targetRatio,
  };
}

export function spread(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), low: percentile(values, 0), high: percentile(values, 1) };
}

/** What this share of the values does not exceed; between two of them, on the line from one to the other, so that the median of two is their mean. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}

interface Rates {
  readonly ours: number;
  readonly limit: number;
}

async function rates({ ours, limit, operations, everyRun }: Row, oursFirst: boolean): Promise<Rates> {
  const one = (subject: Subject) =>
    everyRun === undefined ? rate(subject, operations) : slowRate(subject, operations, everyRun);
  // One after the other: neither pays for the other. Every other round the other way round: a processor that has worked is a faster one, or a hotter one.
  const before = oursFirst ? await one(ours) : undefined;
  const least = await one(limit);
  return { limit: least, ours: before ?? (await one(ours)) };
}

async function ratesInTurn({ ours, limit, operations }: Row): Promise<Rates> {
  const times = { ours: [] as number[], limit: [] as number[] };
  const end = performance.now() + (2 * ROUND_NS) / 1e6;
  while (performance.now() < end || times.ours.length < 3) {
    times.limit.push(await timeOf(limit));
    times.ours.push(await timeOf(ours));
  }
  const rateOf = (all: readonly number[]) => (operations / spread(all).median) * 1e3;
  return { ours: rateOf(times.ours), limit: rateOf(times.limit) };
}

async function timeOf(subject: Subject): Promise<number> {
  const start = performance.now();
  await subject.run();
  return performance.now() - start;
}

/** Operations a second in one round. */
async function rate(subject: Subject, operations: number): Promise<number> {
  await subject.prepare?.();
  const options = { min_cpu_time: ROUND_NS, min_samples: 3, warmup_samples: 0, batch_samples: 1, batch_threshold: 0 };
  const { p50 } = await measure(() => subject.run(), options);
  return (operations / p50) * 1e9;
}

/** The same, with something to do before every run. */
async function slowRate(subject: Subject, operations: number, before: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    await before();
    times.push(await timeOf(subject));
  }
  return (operations / spread(times).median) * 1e3;
}
