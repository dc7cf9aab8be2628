/** From a change to the watcher that is told of it: ours, and the bare publish and subscribe of the same client. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from '../clients.ts';
import { Delays } from '../delays.ts';
import { percentile, type Spread, spread } from '../measure.ts';
import { markdown, milliseconds, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const CHANGES = 3_000;
/** Each backend changes once in a round: two changes of one could be told as none. */
const FLEET = CHANGES;
const ROUNDS = 2;
const ROUNDS_IN_FULL = 5;
const WARM_UP = 500;
/** Longer than a round takes: then something was never told. */
const ROUND_TIMEOUT_MS = 60_000;
/** What the best peer had on a quiet machine. */
const P50_MS = 0.12;
const P99_MS = 0.53;

/** Changes something of the nth backend, and calls `seen(n)` when its watcher is told. */
interface Subject {
  change(n: number): Promise<unknown>;
  /** Pulls of the watcher so far. */
  pulls?(): number;
  close(): unknown;
}

type Seen = (n: number) => void;

interface Entrant {
  readonly name: string;
  readonly ours: boolean;
  open(seen: Seen): Promise<Subject>;
}

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly pulls: number | undefined;
}

function raw({ name, connect }: Library, url: string): Entrant {
  return {
    name: `${name}: PUBLISH → message`,
    ours: false,
    async open(seen) {
      const [writer, watcher] = [await connect(url), await connect(url)];
      await watcher.subscribe(`raw:${name}`, (message) => seen(numberOf(message)));
      return {
        change: (n) => writer.publish(`raw:${name}`, message(n)),
        close() {
          writer.close();
          watcher.close();
        },
      };
    },
  };
}

function ours({ name, connect }: Library, url: string): Entrant {
  return {
    name: `${name}: updateBackendHealth → event`,
    ours: true,
    async open(seen) {
      const [writing, watching] = [await connect(url), await connect(url)];
      const writer = writing.registry({ ...LASTING, keyPrefix: `${name}:` });
      const watcher = watching.registry({ keyPrefix: `${name}:` });
      const fleet = Array.from({ length: FLEET }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n }));
      await writer.registerAll(fleet);
      const health = fleet.map(() => true);
      const events = watcher.watch()[Symbol.asyncIterator]();
      await events.next();
      const following = follow();
      return {
        async change(n) {
          const backend = fleet[n] ?? { url: '' };
          health[n] = health[n] !== true;
          await writer.updateBackendHealth(backend, health[n]);
        },
        pulls: () => watching.scripts,
        async close() {
          await events.return?.();
          await following;
          for (const registry of [writer, watcher]) await registry.close();
          for (const client of [writing, watching]) client.close();
        },
      };

      async function follow(): Promise<void> {
        for (let { value, done } = await events.next(); done !== true; { value, done } = await events.next()) {
          if (value.type === 'updated') seen(value.backend.port - 1);
        }
      }
    },
  };
}

/** As long as a document. */
function message(n: number): string {
  return String(n).padEnd(300, ' ');
}

function numberOf(message: string): number {
  return Number.parseInt(message, 10);
}

/** An entrant that is ready. */
class Runner {
  readonly entrant: Entrant;
  readonly oneByOne: Round[] = [];
  readonly paced: Round[] = [];
  readonly #delays: Delays;
  readonly #subject: Subject;

  private constructor(entrant: Entrant, subject: Subject, delays: Delays) {
    this.entrant = entrant;
    this.#subject = subject;
    this.#delays = delays;
  }

  static async of(entrant: Entrant): Promise<Runner> {
    const delays = new Delays();
    const runner = new Runner(entrant, await entrant.open(delays.seen), delays);
    await runner.#oneByOne(WARM_UP);
    return runner;
  }

  async round(): Promise<void> {
    this.oneByOne.push(await this.#measure(() => this.#oneByOne(CHANGES)));
    this.paced.push(await this.#measure(() => this.#paced(CHANGES)));
  }

  async close(): Promise<void> {
    await this.#subject.close();
  }

  async #measure(run: () => Promise<void>): Promise<Round> {
    this.#delays.take();
    const before = this.#subject.pulls?.() ?? 0;
    const late = setTimeout(() => {
      throw new Error(`${this.entrant.name}: a change was never seen`);
    }, ROUND_TIMEOUT_MS);
    await run();
    clearTimeout(late);
    const values = this.#delays.take();
    const pulls = this.#subject.pulls === undefined ? undefined : (100 * (this.#subject.pulls() - before)) / CHANGES;
    return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), pulls };
  }

  /** The next change when the last one was acknowledged and seen. */
  async #oneByOne(changes: number): Promise<void> {
    for (let n = 0; n < changes; n += 1) {
      this.#delays.begin(n);
      const acknowledged = this.#subject.change(n);
      await this.#delays.allSeen();
      await acknowledged;
    }
  }

  /** A change every millisecond or so, whatever has been seen. */
  async #paced(changes: number): Promise<void> {
    const acknowledged: Promise<unknown>[] = [];
    for (let n = 0; n < changes; n += 1) {
      this.#delays.begin(n);
      acknowledged.push(this.#subject.change(n));
      await sleep(1);
    }
    await Promise.all(acknowledged);
    await this.#delays.allSeen();
  }
}

interface Row {
  readonly name: string;
  readonly ours: boolean;
  readonly oneByOne: Figures;
  readonly paced: Figures;
}

interface Figures {
  readonly p50: Spread;
  readonly p99: Spread;
  /** For a hundred changes. */
  readonly pulls?: number;
}

export const watch: Section<Row[]> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const server = await startStandalone();
  const entrants = libraries.flatMap((library) => [raw(library, server.url), ours(library, server.url)]);
  const runners: Runner[] = [];
  for (const entrant of entrants) if (wanted(entrant.name)) runners.push(await Runner.of(entrant));
  const rounds = full ? ROUNDS_IN_FULL : ROUNDS;
  for (let round = 1; round <= (runners.length === 0 ? 0 : rounds); round += 1) {
    console.error(`measuring: change → watcher, round ${round} of ${rounds}`);
    for (const runner of runners) await runner.round();
  }
  for (const runner of runners) await runner.close();
  await server[Symbol.asyncDispose]();
  const rows = runners.map(({ entrant: { name, ours }, oneByOne, paced }) => {
    return { name, ours, oneByOne: figures(oneByOne), paced: figures(paced) };
  });
  return rows.length === 0 ? undefined : rows;
}

function text(rows: readonly Row[]): string {
  const head = ['change → watcher', 'p50 ms', 'p99 ms', 'paced: p50 ms', 'paced: p99 ms', 'pulls in 100', 'target'];
  return markdown(
    head,
    rows.map(({ name, ours, oneByOne, paced }) => [
      name,
      milliseconds(oneByOne.p50),
      milliseconds(oneByOne.p99),
      milliseconds(paced.p50),
      milliseconds(paced.p99),
      ours ? [oneByOne, paced].map(({ pulls = 0 }) => pulls.toFixed(1)).join(', ') : '',
      ours ? targets(oneByOne, paced) : '',
    ]),
  );
}

function figures(rounds: readonly Round[]): Figures {
  const over = (what: keyof Round) => spread(rounds.map((round) => round[what] ?? Number.NaN));
  const pulls = over('pulls').median;
  return { p50: over('p50'), p99: over('p99'), ...(Number.isNaN(pulls) ? {} : { pulls }) };
}

function targets(oneByOne: Figures, paced: Figures): string {
  return [
    target(`p50 ≤ ${P50_MS}`, oneByOne.p50.median <= P50_MS),
    target(`p99 ≤ ${P99_MS}`, oneByOne.p99.median <= P99_MS),
    target('pulls ≤ 1', Math.max(oneByOne.pulls ?? 0, paced.pulls ?? 0) <= 1),
  ].join(', ');
}
