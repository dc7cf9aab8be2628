/** Rounds of faults, and after each of them the question whether everything is as it must be. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BackendRegistry } from '@backend-registry/core';
import type { Open } from './clients.ts';
import { Fleet } from './fleet.ts';
import type { Place } from './places.ts';
import type { Random } from './random.ts';
import { Reader } from './reader.ts';

const DEADLINE_MS = 2_000;
/** Longer than a failover takes, so that nobody expires by it. */
const LEASE_MS = 15_000;
const FAULTS_OF_A_ROUND = 6;
/** What is not as it must be after so long will not be. */
const PATIENCE_MS = 40_000;
/** How much later than its deadline a call may be settled, what this process itself was late aside. */
const SLACK_MS = 100;
const READERS = 3;

export interface ChaosOptions {
  readonly place: Place;
  readonly open: Open;
  readonly random: Random;
  readonly log: (line: string) => void;
}

/** Backends and proxies in one place. It ends before the place. */
export class Chaos implements AsyncDisposable {
  /** All that must not be and was. */
  readonly wrong: string[] = [];
  /** How often each fault was made, and how often it came to nothing. */
  readonly faults: Map<string, { made: number; failed: number }> = new Map();
  readonly #options: ChaosOptions;
  readonly #backends: BackendRegistry[];
  readonly #readers: readonly Reader[];
  readonly #fleet: Fleet;
  readonly #lag = new Lag();

  constructor(options: ChaosOptions) {
    this.#options = options;
    const open = () =>
      options.open({ ...options.place.options(), commandTimeoutMs: DEADLINE_MS, heartbeatTimeoutMs: LEASE_MS });
    this.#backends = Array.from({ length: READERS }, open);
    this.#readers = Array.from({ length: READERS }, () => new Reader(open()));
    this.#fleet = new Fleet({
      backends: this.#backends,
      callers: this.#readers.map(({ registry }) => registry),
      random: options.random,
      deadlineMs: DEADLINE_MS,
      codes: options.place.codes,
      slackMs: () => SLACK_MS + this.#lag.mostMs,
      wrong: (what) => this.#isWrong(what),
    });
  }

  /** Everybody is there. */
  async ready(): Promise<void> {
    await this.#fleet.ready();
    await Promise.all(this.#readers.map(({ view }) => view.ready));
    await this.#settled();
  }

  /** Faults, one after the other, while everybody goes on; then the place is whole again, and so must everything be. */
  async round(): Promise<void> {
    const { place, random, log } = this.#options;
    this.#lag.reset();
    this.#fleet.call();
    const names = Object.keys(place.faults);
    for (let n = 0; n < FAULTS_OF_A_ROUND; n += 1) {
      await sleep(300 + random.below(1_500));
      const name = random.of(names);
      log(name);
      const counts = this.faults.get(name) ?? { made: 0, failed: 0 };
      this.faults.set(name, counts);
      counts.made += 1;
      try {
        await place.faults[name]?.(random);
      } catch (error) {
        // One fault on top of the other: the servers have not come back in time.
        counts.failed += 1;
        log(`  it came to nothing: ${(error as Error).message}`);
        await place.heal();
      }
    }
    await this.#fleet.rest();
    await place.heal();
    const ms = await this.#settled();
    const { calls, failures } = this.#fleet;
    log(`settled after ${ms} ms; ${calls} calls so far, failed: ${JSON.stringify(failures)}; heap ${heapMb()} MB`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.close();
    for (const reader of this.#readers) await reader.close();
    for (const backend of this.#backends) await backend.close();
    this.#lag.end();
  }

  /** Waits until the list is the fleet, and every view and watch is the list. @returns how long that took, in ms */
  async #settled(): Promise<number> {
    const began = performance.now();
    for (;;) {
      const differs = await this.#differs();
      const ms = Math.round(performance.now() - began);
      if (differs === undefined || ms > PATIENCE_MS) {
        if (differs !== undefined) this.#isWrong(`not settled: ${differs}`);
        for (const { chain } of this.#readers)
          for (const fault of chain.faults.splice(0)) this.#isWrong(`told: ${fault}`);
        return ms;
      }
      await sleep(100);
    }
  }

  async #differs(): Promise<string | undefined> {
    const [first] = this.#readers;
    const listed = await first?.registry.listBackends().catch(String);
    if (listed === undefined || typeof listed === 'string') return `no list: ${listed}`;
    const { lives } = this.#fleet;
    const lost = [...lives.keys()].find((id) => !listed.some((backend) => backend.id === id));
    if (lost !== undefined) return `${lost} is lost`;
    for (const { id, incarnation, status } of listed) {
      if (lives.get(id) !== incarnation) return `${id} is of another life`;
      if (status === 'expired') return `${id} has expired`;
    }
    for (const [n, reader] of this.#readers.entries()) {
      const differs = reader.differs(listed);
      if (differs !== undefined) return `proxy ${n}: ${differs}`;
    }
    return undefined;
  }

  #isWrong(what: string): void {
    this.#options.log(`WRONG: ${what}`);
    this.wrong.push(what);
  }
}

/** Of what is still needed: what grows from round to round leaks. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
}

/** How late timers of this process were. */
class Lag {
  mostMs = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    const everyMs = 20;
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.mostMs = Math.max(this.mostMs, now - last - everyMs);
      last = now;
    }, everyMs);
  }

  reset(): void {
    this.mostMs = 0;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
