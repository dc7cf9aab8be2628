/** Registrations, heartbeats, updates and lists a second: ours, the peers and the limit, in turn. */
import { FOREIGN, Load, type Row, rows, type Sample } from '../load.ts';
import { type Spread, spread } from '../measure.ts';
import { count, failureText, markdown, ms } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import type { PeerServer } from '../servers/server.ts';
import { systems } from '../systems/index.ts';
import type { System, Work } from '../systems/system.ts';

/** What figures are compared with: the same client for most, doing the least. */
const LIMIT = 'limit: ioredis';
const LEASE_MS = 3_600_000;

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
  readonly load: Load;
}

async function measure({ wanted, full }: Asked): Promise<Speed | undefined> {
  const chosen = rows.filter((row) => wanted(row.name) && (full || row.long !== true));
  if (chosen.length === 0) return undefined;
  const left = rows.filter((row) => wanted(row.name) && !chosen.includes(row)).map(({ name }) => name);
  if (left.length > 0) console.error(`left to --full: ${left.join(', ')}`);
  const running: Running[] = [];
  /** Cells of those whose server did not start. */
  const absent: Record<string, Cell> = {};
  for (const system of systems) {
    try {
      running.push({ system, server: await system.start({}), load: new Load(system) });
    } catch (error) {
      absent[system.name] = failed(system, error);
    }
  }
  const measured: Speed['rows'][number][] = [];
  for (const row of chosen)
    measured.push({
      name: row.name,
      work: row.work,
      cells: { ...absent, ...(await cellsOf(row, running, full)) },
    });
  const about = systems.map((system) => {
    const { name, kind, about } = system;
    return { name, kind, about, version: running.find((each) => each.system === system)?.server.version ?? '' };
  });
  for (const { load, server } of running) {
    await load[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
  return { systems: about, rows: measured };
}

async function cellsOf(row: Row, running: readonly Running[], full: boolean): Promise<Record<string, Cell>> {
  const [rounds, windowMs] = full ? [5, 250] : [3, 100];
  const cells: Record<string, Cell> = {};
  const open: { running: Running; samples: Sample[] }[] = [];
  for (const each of running) {
    const { system, server } = each;
    const cannot = system.cannot[row.work] ?? (row.foreign === true && !system.redis ? 'no foreign keys' : undefined);
    if (cannot !== undefined || (row.foreign === true && server.crowd === undefined)) {
      cells[system.name] = { cannot: cannot ?? 'no foreign keys' };
      continue;
    }
    if (system.redis) await server.empty();
    if (row.foreign === true) await server.crowd?.(FOREIGN);
    try {
      await begin(each, row, 0);
      open.push({ running: each, samples: [] });
    } catch (error) {
      cells[system.name] = failed(system, error);
    }
  }
  // The first warms up.
  for (let round = 0; round <= rounds; round += 1) {
    console.error(`measuring: ${row.name}, round ${round} of ${rounds}`);
    for (const { running, samples } of open) {
      const { system, server, load } = running;
      if (cells[system.name] !== undefined) continue;
      try {
        // Whoever registers finds nobody registered.
        if (row.work === 'register' && round > 0) {
          if (system.redis) await server.empty();
          await begin(running, row, round);
        }
        const longer = round === 0 ? Math.max(2 * windowMs, system.warmUpMs ?? 0) : windowMs;
        const sample = await load.run(row, longer, server.pids);
        if (round > 0) samples.push(sample);
      } catch (error) {
        cells[system.name] = failed(system, error);
      }
    }
  }
  const limit = open.find(({ running: { system } }) => system.name === LIMIT)?.samples ?? [];
  for (const { running, samples } of open) {
    cells[running.system.name] ??= cellOf(samples, limit);
    await running.load.close();
  }
  return cells;
}

function failed({ name }: System, error: unknown): Cell {
  console.error(name, error);
  return { cannot: failureText(error) };
}

async function begin({ server, load }: Running, { fleet, work }: Row, round: number): Promise<void> {
  // In lower case: hydra finds no others.
  const space = `s${fleet}-${work.toLowerCase()}-${round}`;
  await load.open(server.endpoint, { space, leaseMs: LEASE_MS }, fleet);
}

function cellOf(samples: readonly Sample[], limit: readonly Sample[]): Cell {
  const thousands = samples.reduce((sum, { operations }) => sum + operations, 0) / 1_000;
  const total = (what: 'serverMs' | 'clientMs') => samples.reduce((sum, sample) => sum + sample[what], 0) / thousands;
  const ratios = samples.map(({ perSecond }, round) => perSecond / (limit[round]?.perSecond ?? Number.NaN));
  return {
    perSecond: spread(samples.map(({ perSecond }) => perSecond)),
    // None where the limit itself has failed.
    ...(ratios.every(Number.isFinite) ? { ratio: spread(ratios) } : {}),
    serverMs: total('serverMs'),
    clientMs: total('clientMs'),
  };
}

function text({ systems, rows }: Speed): string {
  const tables = rows.map(({ name, work, cells }) => {
    const head = [
      name,
      isList(work) ? 'ms a list (slowest – fastest round)' : '/s (lowest – highest)',
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
  if (perSecond === undefined) return [cannot ?? '', '', '', ''];
  const { median, low, high } = perSecond;
  const value = isList(work)
    ? `${ms(1_000 / median)} (${ms(1_000 / low)} – ${ms(1_000 / high)})`
    : `${count(median)} (${count(low)} – ${count(high)})`;
  return [
    value,
    ratio === undefined ? '' : ratioOf(ratio),
    serverMs === 0 ? '' : count(serverMs ?? 0),
    count(clientMs ?? 0),
  ];
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

export function isList(work: Work): boolean {
  return work === 'list' || work === 'firstList';
}
