/** The command line: how long `list` takes from its start to its end, and what `top` costs while it runs. */
import { spawn as spawnChild } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { spawn } from '@lydell/node-pty';
import { type Spread, spread } from '../measure.ts';
import { markdown, milliseconds, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const require = createRequire(import.meta.url);
const PROGRAM = join(dirname(require.resolve('@backend-registry/cli/package.json')), 'dist/main.js');
const BARE = fileURLToPath(new URL('../programs/smembers.js', import.meta.url));
const NODES = ['node-20', 'node-24'];
const BACKENDS = 10;
const STARTS = 21;
const MOST_TIMES_BARE = 2.5;

/** Nobody's lease ends meanwhile. */
const LEASE_MS = 3_600_000;
const FLEET = 1_000;
const SCREEN = { cols: 120, rows: 40 };
const WINDOW_MS = 20_000;
const REPORT_MS = 1_000;
const MOST_OF_A_CORE = 0.25;
/** Linux counts the time of a process in these. */
const TICKS_PER_SECOND = 100;
/** What `top` writes before each frame. */
const FRAME = '\x1b[?2026h';

interface StartUp {
  readonly name: string;
  readonly listMs: Spread;
  readonly bareMs: Spread;
  /** `list` by the bare program of the same round. */
  readonly ratio: Spread;
}

interface Top {
  readonly name: string;
  readonly ofACore: number;
  readonly framesPerSecond: number;
  readonly bytesPerSecond: number;
}

interface Data {
  readonly starts: readonly StartUp[];
  readonly tops: readonly Top[];
}

export const cli: Section<Data> = { measure, text };

async function measure({ wanted }: Asked): Promise<Data | undefined> {
  const starts: StartUp[] = [];
  const tops: Top[] = [];
  for (const node of NODES) {
    const name = `list of ${BACKENDS} backends, from its start to its end, ${node.replace('-', ' ')}`;
    if (wanted(name)) starts.push(await startUp(name, node));
  }
  for (const [name, changing] of [
    [`top of ${FLEET.toLocaleString('en')} backends at rest`, false],
    [`top of ${FLEET.toLocaleString('en')} backends, each reports metrics once a second`, true],
  ] as const)
    if (wanted(name)) tops.push(await topOf(name, changing));
  return starts.length + tops.length === 0 ? undefined : { starts, tops };
}

async function startUp(name: string, node: string): Promise<StartUp> {
  console.error(`measuring: ${name}`);
  await using server = await startStandalone();
  await using registry = new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: LEASE_MS });
  await registry.registerAll(fleet(BACKENDS));
  await server.cli('SADD', 's', ...fleet(BACKENDS).map(({ port }) => `http://10.0.0.1:${port}`));
  const file = join(dirname(require.resolve(`${node}/package.json`)), 'bin/node');
  const rounds: { list: number; bare: number }[] = [];
  // The first round warms up.
  for (let round = 0; round <= STARTS; round += 1) {
    const bare = await timeOf(file, [BARE, String(server.port)]);
    const list = await timeOf(file, [PROGRAM, 'list', '--registry', server.url]);
    if (round > 0) rounds.push({ list, bare });
  }
  return {
    name,
    listMs: spread(rounds.map(({ list }) => list)),
    bareMs: spread(rounds.map(({ bare }) => bare)),
    ratio: spread(rounds.map(({ list, bare }) => list / bare)),
  };
}

async function timeOf(file: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawnChild(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const [exit] = await once(child, 'close');
  if (exit !== 0) throw new Error(`${args.join(' ')} ended with ${exit}`);
  return performance.now() - start;
}

/** On Linux, whose /proc knows the time of a process. */
async function topOf(name: string, changing: boolean): Promise<Top> {
  console.error(`measuring: ${name}`);
  await using server = await startStandalone();
  await using registry = new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: LEASE_MS });
  await registry.registerAll(fleet(FLEET));
  const stop = new AbortController();
  const reporting = changing ? reportFrom(server, stop.signal) : Promise.resolve();
  const terminal = spawn(process.execPath, [PROGRAM, 'top', '--registry', server.url], {
    ...SCREEN,
    name: 'xterm-256color',
  });
  let written = '';
  terminal.onData((data) => {
    written += data;
  });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  try {
    while (!written.includes('1,000 backends')) await sleep(50);
    await sleep(3_000); // until everything it does has been compiled
    written = '';
    const before = { cpu: cpuSeconds(terminal.pid), at: performance.now() };
    await sleep(WINDOW_MS);
    const seconds = (performance.now() - before.at) / 1_000;
    return {
      name,
      ofACore: (cpuSeconds(terminal.pid) - before.cpu) / seconds,
      framesPerSecond: (written.split(FRAME).length - 1) / seconds,
      bytesPerSecond: Buffer.byteLength(written) / seconds,
    };
  } finally {
    terminal.write('q');
    await ended;
    stop.abort();
    await reporting;
  }
}

async function reportFrom(server: RedisServer, signal: AbortSignal): Promise<void> {
  await using registry = new RedisBackendRegistry({ url: server.url });
  while (!signal.aborted) {
    const metrics = () => ({
      inFlightRequests: Math.round(Math.random() * 100),
      overallAvgLatency: Math.random() * 100,
    });
    await Promise.all(fleet(FLEET).map((backend) => registry.updateBackendMetrics(backend, metrics())));
    await sleep(REPORT_MS, undefined, { signal }).catch(() => undefined);
  }
}

function fleet(count: number): { url: string; port: number }[] {
  return Array.from({ length: count }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n }));
}

/** In user and in kernel mode: what stands behind the name of the program, which is in brackets. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function text({ starts, tops }: Data): string {
  const tables: string[] = [];
  if (starts.length > 0)
    tables.push(
      markdown(
        ['start', 'ours ms', 'bare ms', 'ratio (lowest – highest)', 'target'],
        starts.map(({ name, listMs, bareMs, ratio }) => [
          name,
          milliseconds(listMs),
          milliseconds(bareMs),
          `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} – ${ratio.high.toFixed(2)})`,
          target(`≤ ${MOST_TIMES_BARE} ×`, ratio.median <= MOST_TIMES_BARE),
        ]),
      ),
    );
  if (tops.length > 0)
    tables.push(
      markdown(
        ['top', 'of a core', 'frames /s', 'bytes written /s', 'target'],
        tops.map(({ name, ofACore, framesPerSecond, bytesPerSecond }) => [
          name,
          ofACore.toFixed(3),
          framesPerSecond.toFixed(2),
          Math.round(bytesPerSecond).toLocaleString('en'),
          target(`< ${MOST_OF_A_CORE}`, ofACore < MOST_OF_A_CORE),
        ]),
      ),
    );
  return tables.join('\n\n');
}
