/** Registrations, heartbeats and lists a second: ours, the peers and the limit, in turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Spread, spread } from '../measure.ts';
import { processorMs } from '../process-use.ts';
import { count, markdown, ms } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import type { PeerServer } from '../servers/server.ts';
import { systems } from '../systems/index.ts';
import { IN_FLIGHT, type Session, type System, type Work } from '../systems/system.ts';
import { within } from '../within.ts';

const FLEET = 1_000;
const FOREIGN = 1_000_000;
/** What figures are compared with: the same client for most, doing the least. */
const LIMIT = 'limit: ioredis';
const LEASE_MS = 3_600_000;
/** Of one system, for one round. */
const LONGEST_MS = 60_000;

interface Row {
  readonly name: string;
  readonly work: Work;
  /** How many are registered before. */
  readonly fleet: number;
  /** Begins with an empty store, in a space of its own. */
  readonly foreign?: boolean;
  /** Takes so long that only a full run has it. */
  readonly long?: boolean;
  /** Runs until the time is over, and resolves to how many operations there were. */
  run(session: Session, over: () => boolean): Promise<number>;
}

const rows: readonly Row[] = [
  {
    name: 'heartbeat, one by one',
    work: 'heartbeat',
    fleet: FLEET,
    async run(session, over) {
      let done = 0;
      while (!over()) {
        await session.heartbeat?.(done % FLEET);
        done += 1;
      }
      return done;
    },
  },
  {
    name: `heartbeat, ${IN_FLIGHT} in flight`,
    work: 'heartbeat',
    fleet: FLEET,
    run: (session, over) => together(over, async (n) => session.heartbeat?.(n % FLEET)),
  },
  {
    name: `heartbeat, ${count(FLEET)} at once`,
    work: 'heartbeatAll',
    fleet: FLEET,
    async run(session, over) {
      let done = 0;
      while (!over()) {
        await session.heartbeatAll?.(FLEET);
        done += FLEET;
      }
      return done;
    },
  },
  ...[10, 100, 1_000, 10_000].map((fleet) => listOf(fleet)),
  { ...listOf(FLEET), name: `list of ${count(FLEET)} among ${count(FOREIGN)} foreign keys`, foreign: true, long: true },
  {
    name: `register, ${IN_FLIGHT} in flight`,
    work: 'register',
    fleet: 0,
    run: (session, over) => together(over, async (n) => session.register?.(n)),
  },
];

function listOf(fleet: number): Row {
  return {
    name: `list of ${count(fleet)}`,
    work: 'list',
    fleet,
    long: fleet !== FLEET,
    async run(session, over) {
      let done = 0;
      do {
        const listed = await session.list?.();
        if (listed !== fleet) throw new Error(`${listed} of ${fleet} are listed`);
        done += 1;
      } while (!over());
      return done;
    },
  };
}

async function together(over: () => boolean, act: (n: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const work = async () => {
    while (!over()) await act(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return next;
}

interface Cell {
  /** Operations a second. */
  readonly perSecond?: Spread;
  /** By the limit's in the same round. */
  readonly ratio?: Spread;
  /** Milliseconds of a processor for a thousand operations. */
  readonly serverMs?: number;
  readonly clientMs?: number;
  /** Why there are none. */
  readonly cannot?: string;
}

export interface Speed {
  readonly systems: readonly { name: string; kind: System['kind']; about: string; version: string }[];
  readonly rows: readonly {
    readonly name: string;
    readonly work: Work;
    readonly cells: Readonly<Record<string, Cell>>;
  }[];
}

export const peersSpeed: Section<Speed> = { measure, text };

interface Running {
  readonly system: System;
  readonly server: PeerServer;
}

interface Sample {
  readonly perSecond: number;
  readonly operations: number;
  readonly serverMs: number;
  readonly clientMs: number;
}

async function measure({ wanted, full }: Asked): Promise<Speed | undefined> {
  const chosen = rows.filter((row) => wanted(row.name) && (full || row.long !== true));
  if (chosen.length === 0) return undefined;
  const running: Running[] = [];
  for (const system of systems) running.push({ system, server: await system.start({}) });
  const measured: Speed['rows'][number][] = [];
  for (const row of chosen) measured.push({ name: row.name, work: row.work, cells: await cellsOf(row, running, full) });
  const about = running.map(({ system: { name, kind, about }, server: { version } }) => ({
    name,
    kind,
    about,
    version,
  }));
  for (const { server } of running) await server[Symbol.asyncDispose]();
  return { systems: about, rows: measured };
}

async function cellsOf(row: Row, running: readonly Running[], full: boolean): Promise<Record<string, Cell>> {
  const [rounds, windowMs] = full ? [5, 250] : [3, 100];
  const cells: Record<string, Cell> = {};
  const open: { running: Running; session: Session; samples: Sample[] }[] = [];
  for (const each of running) {
    const { system, server } = each;
    const cannot = system.cannot[row.work] ?? (row.foreign === true && !system.redis ? 'no foreign keys' : undefined);
    if (cannot !== undefined || (row.foreign === true && server.crowd === undefined)) {
      cells[system.name] = { cannot: cannot ?? 'no foreign keys' };
      continue;
    }
    if (system.redis) await server.empty();
    if (row.foreign === true) await server.crowd?.(FOREIGN);
    open.push({ running: each, session: await within(LONGEST_MS, system.name, opened(each, row, 0)), samples: [] });
  }
  // The first warms up.
  for (let round = 0; round <= rounds; round += 1) {
    console.error(`measuring: ${row.name}, round ${round} of ${rounds}`);
    for (const entry of open) {
      const { system, server } = entry.running;
      if (cells[system.name] !== undefined) continue;
      try {
        // Whoever registers finds nobody registered.
        if (row.work === 'register' && round > 0) {
          await entry.session.close();
          if (system.redis) await server.empty();
          entry.session = await opened(entry.running, row, round);
        }
        if (entry.session.fades) await entry.session.fill(row.fleet);
        const sample = await within(LONGEST_MS, system.name, window(row, entry.session, server, windowMs));
        if (round > 0) entry.samples.push(sample);
      } catch (error) {
        console.error(system.name, error);
        const why = entry.session.fades ? 'what it lists ends before the list does' : String(error).split('\n')[0];
        cells[system.name] = { cannot: `failed: ${why}` };
      }
    }
  }
  const limit = open.find(({ running: { system } }) => system.name === LIMIT)?.samples ?? [];
  for (const { running, session, samples } of open) {
    cells[running.system.name] ??= cellOf(samples, limit);
    await session.close();
  }
  return cells;
}

async function opened({ system, server }: Running, row: Row, round: number): Promise<Session> {
  const space = `s${row.fleet}-${row.work}-${round}`;
  const session = await system.open(server.endpoint, { space, leaseMs: LEASE_MS });
  if (row.fleet > 0) await session.fill(row.fleet);
  else await session.fill(0);
  return session;
}

async function window(row: Row, session: Session, { pids }: PeerServer, windowMs: number): Promise<Sample> {
  await sleep(5); // what came before is over
  const before = { server: processorMs(pids), client: process.cpuUsage(), at: performance.now() };
  const operations = await row.run(session, () => performance.now() - before.at >= windowMs);
  const passedMs = performance.now() - before.at;
  const { user, system } = process.cpuUsage(before.client);
  return {
    perSecond: (operations / passedMs) * 1_000,
    operations,
    serverMs: processorMs(pids) - before.server,
    clientMs: (user + system) / 1_000,
  };
}

function cellOf(samples: readonly Sample[], limit: readonly Sample[]): Cell {
  const thousands = samples.reduce((sum, { operations }) => sum + operations, 0) / 1_000;
  const total = (what: 'serverMs' | 'clientMs') => samples.reduce((sum, sample) => sum + sample[what], 0) / thousands;
  return {
    perSecond: spread(samples.map(({ perSecond }) => perSecond)),
    ratio: spread(samples.map(({ perSecond }, round) => perSecond / (limit[round]?.perSecond ?? Number.NaN))),
    serverMs: total('serverMs'),
    clientMs: total('clientMs'),
  };
}

function text({ systems, rows }: Speed): string {
  const tables = rows.map(({ name, work, cells }) => {
    const head = [
      name,
      work === 'list' ? 'ms a list (slowest – fastest round)' : '/s (lowest – highest)',
      'by the limit (lowest – highest)',
      'server: ms of a processor for 1,000',
      'client: ms of a processor for 1,000',
    ];
    return markdown(
      head,
      systems.map((system) => [system.name, ...figures(cells[system.name] ?? {}, work)]),
    );
  });
  const about = systems.map(
    ({ name, about, version }) => `- ${name}: ${about}${version === '' ? '' : ` (server ${version})`}.`,
  );
  return [...tables, 'What they are:', about.join('\n')].join('\n\n');
}

function figures({ perSecond, ratio, serverMs, clientMs, cannot }: Cell, work: Work): string[] {
  if (perSecond === undefined || ratio === undefined) return [cannot ?? '', '', '', ''];
  const { median, low, high } = perSecond;
  const value =
    work === 'list'
      ? `${ms(1_000 / median)} (${ms(1_000 / low)} – ${ms(1_000 / high)})`
      : `${count(median)} (${count(low)} – ${count(high)})`;
  return [value, ratioOf(ratio), serverMs === 0 ? '' : count(serverMs ?? 0), count(clientMs ?? 0)];
}

export function ratioOf({ median, low, high }: Spread): string {
  return `${short(median)} × (${short(low)} – ${short(high)})`;
}

function short(value: number): string {
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.1
        ? value.toFixed(2)
        : value.toFixed(4).replace(/0+$/, '');
}
