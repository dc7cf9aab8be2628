/** From a change to its watcher: ours, the peers and the limit, in turn. */
import { Delays } from '../delays.ts';
import { percentile, type Spread, spread } from '../measure.ts';
import { markdown, milliseconds } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import { systems } from '../systems/index.ts';
import type { Session, System } from '../systems/system.ts';
import { within } from '../within.ts';

/** Each backend changes once in a round: two changes of one could be told as none. */
const FLEET = 1_000;
const WARM_UP = 300;
/** Longer than a change may take: then it was never told. */
const PATIENCE_MS = 30_000;

interface Row {
  readonly name: string;
  readonly cannot?: string;
  readonly p50?: Spread;
  readonly p99?: Spread;
  /** By the limit's p50 in the same round. */
  readonly times?: Spread;
}

export const peersWatch: Section<Row[]> = { measure, text };

interface Running {
  readonly system: System;
  readonly writer: Session;
  readonly watcher: Session;
  readonly delays: Delays;
  readonly rounds: { p50: number; p99: number }[];
  close(): Promise<unknown>;
}

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const [rounds, changes] = full ? [7, FLEET] : [3, 300];
  const chosen = systems.filter(({ name }) => wanted(name));
  const running: Running[] = [];
  for (const system of chosen)
    if (system.cannot.watch === undefined) running.push(await within(PATIENCE_MS, system.name, start(system)));
  for (const { writer, delays } of running) await change(writer, delays, WARM_UP);
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`measuring: change → watcher, round ${round} of ${rounds}`);
    for (const { writer, delays, rounds: done } of running) {
      delays.take();
      await change(writer, delays, changes);
      const values = delays.take();
      done.push({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
    }
  }
  for (const each of running) await each.close();
  const limit = running.find(({ system }) => system.kind === 'limit')?.rounds ?? [];
  const rows = chosen.map(({ name, cannot }): Row => {
    const done = running.find(({ system }) => system.name === name)?.rounds;
    if (done === undefined) return { name, ...(cannot.watch === undefined ? {} : { cannot: cannot.watch }) };
    return {
      name,
      p50: spread(done.map(({ p50 }) => p50)),
      p99: spread(done.map(({ p99 }) => p99)),
      times: spread(done.map(({ p50 }, round) => p50 / (limit[round]?.p50 ?? Number.NaN))),
    };
  });
  return rows.length === 0 ? undefined : rows;
}

async function start(system: System): Promise<Running> {
  const server = await system.start({});
  const options = { space: 'watched', leaseMs: 3_600_000 };
  const [writer, watcher] = [await system.open(server.endpoint, options), await system.open(server.endpoint, options)];
  await writer.fill(FLEET);
  const delays = new Delays();
  await watcher.watch?.({ seen: delays.seen, gone: () => undefined });
  return {
    system,
    writer,
    watcher,
    delays,
    rounds: [],
    async close() {
      await watcher.close();
      await writer.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The next change when the last one was acknowledged and seen. */
async function change(writer: Session, delays: Delays, changes: number): Promise<void> {
  for (let n = 0; n < changes; n += 1) {
    delays.begin(n);
    const late = setTimeout(() => {
      throw new Error(`Change ${n} was never seen`);
    }, PATIENCE_MS);
    const acknowledged = writer.change?.(n);
    await delays.allSeen();
    await acknowledged;
    clearTimeout(late);
  }
}

function text(rows: readonly Row[]): string {
  return markdown(
    ['change → watcher', 'p50 ms', 'p99 ms', 'p50, times the limit (lowest – highest)'],
    rows.map(({ name, cannot, p50, p99, times }) =>
      p50 === undefined || p99 === undefined || times === undefined
        ? [name, cannot ?? '', '', '']
        : [
            name,
            milliseconds(p50),
            milliseconds(p99),
            `${times.median.toFixed(1)} (${times.low.toFixed(1)} – ${times.high.toFixed(1)})`,
          ],
    ),
  );
}
