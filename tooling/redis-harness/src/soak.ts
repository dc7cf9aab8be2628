/** Writers change what a watcher follows while its connections are cut again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Backend, BackendRegistry } from '@backend-registry/core';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { startStandalone, until } from '@backend-registry/redis-server';
import { Chain } from './chain.ts';

export interface SoakOptions {
  readonly changes: number;
  /** How often all connections of the watcher are cut meanwhile. */
  readonly cuts: number;
  /** Opens a handle with a client of its own. */
  open(url: string): BackendRegistry;
}

export interface Soaked {
  /** What the calls answered that they changed. */
  readonly changes: number;
  /** How often the watcher's connections were cut, all of them, and made anew. */
  readonly cuts: number;
  readonly chain: Chain;
  /** What is registered at the end. */
  readonly listed: readonly Backend[];
  /** What the watcher has been told at the end. */
  readonly watched: readonly Backend[];
}

const FLEET = 50;
const WRITERS = 4;
const IN_FLIGHT = 8;
/** Changes of one stretch that the cut comes before, so that they are under way in it. */
const STRETCH = 100;
/** What a watcher has not been told after so long will not come. */
const PATIENCE_MS = 10_000;

export async function soak({ changes, cuts, open }: SoakOptions): Promise<Soaked> {
  await using server = await startStandalone();
  await using proxy = await startFaultProxy(server);
  await using reader = open(proxy.url);
  await using load = new Load(Array.from({ length: WRITERS }, () => open(server.url)));
  await load.begin();

  const chain = new Chain();
  const stop = new AbortController();
  const following = follow(reader, chain, stop.signal);
  const listens = async () => String(await server.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')) !== '';
  await until('the watcher listens', async () => chain.state.size === FLEET && (await listens()));
  const whole = proxy.connections;

  let lost = 0;
  for (let cut = 1; cut <= cuts; cut += 1) {
    await load.until((changes * cut) / (cuts + 1));
    const { accepted } = proxy;
    const writing = load.until(load.made + STRETCH);
    // Every other cut is in the middle of a reply or of a message.
    if (cut % 2 === 0) proxy.limitBytes(137 * cut);
    else proxy.cut();
    await writing;
    // Only what is whole again can be cut again; what changes meanwhile wakes a connection that the cut is still waiting for.
    await until('the watcher is back', async () => {
      await load.until(load.made + 1);
      return proxy.accepted >= accepted + whole && proxy.connections === whole && (await listens());
    });
    lost += 1;
  }
  await load.until(changes);

  const listed = await load.list();
  const deadline = performance.now() + PATIENCE_MS;
  while (!isDeepStrictEqual(chain.backends, listed) && performance.now() < deadline) await sleep(5);
  const watched = chain.backends;
  stop.abort();
  await following;
  return { changes: load.made, cuts: lost, chain, listed, watched };
}

async function follow(registry: BackendRegistry, chain: Chain, signal: AbortSignal): Promise<void> {
  for await (const event of registry.watch({ signal, metrics: true })) chain.take(event);
}

/** Writers that change everything that can change, all of them all backends. */
class Load implements AsyncDisposable {
  /** Changes so far. */
  made = 0;
  readonly #writers: readonly BackendRegistry[];
  #calls = 0;

  constructor(writers: readonly BackendRegistry[]) {
    this.#writers = writers;
  }

  async begin(): Promise<void> {
    await this.#writers[0]?.registerAll(Array.from({ length: FLEET }, (_, n) => addressOf(n)));
  }

  /** Writes, many calls at a time, until this many changes were made. */
  async until(changes: number): Promise<void> {
    const work = async (writer: BackendRegistry) => {
      while (this.made < changes) {
        this.#calls += 1;
        if (await change(writer, this.#calls)) this.made += 1;
      }
    };
    await Promise.all(this.#writers.flatMap((writer) => Array.from({ length: IN_FLIGHT }, () => work(writer))));
  }

  async list(): Promise<Backend[]> {
    return (await this.#writers[0]?.listBackends()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const writer of this.#writers) await writer.close();
  }
}

function addressOf(n: number): { url: string; port: number } {
  return { url: `http://10.0.0.${n % FLEET}`, port: 8000 };
}

/** The nth call; whether it changed something. */
async function change(registry: BackendRegistry, n: number): Promise<boolean> {
  // 7 and the number of backends have no divisor in common: every kind of call comes to every backend.
  const address = addressOf(n * 7);
  const odd = Math.floor(n / FLEET) % 2 === 1;
  const { status } = await call();
  if (status !== 'unknown') return status !== 'unchanged' && status !== 'renewed';
  return (await registry.register(address)).status === 'registered';

  function call(): Promise<{ readonly status: string }> {
    switch (n % 9) {
      case 0:
        return registry.unregister(address);
      case 1:
      case 2:
        return registry.register({ ...address, weight: n });
      case 3:
        return registry.drain(address, odd);
      case 4:
      case 5:
        return registry.updateBackendMetrics(address, { inFlightRequests: n });
      default:
        return registry.updateBackendHealth(address, odd);
    }
  }
}
