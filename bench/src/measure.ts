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
  const rounds: { ours: number; limit: number }[] = [];
  // The first round warms up.
  for (let round = 0; round <= most; round += 1) {
    const once = row.everyRun;
    const limit =
      once === undefined ? await rate(row.limit, row.operations) : await slowRate(row.limit, row.operations, once);
    const ours =
      once === undefined ? await rate(row.ours, row.operations) : await slowRate(row.ours, row.operations, once);
    if (round > 0) rounds.push({ ours, limit });
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

/** What this share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
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
    const start = performance.now();
    await subject.run();
    times.push(performance.now() - start);
  }
  return (operations / spread(times).median) * 1e3;
}
