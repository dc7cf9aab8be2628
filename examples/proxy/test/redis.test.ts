import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { expect, test, vi } from 'vitest';
import { type LoadResult, runLoad } from '../src/load.ts';
import { type Program, startBackendProgram, startProxyProgram } from './program.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const HEARTBEAT_TIMEOUT_MS = 6_000;
/** What `announce` makes of it. */
const HEARTBEAT_INTERVAL_MS = HEARTBEAT_TIMEOUT_MS / 3;
/** How late a process may be with it on a busy machine; together they are less than a lease. */
const LATE_MS = 3_000;
/** Requests through one proxy at each stage: enough for every backend to have had some. */
const MANY = 100;
/** Longer than anything here takes on a busy machine. */
const PATIENCE_MS = 30_000;

test.each([
  { how: 'and comes back with its data', empty: false, downMs: 0 },
  { how: 'and comes back empty', empty: true, downMs: 0 },
  {
    how: 'and comes back with its data after every lease has ended',
    empty: false,
    downMs: HEARTBEAT_TIMEOUT_MS + 1_000,
  },
])(
  'two proxies over one Redis lose no request when it is killed $how',
  { timeout: 4 * PATIENCE_MS },
  async ({ empty, downMs }) => {
    await using redis = await startStandalone({ persistent: true });
    await using programs = new AsyncDisposableStack();
    const backends = new Map<string, Program>();
    for (const name of NAMES)
      backends.set(name, programs.use(await startBackendProgram(name, environment(redis, name))));
    const proxies: Program[] = [];
    const loads: Load[] = [];
    for (const name of ['proxy 1', 'proxy 2']) {
      const proxy = programs.use(await startProxyProgram(environment(redis, name)));
      proxies.push(proxy);
      loads.push(programs.use(startLoad(proxy)));
    }
    await shows(proxies, '4 of 4 backends routable, view fresh');
    await more(loads);

    await redis.kill();
    const killedAt = Date.now();
    await shows(proxies, '4 of 4 backends routable, view stale');
    await more(loads);
    await sleep(Math.max(0, killedAt + downMs - Date.now()));
    const [returns] = await Promise.all([followReturns(redis, backends, killedAt), redis.restart({ empty })]);
    for (const { name, answeredAt, backAt } of returns)
      expect(backAt - answeredAt, `${name} is back`).toBeLessThanOrEqual(HEARTBEAT_INTERVAL_MS + LATE_MS);

    await shows(proxies, '4 of 4 backends routable, view fresh');
    for (const results of await more(loads))
      expect(new Set(results.map(({ servedBy }) => servedBy))).toEqual(new Set(NAMES));
    // Both follow what happens from here on.
    const late = programs.use(await startBackendProgram('late', environment(redis, 'late')));
    await shows(proxies, '5 of 5 backends routable, view fresh');
    await late.stop();
    await shows(proxies, '4 of 4 backends routable, view fresh');
    for (const load of loads) expect((await load.end()).filter(({ failure }) => failure !== null)).toEqual([]);
  },
);

/** What an operator sets; Redis shows the name of a client in `CLIENT LIST`. */
function environment({ url }: RedisServer, name: string): Record<string, string> {
  return {
    REGISTRY_TYPE: 'redis',
    REDIS_URL: `${url}?connectionName=${name.replace(' ', '-')}`,
    BACKEND_HEARTBEAT_TIMEOUT: String(HEARTBEAT_TIMEOUT_MS / 1_000),
  };
}

/** Waits until this is the newest that each proxy has said. */
async function shows(proxies: readonly Program[], line: string): Promise<void> {
  for (const proxy of proxies)
    await eventually(() => expect(proxy.output().trimEnd().split('\n').findLast(isOfView)).toBe(line));
}

function isOfView(line: string): boolean {
  return line.includes('view');
}

interface Return {
  readonly name: string;
  /** When Redis had answered its client for certain: no later than that, and before by no more than one look at Redis takes. */
  readonly answeredAt: number;
  /** The time of the first heartbeat that Redis took. */
  readonly backAt: number;
}

/** Looks at Redis until every backend is back. Times are those of this machine's clock, in milliseconds. */
async function followReturns(
  redis: RedisServer,
  backends: ReadonlyMap<string, Program>,
  killedAt: number,
): Promise<Return[]> {
  const answered = new Map<string, number>();
  const back = new Map<string, number>();
  await eventually(async () => {
    const clients = String(await redis.cli('CLIENT', 'LIST'));
    const now = Date.now();
    for (const name of backends.keys())
      if (!answered.has(name) && clients.includes(` name=${name} `)) answered.set(name, now);
    for (const [name, { port }] of backends) {
      const beatAt = Number(await redis.cli('GET', `heartbeat:http://127.0.0.1:${port}`)) * 1_000;
      if (!back.has(name) && beatAt > killedAt) back.set(name, beatAt);
    }
    expect([answered.size, back.size]).toEqual([backends.size, backends.size]);
  });
  return Array.from(back, ([name, backAt]) => ({ name, backAt, answeredAt: answered.get(name) ?? Number.NaN }));
}

interface Load extends AsyncDisposable {
  readonly results: readonly LoadResult[];
  end(): Promise<readonly LoadResult[]>;
}

/** Never ceases until it is ended. */
function startLoad({ port }: Program): Load {
  const over = new AbortController();
  const results: LoadResult[] = [];
  const running = runLoad({
    origin: `http://127.0.0.1:${port}`,
    concurrency: 8,
    rate: 100,
    signal: over.signal,
    onResult: (result) => results.push(result),
  });
  const end = async (): Promise<readonly LoadResult[]> => {
    over.abort();
    await running;
    return results;
  };
  return {
    results,
    end,
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
}

/** Waits for more results through each proxy, and returns those. */
async function more(loads: readonly Load[]): Promise<LoadResult[][]> {
  const before = loads.map(({ results }) => results.length);
  return eventually(() => {
    const since = loads.map(({ results }, n) => results.slice(before[n]));
    for (const results of since) expect(results.length).toBeGreaterThanOrEqual(MANY);
    return since;
  });
}

function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: PATIENCE_MS, interval: 5 });
}
