/** From a change to its watcher: ours, the peers and the limit, in turn. */
import { FLEET, Load, type Seen } from '../load.ts';
import { type Spread, spread } from '../measure.ts';
import { failureText, markdown, milliseconds } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import type { PeerServer } from '../servers/server.ts';
import { systems } from '../systems/index.ts';
import { rawClient } from '../systems/raw.ts';
import type { System } from '../systems/system.ts';

const WARM_UP_MS = 500;

interface Row {
  readonly name: string;
  readonly cannot?: string;
  readonly p50?: Spread;
  readonly p99?: Spread;
  /** By the p50 of the limit, the same client's, in the same round, where that is measured. */
  readonly times?: Spread;
}

export const peersWatch: Section<Row[]> = { measure, text };

interface Running {
  readonly system: System;
  readonly server: PeerServer;
  readonly load: Load;
  readonly rounds: Seen[];
}

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const [rounds, changes] = full ? [7, FLEET] : [3, 300];
  const chosen = systems.filter(({ name }) => wanted(name));
  const running: Running[] = [];
  const failures = new Map<System, string>();
  const attempt = async (system: System, act: () => Promise<unknown>) => {
    if (failures.has(system)) return;
    try {
      await act();
    } catch (error) {
      console.error(system.name, error);
      failures.set(system, failureText(error));
    }
  };
  for (const system of chosen) {
    if (system.cannot.watch !== undefined) continue;
    await attempt(system, async () => {
      const each: Running = { system, server: await system.start({}), load: new Load(system), rounds: [] };
      running.push(each);
      await begin(each);
    });
  }
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`measuring: change → watcher, round ${round} of ${rounds}`);
    for (const each of running)
      await attempt(each.system, async () => each.rounds.push(await each.load.change(changes)));
  }
  for (const { load, server } of running) {
    await load[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
  const limit = failures.has(rawClient) ? undefined : running.find(({ system }) => system === rawClient)?.rounds;
  const rows = chosen.map((system): Row => {
    const { name } = system;
    const cannot = system.cannot.watch ?? failures.get(system);
    if (cannot !== undefined) return { name, cannot };
    const done = running.find((each) => each.system === system)?.rounds ?? [];
    return {
      name,
      p50: spread(done.map(({ p50 }) => p50)),
      p99: spread(done.map(({ p99 }) => p99)),
      ...(limit === undefined ? {} : { times: spread(done.map(({ p50 }, round) => p50 / (limit[round]?.p50 ?? p50))) }),
    };
  });
  return rows.length === 0 ? undefined : rows;
}

/** Writer and watcher are two clients in one process, so that one clock says how long it took. */
async function begin({ system, server, load }: Running): Promise<void> {
  await load.open(server.endpoint, { space: 'watched', leaseMs: 3_600_000 }, FLEET, true);
  const until = performance.now() + (system.warmUpMs ?? WARM_UP_MS);
  while (performance.now() < until) await load.change(100);
}

function text(rows: readonly Row[]): string {
  return markdown(
    ['change → watcher', 'p50 ms', 'p99 ms', 'p50, times the limit (lowest – highest)'],
    rows.map(({ name, cannot, p50, p99, times }) =>
      p50 === undefined || p99 === undefined
        ? [name, cannot ?? '', '', '']
        : [name, milliseconds(p50), milliseconds(p99), times === undefined ? '' : timesOf(times)],
    ),
  );
}

function timesOf({ median, low, high }: Spread): string {
  return `${median.toFixed(1)} (${low.toFixed(1)} – ${high.toFixed(1)})`;
}
