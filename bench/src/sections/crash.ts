/** From the end of a crashed backend's lease to its `removed` event, with five proxies that clean up, each a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BackendRegistry } from '@backend-registry/core';
import { startStandalone } from '@backend-registry/redis-server';
import { type Client, type Library, libraries } from '../clients.ts';
import { percentile } from '../measure.ts';
import { count, markdown, ms, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const CLEANERS = 5;
const WATCHERS = 3;
const LEASE_MS = 1_000;
const BEAT_MS = 400;
/** They are so many that what crashes is no mass eviction. */
const LIVING = 600;
const CRASHING = 300;
/** The time over which they crash. */
const CRASHES_MS = 6_000;
const MOST_MS = 20;
/** What has not been told after so long will not be. */
const PATIENCE_MS = 10_000;

interface Row {
  readonly name: string;
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** For each crash and watcher; of ours only. */
  readonly events?: number;
  /** Whether every watcher was told of each crash, and of each once. */
  readonly once?: boolean;
}

export const crash: Section<Row[]> = { measure, text };

async function measure({ wanted }: Asked): Promise<Row[] | undefined> {
  const rows: Row[] = [];
  for (const library of libraries) {
    if (!wanted(oursOf(library)) && !wanted(limitOf(library))) continue;
    console.error(`measuring: ${oursOf(library)}`);
    rows.push(...(await rowsOf(library)));
  }
  return rows.length === 0 ? undefined : rows;
}

function text(rows: readonly Row[]): string {
  const head = ['crash → removed', 'samples', 'p50 ms', 'p99 ms', 'longest ms', 'events for each crash', 'target'];
  return markdown(
    head,
    rows.map(({ name, samples, p50, p99, longest, events, once }) => [
      name,
      count(samples),
      ...[p50, p99, longest].map(ms),
      events === undefined ? '' : `${events.toFixed(3)} a watcher`,
      once === undefined ? '' : [target(`p99 ≤ ${MOST_MS}`, p99 <= MOST_MS), target('exactly 1', once)].join(', '),
    ]),
  );
}

function oursOf({ name }: Library): string {
  return `${name}: end of the lease → \`removed\``;
}

function limitOf({ name }: Library): string {
  return `${name}: a timer for the end of the lease, and PUBLISH → message`;
}

async function rowsOf(library: Library): Promise<Row[]> {
  await using server = await startStandalone();
  const cleaners = await Promise.all(Array.from({ length: CLEANERS }, () => startCleaner(library, server.url)));
  const backends = library.open(server.url, { heartbeatTimeoutMs: LEASE_MS });
  const addresses = (from: number, length: number) =>
    Array.from({ length }, (_, n) => ({ url: 'http://10.0.0.1', port: from + n }));
  await backends.registerAll(addresses(1, LIVING).map((each) => ({ ...each, heartbeatTimeoutMs: 600_000 })));

  const clock = storeClock();
  const ended = new Map<string, number>();
  const watchers = Array.from({ length: WATCHERS }, () => new Watcher(library.open(server.url), clock));
  for (const watcher of watchers) await watcher.ready;
  const alarm = await Alarm.start(library, server.url, clock);
  const crashing = addresses(10_000, CRASHING);
  await Promise.all(
    crashing.map(async (address, n) => {
      const { backend } = await backends.register(address);
      const crashAt = performance.now() + ((n + 1) * CRASHES_MS) / CRASHING;
      for (let pauseMs = BEAT_MS * Math.random(); performance.now() < crashAt; pauseMs = BEAT_MS) {
        await sleep(Math.min(pauseMs, crashAt - performance.now()));
        const { status } = await backends.heartbeat(address);
        if (status !== 'renewed') throw new Error(`A backend that beats was removed: ${backend.id}`);
      }
      const last = await backends.getBackend(address);
      const endsAt = (last?.lastHeartbeatAt ?? Number.NaN) + LEASE_MS;
      ended.set(backend.id, endsAt);
      alarm.set(endsAt);
    }),
  );
  const deadline = performance.now() + PATIENCE_MS;
  while (watchers.some(({ times }) => times.size < CRASHING) && performance.now() < deadline) await sleep(20);
  await sleep(100); // what is told twice is told by now

  const delays = watchers.flatMap(({ times }) => [...times].map(([id, at]) => at - (ended.get(id) ?? Number.NaN)));
  const events = watchers.reduce((sum, watcher) => sum + watcher.events, 0);
  const once = watchers.every((watcher) => watcher.events === CRASHING && watcher.times.size === CRASHING);
  for (const watcher of watchers) await watcher.close();
  for (const end of cleaners) await end();
  await backends.close();
  alarm.close();
  return [
    { name: limitOf(library), ...figures(alarm.delays) },
    { name: oursOf(library), ...figures(delays), events: events / CRASHING / WATCHERS, once },
  ];
}

function figures(delays: readonly number[]): { samples: number; p50: number; p99: number; longest: number } {
  const [p50 = 0, p99 = 0, longest = 0] = [0.5, 0.99, 1].map((share) => percentile(delays, share));
  return { samples: delays.length, p50, p99, longest };
}

/** One process; resolves, when it cleans, to how to end it. */
async function startCleaner({ name }: Library, url: string): Promise<() => Promise<unknown>> {
  const program = fileURLToPath(new URL('../programs/cleaner.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [program, name, url, String(LEASE_MS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child.stdout as NonNullable<typeof child.stdout>, 'data'),
    exited.then(() => Promise.reject(new Error('A cleaner ended before it was ready'))),
  ]);
  return () => {
    child.stdin?.end();
    return exited;
  };
}

/** The time of the store, on the same machine, in fractions of a millisecond. */
function storeClock(): () => number {
  const last = Date.now();
  let now = last;
  while (now === last) now = Date.now();
  const offset = now - performance.now();
  return () => offset + performance.now();
}

/** When each backend was removed for one watcher. */
class Watcher {
  readonly times: Map<string, number> = new Map();
  events = 0;
  readonly ready: Promise<void>;
  readonly #registry: BackendRegistry;
  readonly #following: Promise<void>;

  constructor(registry: BackendRegistry, clock: () => number) {
    this.#registry = registry;
    let ready: (() => void) | undefined;
    this.ready = new Promise((resolve) => {
      ready = resolve;
    });
    this.#following = (async () => {
      for await (const event of registry.watch()) {
        if (event.type === 'snapshot') ready?.();
        if (event.type !== 'removed') continue;
        this.events += 1;
        this.times.set(event.backend.id, clock());
      }
    })();
  }

  async close(): Promise<void> {
    await this.#registry.close();
    await this.#following;
  }
}

/** The least that the job needs: a timer for each lease, and a message when it ends. */
class Alarm {
  readonly delays: number[] = [];
  readonly #clock: () => number;
  readonly #writer: Client;
  readonly #reader: Client;

  private constructor(clock: () => number, writer: Client, reader: Client) {
    this.#clock = clock;
    this.#writer = writer;
    this.#reader = reader;
  }

  static async start({ connect }: Library, url: string, clock: () => number): Promise<Alarm> {
    const alarm = new Alarm(clock, await connect(url), await connect(url));
    await alarm.#reader.subscribe('alarm', (endsAt) => alarm.delays.push(clock() - Number(endsAt)));
    return alarm;
  }

  set(endsAt: number): void {
    const ring = () => void this.#writer.publish('alarm', String(endsAt));
    setTimeout(ring, Math.max(0, Math.ceil(endsAt - this.#clock())));
  }

  close(): void {
    this.#writer.close();
    this.#reader.close();
  }
}
