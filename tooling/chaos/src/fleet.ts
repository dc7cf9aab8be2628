/** Backends that announce themselves, and what is done to them meanwhile. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import {
  type Announcement,
  announce,
  type BackendRef,
  type BackendRegistry,
  RegistryError,
} from '@backend-registry/core';
import type { Random } from './random.ts';

const SIZE = 15;
/** Who calls at once, each about its own backends. */
const CALLERS = 3;

export interface FleetOptions {
  /** Of the backends. */
  readonly backends: readonly BackendRegistry[];
  /** Whoever else calls. */
  readonly callers: readonly BackendRegistry[];
  readonly random: Random;
  /** Told what must not be. */
  readonly wrong: (what: string) => void;
  /** How late after its deadline a call may be settled on this machine. */
  readonly slackMs: () => number;
  readonly deadlineMs: number;
  /** What a call may fail with. */
  readonly codes: readonly string[];
}

export class Fleet {
  /** Calls that were made, and those of them that failed, by what their failures say. */
  calls = 0;
  readonly failures: Record<string, number> = {};
  readonly #options: FleetOptions;
  readonly #announced: Announcement[];
  #calling = false;
  #callers: Promise<unknown> = Promise.resolve();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#announced = Array.from({ length: SIZE }, (_, n) => this.#announce(n));
  }

  async ready(): Promise<void> {
    await Promise.all(this.#announced.map(({ ready }) => ready));
  }

  /** The life that must be registered at each address. */
  get lives(): ReadonlyMap<string, string> {
    return new Map(
      this.#announced.map(({ incarnation }, n) => [`${addressOf(n).url}:${addressOf(n).port}`, incarnation]),
    );
  }

  call(): void {
    this.#calling = true;
    this.#callers = Promise.all(Array.from({ length: CALLERS }, (_, caller) => this.#callOften(caller)));
  }

  async rest(): Promise<void> {
    this.#calling = false;
    await this.#callers;
  }

  async close(): Promise<void> {
    for (const announcement of this.#announced) await announcement.close({ deadlineMs: 0 });
  }

  #announce(n: number): Announcement {
    const { backends, wrong } = this.#options;
    const paces = { heartbeatIntervalMs: 300, drainNoticeMs: 50, drainDeadlineMs: 500 };
    return announce(
      backends[n % backends.length] as BackendRegistry,
      { ...addressOf(n), zone: `zone-${n % 3}` },
      {
        ...paces,
        onState(state) {
          if (state === 'failed' || state === 'superseded') wrong(`backend ${n} is ${state}`);
        },
      },
    );
  }

  async #callOften(caller: number): Promise<void> {
    const { random, callers } = this.#options;
    while (this.#calling) {
      await sleep(20 + random.below(80));
      const n = caller + CALLERS * random.below(SIZE / CALLERS);
      const backend = this.#life(n);
      const registry = random.of(callers);
      const dice = random.below(100);
      if (dice < 25)
        await this.#timed('metrics', () =>
          registry.updateBackendMetrics(backend, { inFlightRequests: random.below(100) }),
        );
      else if (dice < 35) await this.#timed('health', () => registry.updateBackendHealth(backend, random.below(3) > 0));
      else if (dice < 50) await this.#timed('list', () => registry.listBackends());
      else if (dice < 60) await this.#timed('get', () => registry.getBackend(backend));
      else if (dice < 70)
        await this.#timed('beat', () => registry.heartbeatAll(this.#announced.map((_, at) => this.#life(at))));
      else if (dice < 80) void this.#announced[n]?.update({ metadata: { change: String(random.below(1e6)) } });
      else if (dice < 82) await this.#replace(n);
    }
  }

  /** It leaves, and another life comes to its address. */
  async #replace(n: number): Promise<void> {
    await this.#announced[n]?.close({ deadlineMs: 200 });
    this.#announced[n] = this.#announce(n);
  }

  #life(n: number): BackendRef {
    return { ...addressOf(n), incarnation: (this.#announced[n] as Announcement).incarnation };
  }

  async #timed(what: string, call: () => Promise<unknown>): Promise<void> {
    const { wrong, deadlineMs, slackMs, codes } = this.#options;
    const began = performance.now();
    this.calls += 1;
    try {
      await call();
    } catch (error) {
      const code = RegistryError.is(error) ? error.code : String(error);
      this.failures[`${what} ${code}`] = (this.failures[`${what} ${code}`] ?? 0) + 1;
      if (!codes.includes(code)) wrong(`${what}: ${String(error)}`);
    }
    const late = performance.now() - began - deadlineMs;
    // Where this process was late with its timers, the one that finds out may come after that of the call.
    await setImmediate();
    if (late > slackMs()) wrong(`${what} was settled ${Math.round(late)} ms after its deadline`);
  }
}

function addressOf(n: number): { url: string; port: number } {
  return { url: 'http://10.0.0.1', port: 8000 + n };
}
