/** What peers-speed asks of every system, and the process that does it: each system has its own, so that none pays for what the client of another does. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { count } from './report.ts';
import { IN_FLIGHT, type Session, type SessionOptions, type System, type Work } from './systems/system.ts';
import { within } from './within.ts';

export const FLEET = 1_000;
export const FOREIGN = 1_000_000;

/** Of a list that is asked for again and again, while nothing changes. */
const UNCHANGED = 'unchanged list of';

export interface Row {
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

export const rows: readonly Row[] = [
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
  {
    name: `health changed, ${IN_FLIGHT} in flight`,
    work: 'update',
    fleet: FLEET,
    run: (session, over) => together(over, async (n) => session.update?.(n % FLEET)),
  },
  ...[10, 100, 1_000, 10_000].map((fleet) => listOf(fleet)),
  {
    ...listOf(FLEET),
    name: `${UNCHANGED} ${count(FLEET)} among ${count(FOREIGN)} foreign keys`,
    foreign: true,
    long: true,
  },
  ...[FLEET, 10_000].map((fleet) => ({
    ...listOf(fleet, (session) => session.firstList?.() ?? session.list?.()),
    name: `first list of ${count(fleet)}`,
    work: 'firstList' as const,
  })),
  {
    name: `register, ${IN_FLIGHT} in flight`,
    work: 'register',
    fleet: 0,
    run: (session, over) => together(over, async (n) => session.register?.(n)),
  },
];

function listOf(fleet: number, list = (session: Session) => session.list?.()): Row {
  return {
    name: `${UNCHANGED} ${count(fleet)}`,
    work: 'list',
    fleet,
    long: fleet !== FLEET,
    async run(session, over) {
      let done = 0;
      do {
        const listed = await list(session);
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

/** One measurement. */
export interface Sample {
  readonly perSecond: number;
  readonly operations: number;
  readonly serverMs: number;
  readonly clientMs: number;
}

/** How long changes took to be seen, in milliseconds. */
export interface Seen {
  readonly p50: number;
  readonly p99: number;
}

/** To the process: one request after the other, each answered. */
export type Request =
  | { readonly open: string; readonly options: SessionOptions; readonly fleet: number; readonly watched: boolean }
  | Run
  | { readonly changes: number }
  | { readonly close: true };

/** The row of this name, for so long. */
export interface Run {
  readonly run: string;
  readonly windowMs: number;
  readonly serverPids: readonly number[];
}

/** Of the process. */
export type Answer = Done | { readonly failed: string };

interface Done {
  readonly sample?: Sample;
  readonly seen?: Seen;
}

const NOTHING = 'Its process has measured nothing';
const PROGRAM = fileURLToPath(new URL('programs/load.ts', import.meta.url));

/** Of one request. */
const LONGEST_MS = 60_000;

/** A client of one system, in a process of its own. One that fails or does not answer in time is replaced: nothing of it reaches what is asked next. */
export class Load implements AsyncDisposable {
  readonly #system: System;
  #child: ChildProcess | undefined;

  constructor(system: System) {
    this.#system = system;
  }

  /** Connects, and registers so many; whatever was open is closed before. @param watched by a second client, which hears of changes */
  async open(endpoint: string, options: SessionOptions, fleet: number, watched = false): Promise<void> {
    await this.#ask({ open: endpoint, options, fleet, watched });
  }

  async run({ name }: Row, windowMs: number, serverPids: readonly number[]): Promise<Sample> {
    const { sample } = await this.#ask({ run: name, windowMs, serverPids });
    if (sample === undefined) throw new Error(NOTHING);
    return sample;
  }

  /** Changes so many, the next one when the last one was acknowledged and seen. */
  async change(changes: number): Promise<Seen> {
    const { seen } = await this.#ask({ changes });
    if (seen === undefined) throw new Error(NOTHING);
    return seen;
  }

  async close(): Promise<void> {
    if (this.#child !== undefined) await this.#ask({ close: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async #ask(request: Request): Promise<Done> {
    try {
      const answer = await within(LONGEST_MS, this.#system.name, this.#answerTo(request));
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  #answerTo(request: Request): Promise<Answer> {
    const { module, name } = this.#system;
    this.#child ??= fork(PROGRAM, [module, name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('its process has ended'));
      child.once('exit', ended);
      child.once('message', (answer: Answer) => {
        child.off('exit', ended);
        resolve(answer);
      });
      child.send(request);
    });
  }
}
