/** Random histories on a real server, with the memory registry as the model. `MODEL_SEED` and `MODEL_PATH` repeat what a failure prints. */
import { setTimeout } from 'node:timers/promises';
import {
  type BackendRegistration,
  type BackendRegistry,
  MemoryBackendRegistry,
  MemoryStore,
  type RegisterResult,
} from '@backend-registry/core';
import { addresses, anyCall, type Call } from '@backend-registry/histories';
import { startStandalone } from '@backend-registry/redis-server';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { Witness } from './witness.ts';

/** The handles' own timeout: nothing expires by it within a run. */
const LEASE_MS = 600_000;
/** Over with the next call, and longer than any run. */
const LEASES = [1, 900_000];
const HISTORIES = 40;
/** A history in which watchers never settle is tried again and again, made shorter: this is longer than they take on a busy machine. */
const SETTLED_MS = 3_000;
/** For finding the shortest history that shows a fault. */
const LIMIT_MS = 90_000;

const anyHistory: fc.Arbitrary<Call[]> = fc.array(anyCall(LEASES), { maxLength: 40, size: 'max' });

export function testModel({ name, open }: Adapter): void {
  const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
  const path = process.env.MODEL_PATH;
  console.info(`model-based tests of ${name}: MODEL_SEED=${seed}`);

  describe(`${name}: random histories over two handles`, { timeout: LIMIT_MS }, () => {
    test.for([
      ['every answer is that of the memory registry, and in the end the watchers know what it knows', false],
      ['watchers who keep up are told who comes and goes as those of the memory registry are', true],
    ] as const)('%s', async ([, closely]) => {
      await using server = await startStandalone();
      let runs = 0;
      const property = fc.asyncProperty(anyHistory, (history) => {
        runs += 1;
        const options = { url: server.url, keyPrefix: `model-${runs}:`, heartbeatTimeoutMs: LEASE_MS };
        return compare(history, closely, () => open(options));
      });
      await fc.assert(property, {
        seed,
        ...(path === undefined ? {} : { path }),
        numRuns: HISTORIES,
        interruptAfterTimeLimit: LIMIT_MS - 30_000,
        markInterruptAsFailure: true,
        verbose: 1,
      });
    });
  });
}

async function compare(history: readonly Call[], closely: boolean, open: () => BackendRegistry): Promise<void> {
  const clock = new StoreClock();
  await using model = new MemoryBackendRegistry({
    store: new MemoryStore({ now: () => clock.now }),
    heartbeatTimeoutMs: LEASE_MS,
  });
  await using one = open();
  await using other = open();
  await using expected = await Witness.of(model, { pollIntervalMs: 5 });
  await using told = await Witness.of(one, { pollIntervalMs: 5 });
  await using toldOther = await Witness.of(other, { pollIntervalMs: 5 });
  const settled = () => Promise.all([expected, told, toldOther].map((witness) => witness.settled(SETTLED_MS)));
  const versions = new Versions();

  const both = async (call: Call) => {
    const answer = await made(call, call.handle === 0 ? one : other);
    clock.read();
    const wanted = await made(named(call, answer), model);
    expect(translated(answer, wanted, clock, versions), call.method).toEqual(wanted);
    await clock.passed();
  };
  for (const call of history) {
    await both(call);
    if (!closely) continue;
    await settled();
    for (const witness of [told, toldOther]) expect(traffic(witness)).toEqual(traffic(expected));
  }
  for (const handle of [0, 1] as const) await both({ handle, method: 'read', args: [] });
  await settled();
}

/** The time of the store in milliseconds, as the model is given it: that at which the last call was over. The server has the clock of this machine. */
class StoreClock {
  now: number = Date.now();
  /** The longest that a call took. */
  slack = 0;
  readonly #calls: { readonly from: number; readonly to: number }[] = [];
  #from: number = this.now;

  /** A call is over. */
  read(): void {
    // The server counts fractions of a millisecond too.
    this.now = Date.now() + 1;
    this.#calls.push({ from: this.#from, to: this.now });
    this.slack = Math.max(this.slack, this.now - this.#from);
  }

  /** Resolves when the shortest lease is over: in the store, and at the next call in the model. */
  async passed(): Promise<void> {
    while (Date.now() <= this.now) await setTimeout(1);
    this.#from = Date.now();
  }

  /** The time in the model for one in the store: no two calls share a millisecond. */
  inModel(time: number): number {
    return this.#calls.find(({ from, to }) => from <= time && time <= to)?.to ?? Number.NaN;
  }
}

/** Which version of the store is which of the model: each has one, and it stays that. */
class Versions {
  readonly #inModel = new Map<string, string>();
  readonly #inStore = new Map<string, string>();

  inModel(version: string, expected: string): string {
    if (!this.#inModel.has(version) && !this.#inStore.has(expected)) {
      this.#inModel.set(version, expected);
      this.#inStore.set(expected, version);
    }
    return this.#inModel.get(version) ?? `${version}, but it was ${this.#inStore.get(expected)}`;
  }
}

/** An answer of the store with the times and versions that the model has for its. */
function translated(answer: unknown, wanted: unknown, clock: StoreClock, versions: Versions, field = ''): unknown {
  if (typeof answer === 'object' && answer !== null) {
    const part = (key: string | number) => (wanted as Record<string | number, unknown> | undefined)?.[key];
    if (Array.isArray(answer)) return answer.map((each, n) => translated(each, part(n), clock, versions));
    const fields = Object.entries(answer);
    return Object.fromEntries(fields.map(([key, each]) => [key, translated(each, part(key), clock, versions, key)]));
  }
  if (field === 'version') return versions.inModel(String(answer), String(wanted));
  if (typeof answer !== 'number') return answer;
  if (/At$/.test(field)) return clock.inModel(answer);
  if (/InMs$/.test(field) && Math.abs(answer - Number(wanted)) <= clock.slack) return wanted;
  return answer;
}

/** The call with the incarnations that the store made up. */
function named(call: Call, answer: unknown): Call {
  const name = (backend: BackendRegistration, { status, backend: { incarnation } }: RegisterResult) =>
    status === 'registered' ? { incarnation, ...backend } : backend;
  if (call.method === 'register') return { ...call, args: [name(call.args[0], answer as RegisterResult)] } as Call;
  if (call.method !== 'registerAll') return call;
  const results = answer as RegisterResult[];
  return { ...call, args: [call.args[0].map((each, n) => name(each, results[n] as RegisterResult))] } as Call;
}

function made({ method, args }: Call, registry: BackendRegistry): Promise<unknown> {
  switch (method) {
    case 'register':
      return registry.register(...args);
    case 'registerAll':
      return registry.registerAll(...args);
    case 'heartbeat':
      return registry.heartbeat(...args);
    case 'heartbeatAll':
      return registry.heartbeatAll(...args);
    case 'updateBackendHealth':
      return registry.updateBackendHealth(...args);
    case 'updateBackendMetrics':
      return registry.updateBackendMetrics(...args);
    case 'drain':
      return registry.drain(...args);
    case 'unregister':
      return registry.unregister(...args);
    case 'cleanupExpiredBackends':
      return registry.cleanupExpiredBackends(...args);
    case 'read':
      return Promise.all([
        registry.listBackends(),
        ...(['healthy', 'unhealthy', 'draining', 'expired'] as const).map((status) =>
          registry.listBackends({ status }),
        ),
        ...addresses.map((address) => registry.getBackend(address)),
      ]);
  }
}

/** Who came and who left, and why. A lease that ends at once may be told with the registration. */
function traffic({ events }: Witness): unknown[] {
  return events.flatMap((event) => {
    if (event.type !== 'registered' && event.type !== 'removed') return [];
    const { id, incarnation } = event.backend;
    return [[event.type, id, incarnation, event.type === 'removed' ? event.reason : '']];
  });
}
