/** From `kill -9` of a backend to the moment that a proxy knows: ours, the peers and the limit, all with a lease of three seconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Announcer, startAnnouncer } from '../announcers.ts';
import { percentile, type Spread, spread } from '../measure.ts';
import { markdown } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import { keepers } from '../systems/index.ts';
import type { System } from '../systems/system.ts';
import { within } from '../within.ts';

const LEASE_MS = 3_000;
/** How often whoever is not told asks. */
const ASK_EVERY_MS = 20;
/** Backends are killed in groups of so many processes, and so many systems at a time. */
const PROCESSES = 4;
const SYSTEMS_AT_ONCE = 3;
/** Those who live on, in one process: so many that what is killed is no mass eviction. */
const LIVING = Array.from({ length: 12 }, (_, n) => 100 + n);
/** What has not gone after so long will not go. */
const PATIENCE_MS = 20_000;
/** Of one group of one system, all in all: a machine that is too busy for it has no samples. */
const LONGEST_MS = 120_000;

interface Row {
  readonly name: string;
  readonly tells: boolean;
  /** How a proxy that is not told finds out, where it does not ask. */
  readonly looks?: string;
  readonly cannot?: string;
  readonly samples?: number;
  /** Of the medians of the rounds. */
  readonly p50?: Spread;
  /** Of all that went: so few samples have no p99. */
  readonly longest?: number;
  /** Those that were still there at the end. */
  readonly left?: number;
}

export const peersCrash: Section<Row[]> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const chosen = keepers.filter(({ name }) => wanted(name));
  if (chosen.length === 0) return undefined;
  const rounds = full ? 3 : 1;
  /** By system, of each round. */
  const delays = new Map<string, number[][]>(chosen.map(({ name }) => [name, []]));
  const able = chosen.filter(({ cannot }) => cannot.announce === undefined);
  for (let round = 1; round <= rounds; round += 1)
    for (let first = 0; first < able.length; first += SYSTEMS_AT_ONCE) {
      console.error(`measuring: kill -9 → gone, round ${round} of ${rounds}, from system ${first + 1} on`);
      const group = able.slice(first, first + SYSTEMS_AT_ONCE);
      const results = await Promise.all(group.map((system) => killedInTime(system, round)));
      for (const [at, { name }] of group.entries()) delays.get(name)?.push(results[at] ?? []);
    }
  return chosen.map(({ name, tells, looks, cannot }): Row => {
    if (cannot.announce !== undefined) return { name, tells, cannot: cannot.announce };
    const rounds = delays.get(name) ?? [];
    const samples = rounds.flat().length;
    if (samples === 0) return { name, tells, cannot: 'did not come up in time on a busy machine' };
    const gone = rounds.map((round) => round.filter(Number.isFinite)).filter((round) => round.length > 0);
    const left = samples - gone.flat().length;
    if (left === samples)
      return { name, tells, cannot: `all ${samples} were still there after ${PATIENCE_MS / 1_000} s` };
    const p50 = spread(gone.map((round) => percentile(round, 0.5)));
    const known = looks === undefined ? {} : { looks };
    return { name, tells, ...known, samples, p50, longest: Math.max(...gone.flat()), left };
  });
}

async function killedInTime(system: System, round: number): Promise<number[]> {
  try {
    return await within(LONGEST_MS, system.name, killed(system, round));
  } catch (error) {
    console.error(error);
    return [];
  }
}

/** Milliseconds until each was gone; infinite where it stayed. */
async function killed(system: System, round: number): Promise<number[]> {
  await using server = await system.start({});
  const options = { space: `crash-${round}`, leaseMs: LEASE_MS };
  const numbers = Array.from({ length: PROCESSES }, (_, n) => n + 1);
  const announcers = new Map<number, Announcer>();
  await Promise.all(
    numbers.map(async (n) => announcers.set(n, await startAnnouncer(system, server.endpoint, options, [n]))),
  );
  const living = await startAnnouncer(system, server.endpoint, options, LIVING);
  const observer = await system.open(server.endpoint, options);
  await observer.tend?.();
  const goneAt = new Map<number, number>();
  const killedAt = new Map<number, number>();
  const gone = (n: number) => {
    if (killedAt.has(n) && !goneAt.has(n)) goneAt.set(n, performance.now());
  };
  if (system.tells) await observer.watch?.({ seen: () => undefined, gone });
  while ((await observer.live?.())?.size !== PROCESSES + LIVING.length) await sleep(ASK_EVERY_MS);

  const asking = system.tells ? undefined : ask();
  for (const n of numbers) {
    await sleep(150 + 300 * Math.random());
    killedAt.set(n, performance.now());
    announcers.get(n)?.kill();
  }
  const deadline = performance.now() + PATIENCE_MS;
  while (goneAt.size < PROCESSES && performance.now() < deadline) await sleep(ASK_EVERY_MS);
  const over = goneAt.size;
  await asking;
  await living.close();
  await observer.close();
  if (over < PROCESSES) console.error(`${system.name}: ${PROCESSES - over} stayed`);
  return numbers.map((n) => (goneAt.get(n) ?? Number.POSITIVE_INFINITY) - (killedAt.get(n) ?? 0));

  async function ask(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (goneAt.size < PROCESSES && performance.now() < until) {
      // A client may wait for ever for an answer: whoever asks asks again.
      const live = await Promise.race([observer.live?.(), sleep(1_000, undefined)]);
      for (const n of killedAt.keys()) if (live?.has(n) === false) gone(n);
      await sleep(ASK_EVERY_MS);
    }
  }
}

function text(rows: readonly Row[]): string {
  return markdown(
    [
      'kill −9 → gone, a lease of 3 s',
      'p50 s (lowest – highest round)',
      'longest s',
      'killed',
      `still there after ${PATIENCE_MS / 1_000} s`,
      'how a proxy knows',
    ],
    rows.map(({ name, tells, looks, cannot, samples, p50, longest, left }) =>
      p50 === undefined || longest === undefined
        ? [name, cannot ?? '', '', '', '', '']
        : [
            name,
            `${seconds(p50.median)} (${seconds(p50.low)} – ${seconds(p50.high)})`,
            seconds(longest),
            String(samples),
            String(left),
            tells ? 'it is told' : (looks ?? `it asks, here every ${ASK_EVERY_MS} ms`),
          ],
    ),
  );
}

function seconds(value: number): string {
  return (value / 1_000).toFixed(2);
}
