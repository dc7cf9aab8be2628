/** Where the time of the server goes: to its process, in it to a script, in that to the commands that it runs, and to Lua. The limit's command stands beside. */
import type { BackendRegistration } from '@backend-registry/core';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from '../clients.ts';
import { percentile, type Spread, spread } from '../measure.ts';
import { count, markdown } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import { IN_FLIGHT, inFlight } from '../systems/system.ts';

const FLEET = 1_000;
const SIZE = count(FLEET);
/** Handles that list what has changed, so that changing everything is not most of the work. */
const READERS = 8;
const BEAT = '1694234567.123456';
/** What the bench itself asks. */
const NOT_COUNTED = /^(?:auth|config|info)(?:\||$)/;
const SCRIPT = /^eval(?:sha)?$/;

interface Work {
  readonly name: string;
  /** How many one run does: of these, one is told. */
  readonly times: number;
  /** Before every run, and not measured. Without it, runs follow each other. */
  prepare?(): Promise<unknown>;
  run(): Promise<unknown>;
  /** Commands that are sent beside the scripts; no script of this work runs them. */
  readonly beside?: readonly string[];
}

/** µs of a processor for one operation. */
interface Micros {
  readonly client: number;
  readonly server: number;
  /** What the server counts for each command. Those of a script are counted once more in the script. */
  readonly commands: Readonly<Record<string, number>>;
}

interface Row extends Micros {
  readonly name: string;
  /** Of all rounds. The rest is of the round whose server took the median, so that it adds up. */
  readonly rounds: Spread;
  readonly beside: readonly string[];
}

export const profile: Section<Row[]> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const [rounds, roundMs] = full ? [7, 1_000] : [3, 300];
  await using server = await startStandalone();
  const works = (await worksOn(server.url)).filter(({ name }) => wanted(name));
  const measured = works.map((work) => ({ work, rounds: [] as Micros[] }));
  // The first warms up.
  for (let round = 0; round <= rounds; round += 1) {
    console.error(`measuring: where time goes, round ${round} of ${rounds}`);
    for (const { work, rounds } of measured) {
      const micros = await roundOf(work, server, roundMs);
      if (round > 0) rounds.push(micros);
    }
  }
  return works.length === 0 ? undefined : measured.map(({ work, rounds }) => rowOf(work, rounds));
}

async function worksOn(url: string): Promise<Work[]> {
  const [{ connect }] = libraries as [Library];
  const client = await connect(url);
  const open = () => client.registry(LASTING);
  const [registry, ...readers] = [open(), ...Array.from({ length: READERS }, open)];
  const backends = Array.from(
    { length: FLEET },
    (_, n): BackendRegistration => ({ url: `http://10.0.${n >> 8}.${n & 255}`, port: 8000 }),
  );
  await registry.registerAll(backends);
  const listed = await registry.listBackends();
  const incarnated = listed.map(({ url, port, incarnation }) => ({ url, port, incarnation }));
  const document = JSON.stringify(listed[0]);
  const keys = listed.map(({ id }) => `raw:${id}`);
  await client.mset(keys.flatMap((key) => [key, document]));
  const beats = keys.flatMap((key) => [`${key}:beat`, BEAT]);
  let weight = 1;
  let health = true;
  return [
    { name: `heartbeatAll of ${SIZE}`, times: FLEET, run: () => registry.heartbeatAll(backends) },
    { name: `heartbeatAll of ${SIZE}, with incarnations`, times: FLEET, run: () => registry.heartbeatAll(incarnated) },
    { name: `limit: MSET of ${SIZE} times`, times: FLEET, run: () => client.mset(beats) },
    {
      name: 'heartbeat with an incarnation, one by one',
      times: 1,
      run: () => registry.heartbeat(incarnated[0] as (typeof incarnated)[number]),
    },
    {
      name: `heartbeat, ${IN_FLIGHT} in flight`,
      times: FLEET,
      run: () => inFlight(backends, (backend) => registry.heartbeat(backend)),
    },
    {
      name: `limit: SET of a time, ${IN_FLIGHT} in flight`,
      times: FLEET,
      run: () => inFlight(keys, (key) => client.set(`${key}:beat`, BEAT)),
    },
    {
      name: `register, ${IN_FLIGHT} in flight, all changed`,
      times: FLEET,
      run() {
        weight += 1;
        return inFlight(backends, (backend) => registry.register({ ...backend, weight }));
      },
    },
    {
      name: `updateBackendHealth, ${IN_FLIGHT} in flight`,
      times: FLEET,
      run() {
        health = !health;
        return inFlight(backends, (backend) => registry.updateBackendHealth(backend, health));
      },
    },
    {
      name: `limit: SET of the document, ${IN_FLIGHT} in flight`,
      times: FLEET,
      run: () => inFlight(keys, (key) => client.set(key, document)),
    },
    {
      name: `listBackends of ${SIZE}, nothing changed`,
      times: 1,
      beside: ['mget'],
      run: () => registry.listBackends(),
    },
    { name: 'limit: PING', times: 1, run: () => client.ping() },
    {
      name: `listBackends of ${SIZE}, all changed`,
      times: READERS,
      beside: ['mget'],
      prepare() {
        weight += 1;
        return registry.registerAll(backends.map((backend) => ({ ...backend, weight })));
      },
      async run() {
        for (const reader of readers) await reader.listBackends();
      },
    },
    {
      name: `limit: MGET and JSON.parse of ${SIZE} documents`,
      times: 1,
      run: async () => (await client.mget(keys)).map((text) => JSON.parse(text ?? '')),
    },
  ];
}

async function roundOf({ times, prepare, run }: Work, server: RedisServer, roundMs: number): Promise<Micros> {
  const sum = { operations: 0, client: 0, server: 0, commands: new Map<string, number>() };
  let passedMs = 0;
  if (prepare === undefined) await run(); // what another work has changed is seen
  while (passedMs < roundMs) {
    await prepare?.();
    await server.cli('CONFIG', 'RESETSTAT');
    const before = { server: await processMicros(server), client: process.cpuUsage(), at: performance.now() };
    do {
      await run();
      sum.operations += times;
    } while (prepare === undefined && performance.now() - before.at < roundMs);
    const { user, system } = process.cpuUsage(before.client);
    passedMs += performance.now() - before.at;
    sum.server += (await processMicros(server)) - before.server;
    sum.client += user + system;
    for (const [command, micros] of await commandMicros(server))
      sum.commands.set(command, (sum.commands.get(command) ?? 0) + micros);
  }
  const each = (micros: number) => micros / sum.operations;
  const commands = [...sum.commands].map(([command, micros]) => [command, each(micros)] as const);
  return { client: each(sum.client), server: each(sum.server), commands: Object.fromEntries(commands) };
}

/** Of all its threads, as the server has it from the system: in µs, where Linux shows others hundredths of a second. */
async function processMicros(server: RedisServer): Promise<number> {
  const info = String(await server.cli('INFO', 'cpu'));
  const seconds = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, value]) => Number(value));
  return 1e6 * seconds.reduce((sum, value) => sum + value, 0);
}

async function commandMicros(server: RedisServer): Promise<(readonly [string, number])[]> {
  const info = String(await server.cli('INFO', 'commandstats'));
  return [...info.matchAll(/^cmdstat_(\S+?):calls=\d+,usec=(\d+)/gm)]
    .map(([, command = '', micros]) => [command, Number(micros)] as const)
    .filter(([command]) => !NOT_COUNTED.test(command));
}

function rowOf({ name, beside = [] }: Work, rounds: readonly Micros[]): Row {
  const servers = rounds.map(({ server }) => server);
  const median = percentile(servers, 0.5);
  const typical = rounds.find(({ server }) => server === median) as Micros;
  return { name, ...typical, rounds: spread(servers), beside };
}

function text(rows: readonly Row[]): string {
  const head = [
    'µs for one',
    'client',
    'server process (lowest – highest)',
    'script',
    'of that commands',
    'of that Lua',
    'commands',
  ];
  return [
    markdown(head, rows.map(cells)),
    'The times of client and server are those that they had on a processor, for one heartbeat, registration, change or list. That of a script and its commands is what the server counts for them; the rest of a script is Lua, texts and arguments, and the rest of the process is reading, answering and the system.',
  ].join('\n\n');
}

function cells({ name, client, server, rounds: { low, high }, commands, beside }: Row): string[] {
  const all = Object.entries(commands).sort(([, a], [, b]) => b - a);
  const script = sumOf(all.filter(([command]) => SCRIPT.test(command)));
  const run = all.filter(([command]) => !SCRIPT.test(command));
  const process = `${count(server)} (${count(low)} – ${count(high)})`;
  if (script === 0) return [name, count(client), process, '', '', '', list(run)];
  const inside = run.filter(([command]) => !beside.includes(command));
  const outside = run.filter(([command]) => beside.includes(command));
  const within = sumOf(inside);
  const lists = [list(inside), ...(outside.length === 0 ? [] : [`beside the script: ${list(outside)}`])];
  return [name, count(client), process, ...[script, within, script - within].map(count), lists.join('; ')];
}

function sumOf(named: readonly (readonly [string, number])[]): number {
  return named.reduce((sum, [, micros]) => sum + micros, 0);
}

function list(named: readonly (readonly [string, number])[]): string {
  return named.map(([command, micros]) => `${command.toUpperCase()} ${count(micros)}`).join(', ');
}
