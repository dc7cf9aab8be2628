/** What grows with what: our registry in Redis against the number of backends, of proxies that watch, and of registries on a Cluster. */
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, startCluster, startStandalone } from '@backend-registry/redis-server';
import { Cluster } from 'ioredis';
import { LASTING } from '../clients.ts';
import { type Spread, spread } from '../measure.ts';
import { count, markdown, ms } from '../report.ts';
import type { Asked, Section } from '../section.ts';

/** One measured size. */
export interface Point {
  readonly size: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly Point[];
  /** Of the line through the logarithms: 0 does not grow, 1 grows in proportion. */
  readonly slope: number;
}

export interface Scale {
  readonly backends: readonly Series[];
  readonly watchers: readonly Series[];
  readonly namespaces: readonly Series[];
}

const SIZES = [10, 100, 1_000, 10_000, 100_000];
const WATCHERS = [1, 10, 50, 100, 200];
const NAMESPACES = [1, 4, 16, 64];
/** On the Cluster, over all its registries. */
const CLUSTER_FLEET = 6_400;

export const scale: Section<Scale> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Scale | undefined> {
  const repeats = full ? 5 : 3;
  const some = (sizes: readonly number[]) => (full ? sizes : sizes.slice(0, -1));
  const backends = wanted('backends') ? await overBackends(some(SIZES), repeats) : [];
  const watchers = wanted('watchers') ? await overWatchers(some(WATCHERS), repeats) : [];
  const namespaces = wanted('namespaces') ? await overNamespaces(some(NAMESPACES), repeats) : [];
  return backends.length + watchers.length + namespaces.length === 0 ? undefined : { backends, watchers, namespaces };
}

/** Collects values by series and size. */
class Chart {
  readonly #values = new Map<string, { unit: string; sizes: Map<number, number[]> }>();

  add(name: string, unit: string, size: number, value: number): void {
    const series = this.#values.get(name) ?? { unit, sizes: new Map<number, number[]>() };
    this.#values.set(name, series);
    series.sizes.set(size, [...(series.sizes.get(size) ?? []), value]);
  }

  series(): Series[] {
    return [...this.#values].map(([name, { unit, sizes }]) => {
      const points = [...sizes].map(([size, values]): Point => {
        const { median, low, high }: Spread = spread(values);
        return { size, value: median, low, high };
      });
      return { name, unit, points, slope: slopeOf(points) };
    });
  }
}

/** Least squares over the logarithms. */
function slopeOf(points: readonly Point[]): number {
  const logs = points
    .filter(({ value }) => value > 0)
    .map(({ size, value }) => [Math.log(size), Math.log(value)] as const);
  const mean = (at: 0 | 1) => logs.reduce((sum, each) => sum + each[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

async function overBackends(sizes: readonly number[], repeats: number): Promise<Series[]> {
  const chart = new Chart();
  for (const size of sizes) {
    await using server = await startStandalone();
    const options = { ...LASTING, url: server.url, commandTimeoutMs: 60_000 };
    const fleet = fleetOf(size);
    console.error(`measuring: scale, ${count(size)} backends`);
    // The first warms up.
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      await server.cli('FLUSHALL');
      await using registering = new RedisBackendRegistry(options);
      // What is there once, scripts among it, is there.
      await registering.register({ url: 'http://10.255.0.1', port: 1 });
      await registering.unregister({ url: 'http://10.255.0.1', port: 1 });
      const empty = await memoryOf(server);
      const registered = await micros(server, () => registering.registerAll(fleet));
      if (repeat === 0) continue;
      chart.add('register: server', 'µs', size, registered / size);
      chart.add('memory: server', 'bytes', size, ((await memoryOf(server)) - empty) / size);
    }
    await using registry = new RedisBackendRegistry(options);
    await registry.listBackends();
    const some = fleet.slice(0, 1_000);
    let weight = 1;
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const add = (name: string, unit: string, value: number) => {
        if (repeat > 0) chart.add(name, unit, size, value);
      };
      const beat = await micros(server, () => registry.heartbeatAll(some));
      add('heartbeat, in batches: server', 'µs', beat / some.length);
      add(
        'heartbeat, alone: server',
        'µs',
        (await micros(server, () => oneByOne(some, (b) => registry.heartbeat(b)))) / Math.min(100, some.length),
      );
      add('list, nothing changed: server', 'µs', await micros(server, () => registry.listBackends(), true));
      add('list, nothing changed: client', 'ms', await timed(() => registry.listBackends()));
      weight += 1;
      const [first] = fleet;
      if (first !== undefined) await registry.register({ ...first, weight });
      const changed = { took: 0, server: 0 };
      changed.server = await micros(
        server,
        async () => {
          changed.took = await timed(() => registry.listBackends());
        },
        true,
      );
      add('list, one changed: server', 'µs', changed.server);
      add('list, one changed: client', 'ms', changed.took);
      await using fresh = new RedisBackendRegistry(options);
      await fresh.ping();
      const whole = { took: 0, server: 0 };
      whole.server = await micros(
        server,
        async () => {
          whole.took = await timed(() => fresh.listBackends());
        },
        true,
      );
      add('list, the first: server', 'µs', whole.server);
      add('list, the first: client', 'ms', whole.took);
    }
  }
  return chart.series();
}

async function overWatchers(sizes: readonly number[], repeats: number): Promise<Series[]> {
  const chart = new Chart();
  await using server = await startStandalone();
  await using writer = new RedisBackendRegistry({ ...LASTING, url: server.url });
  await writer.registerAll(fleetOf(1_000));
  const CHANGES = 50;
  for (const size of sizes) {
    console.error(`measuring: scale, ${size} watchers`);
    const told = { left: 0, resolve: (): void => undefined };
    const watchers = Array.from({ length: size }, () => new RedisBackendRegistry({ ...LASTING, url: server.url }));
    const following: Promise<void>[] = [];
    for (const watcher of watchers) {
      const events = watcher.watch()[Symbol.asyncIterator]();
      await events.next();
      following.push(
        (async () => {
          for (let { value, done } = await events.next(); done !== true; { value, done } = await events.next()) {
            if (value.type !== 'updated') continue;
            told.left -= 1;
            if (told.left === 0) told.resolve();
          }
        })(),
      );
    }
    let health = true;
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const times: number[] = [];
      const used = await micros(server, async () => {
        for (let n = 0; n < CHANGES; n += 1) {
          health = !health;
          const all = new Promise<void>((resolve) => Object.assign(told, { left: size, resolve }));
          times.push(
            await timed(async () => {
              await writer.updateBackendHealth({ url: 'http://10.0.0.0', port: 8000 }, health);
              await all;
            }),
          );
        }
      });
      if (repeat === 0) continue;
      chart.add('change → the last watcher', 'ms', size, spread(times).median);
      chart.add('one change: server, polls included', 'µs', size, used / CHANGES);
    }
    await Promise.all(watchers.map((watcher) => watcher.close()));
    await Promise.all(following);
  }
  return chart.series();
}

async function overNamespaces(sizes: readonly number[], repeats: number): Promise<Series[]> {
  const chart = new Chart();
  await using cluster = await startCluster({ nodeTimeoutMs: 15_000 });
  const client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })));
  client.on('error', () => undefined);
  const masters = new Set<RedisServer>();
  for (let slot = 0; slot < 16_384; slot += 1_024) masters.add(await cluster.masterOf(slot));
  for (const size of sizes) {
    console.error(`measuring: scale, ${size} registries on a Cluster`);
    const each = Math.floor(CLUSTER_FLEET / size);
    const registries = Array.from(
      { length: size },
      (_, n) => new RedisBackendRegistry({ ...LASTING, client, keyPrefix: `{${size}-${n}}:` }),
    );
    const fleet = fleetOf(each);
    await Promise.all(registries.map((registry) => registry.registerAll(fleet)));
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const before = await Promise.all([...masters].map((master) => usedMicros(master)));
      const took = await timed(() => Promise.all(registries.map((registry) => registry.heartbeatAll(fleet))));
      const after = await Promise.all([...masters].map((master) => usedMicros(master)));
      if (repeat === 0) continue;
      const used = after.map((micros, at) => micros - (before[at] ?? 0));
      const sum = used.reduce((total, micros) => total + micros, 0);
      chart.add('heartbeat: all servers', 'µs', size, sum / (each * size));
      chart.add('share of the busiest server', '%', size, (100 * Math.max(...used)) / sum);
      chart.add('all heartbeats: client', 'ms', size, took);
    }
    await Promise.all(registries.map((registry) => registry.close()));
  }
  client.disconnect();
  return chart.series();
}

function fleetOf(size: number): { url: string; port: number; zone: string; metadata: Record<string, string> }[] {
  return Array.from({ length: size }, (_, n) => ({
    url: `http://10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
    port: 8000,
    zone: 'eu-1',
    metadata: { team: 'search' },
  }));
}

async function oneByOne<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (const one of all.slice(0, 100)) await act(one);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Of the server's time, as it counts it itself. */
async function micros(server: RedisServer, work: () => Promise<unknown>, documents = false): Promise<number> {
  const before = await usedMicros(server, documents);
  await work();
  return (await usedMicros(server, documents)) - before;
}

/** Of scripts, with all that they call, and of the documents that are read beside them: no script that reads calls `MGET`, too. */
async function usedMicros(server: RedisServer, documents = false): Promise<number> {
  const info = String(await server.cli('INFO', 'commandstats'));
  const commands = documents ? /^cmdstat_(?:evalsha|eval|mget):calls=\d+,usec=(\d+)/gm : SCRIPTS;
  let sum = 0;
  for (const [, micros] of info.matchAll(commands)) sum += Number(micros);
  return sum;
}

const SCRIPTS = /^cmdstat_(?:evalsha|eval):calls=\d+,usec=(\d+)/gm;

async function memoryOf(server: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await server.cli('INFO', 'memory')))?.[1]);
}

function text({ backends, watchers, namespaces }: Scale): string {
  return [tableOf('backends', backends), tableOf('watchers', watchers), tableOf('registries on a Cluster', namespaces)]
    .filter((table) => table !== '')
    .join('\n\n');
}

function tableOf(what: string, series: readonly Series[]): string {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(({ size }) => size)))];
  if (series.length === 0) return '';
  return markdown(
    [what, ...sizes.map(count), 'slope'],
    series.map(({ name, unit, points, slope }) => [
      `${name}, ${unit}`,
      ...sizes.map((size) => {
        const point = points.find((each) => each.size === size);
        return point === undefined ? '' : unit === 'ms' ? ms(point.value) : count(point.value);
      }),
      slope.toFixed(2),
    ]),
  );
}
