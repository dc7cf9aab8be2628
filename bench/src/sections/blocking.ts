/** How long one call keeps the server from everybody else's: the longest single command of every kind of work on a large registry. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BackendRegistry } from '@backend-registry/core';
import { buildScripts } from '@backend-registry/lua-build';
import { type RedisServer, type Reply, startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from '../clients.ts';
import { type Spread, spread } from '../measure.ts';
import { markdown, milliseconds, ms, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const FLEET = 10_000;
const REPEATS = 3;
const REPEATS_IN_FULL = 9;
const MOST_MS = 2;
/** Shorter commands are not written down: writing down takes time, too. */
const SLOWER_THAN_MICROS = 100;
/** What the bench itself asks, and a client that connects. */
const NOT_COUNTED = new Set(['AUTH', 'CONFIG', 'FLUSHALL', 'INFO', 'SCRIPT', 'SLOWLOG']);

const scripts = buildScripts(fileURLToPath(new URL('../../../packages/core/src/redis/lua', import.meta.url)));
const fleet = Array.from({ length: FLEET }, (_, n) => ({
  url: `http://10.0.${n >> 8}.${n & 255}`,
  port: 8000,
  zone: 'eu-1',
  metadata: { team: 'search' },
}));

/** What is done to a registry of 10,000, in this order. */
const phases: readonly (readonly [string, (work: Work) => Promise<unknown>])[] = [
  ['registerAll', ({ registry }) => registry.registerAll(fleet)],
  ['listBackends of a new handle', ({ other }) => other.listBackends()],
  ['heartbeatAll', ({ registry }) => registry.heartbeatAll(fleet)],
  ['registerAll again, all changed', ({ registry }) => registry.registerAll(fleet.map((b) => ({ ...b, weight: 2 })))],
  ['listBackends, all changed', ({ other }) => other.listBackends()],
  ['heartbeatAll, for a lease of 1 ms', ({ registry }) => registry.heartbeatAll(fleet.map(shortly))],
  ['listBackends, all expired', ({ other }) => other.listBackends()],
  ['cleanupExpiredBackends', ({ registry }) => registry.cleanupExpiredBackends()],
  ['listBackends, all removed', ({ other }) => other.listBackends()],
];

interface Work {
  readonly registry: BackendRegistry;
  readonly other: BackendRegistry;
}

function shortly(backend: (typeof fleet)[number]): { url: string; port: number; heartbeatTimeoutMs: number } {
  return { url: backend.url, port: backend.port, heartbeatTimeoutMs: 1 };
}

interface Row {
  readonly name: string;
  /** Of the command that took longest; of none where all were too short to be written down. */
  readonly slowest?: { readonly command: string; readonly ms: Spread; readonly usualMs: number };
}

export const blocking: Section<Row[]> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const [library] = libraries as [Library];
  const names = phases.map(([name]) => name).filter(wanted);
  if (names.length === 0) return undefined;
  const server = await startStandalone({
    args: ['--slowlog-log-slower-than', String(SLOWER_THAN_MICROS), '--slowlog-max-len', '100000'],
  });
  // So that each is sent by its SHA-1 from the beginning, and has its name in the log.
  for (const { source } of scripts) await server.cli('SCRIPT', 'LOAD', source);
  const spent = new Map(names.map((name) => [name, new Map<string, Spent>()]));
  const repeats = full ? REPEATS_IN_FULL : REPEATS;
  // The first warms up.
  for (let repeat = 0; repeat <= repeats; repeat += 1) {
    console.error(`measuring: the longest command, ${repeat} of ${repeats}`);
    await server.cli('FLUSHALL');
    const work = { registry: library.open(server.url, LASTING), other: library.open(server.url, LASTING) };
    for (const [name, act] of phases) {
      await server.cli('SLOWLOG', 'RESET');
      await act(work);
      const logged = await read(server);
      if (repeat > 0) add(logged, spent.get(name));
      await sleep(2); // so that leases of 1 ms have ended
    }
    for (const handle of Object.values(work)) await handle.close();
  }
  return [...spent].map(([name, commands]) => {
    // One that was written down in a few of the repeats only is short but for chance.
    const long = [...commands].filter(([, { longest }]) => longest.length * 2 > repeats);
    const [slowest] = long.sort(([, a], [, b]) => spread(b.longest).median - spread(a.longest).median);
    if (slowest === undefined) return { name };
    const [command, { longest, runs }] = slowest;
    const usual = runs.filter((times) => times.length * 2 > repeats).map((times) => spread(times).median);
    return { name, slowest: { command, ms: spread(longest), usualMs: spread(usual).high } };
  });
}

function text(rows: readonly Row[]): string {
  const size = `${FLEET.toLocaleString('en')} backends`;
  return markdown([size, 'longest command', 'its longest run: ms', '… but for chance: ms', 'target'], rows.map(cells));
}

function cells({ name, slowest }: Row): string[] {
  if (slowest === undefined) return [name, '', `< ${SLOWER_THAN_MICROS / 1_000}`, '', target(`≤ ${MOST_MS}`, true)];
  const { command, ms: most, usualMs } = slowest;
  return [name, command, milliseconds(most), ms(usualMs), target(`≤ ${MOST_MS}`, most.median <= MOST_MS)];
}

/** Milliseconds that one command took in one phase. */
interface Spent {
  /** The longest run of each repeat. */
  readonly longest: readonly number[];
  /** The first run of every repeat, the second of every repeat, … */
  readonly runs: readonly (readonly number[])[];
}

/** The times of each command of the registry since the log was emptied, in their order. */
async function read(server: RedisServer): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const newestFirst = (await server.cli('SLOWLOG', 'GET', '-1')) as readonly Reply[][];
  for (const entry of newestFirst.toReversed()) {
    const command = named(entry[3] as readonly string[]);
    if (NOT_COUNTED.has(command)) continue;
    times.set(command, [...(times.get(command) ?? []), Number(entry[2]) / 1_000]);
  }
  return times;
}

function add(logged: ReadonlyMap<string, readonly number[]>, to: Map<string, Spent> | undefined): void {
  for (const [command, times] of logged) {
    const { longest, runs } = to?.get(command) ?? { longest: [], runs: [] };
    to?.set(command, {
      longest: [...longest, spread(times).high],
      runs: Array.from({ length: Math.max(runs.length, times.length) }, (_, n) => [
        ...(runs[n] ?? []),
        ...times.slice(n, n + 1),
      ]),
    });
  }
}

function named([command = '', sha]: readonly string[]): string {
  const script = scripts.find((each) => each.sha === sha);
  return script === undefined ? command.toUpperCase() : `${script.name}.lua`;
}
