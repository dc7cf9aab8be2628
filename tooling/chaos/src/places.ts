/** Where the registry is, and what can go wrong there. Each fault ends by itself; it may take longer than a call waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistryErrorCode } from '@backend-registry/core';
import { type FaultProxy, startFaultProxy } from '@backend-registry/fault-proxy';
import { type RedisServer, startCluster, startSentinel, startStandalone } from '@backend-registry/redis-server';
import { type FaultKind, startUpstashRest, type UpstashRest } from '@backend-registry/upstash-rest';
import type { Random } from './random.ts';

export type Fault = (random: Random) => Promise<unknown>;

export interface Place extends AsyncDisposable {
  /** Where the next handle finds it: those of one server each by another way. */
  options(): object;
  readonly faults: Readonly<Record<string, Fault>>;
  /** What a call may fail with meanwhile. */
  readonly codes: readonly RegistryErrorCode[];
  /** Everything that runs runs well again. */
  heal(): Promise<void>;
}

const CODES: readonly RegistryErrorCode[] = ['UNAVAILABLE', 'TIMEOUT'];

export const places: Readonly<Record<string, () => Promise<Place>>> = { standalone, sentinel, cluster, upstash };

/** A server that keeps all that it has answered, behind three proxies. */
async function standalone(): Promise<Place> {
  const server = await startStandalone({ persistent: true });
  const proxies: FaultProxy[] = [];
  for (let n = 0; n < 3; n += 1) proxies.push(await startFaultProxy(server));
  let handles = 0;
  /** Something on the way of some handles. */
  const onTheWay = (fault: (proxy: FaultProxy, random: Random) => unknown): Fault => {
    return async (random) => fault(random.of(proxies), random);
  };
  return {
    options() {
      handles += 1;
      return { url: proxies[handles % proxies.length]?.url };
    },
    faults: {
      'connections are cut': onTheWay((proxy) => proxy.cut()),
      'connections are forgotten': onTheWay((proxy) => proxy.forget()),
      'nothing passes': onTheWay(async (proxy, random) => {
        proxy.freeze();
        await sleep(500 + random.below(4_000));
        proxy.thaw();
      }),
      'nobody is let in': onTheWay(async (proxy, random) => {
        proxy.refuse(true);
        proxy.cut();
        await sleep(500 + random.below(3_000));
        proxy.refuse(false);
      }),
      'replies are lost': onTheWay(async (proxy) => {
        for (let n = 0; n < 5; n += 1) {
          proxy.loseReplyOnce();
          await sleep(50);
        }
      }),
      'a message is cut off': onTheWay((proxy, random) =>
        proxy.limitBytes(random.below(3_000), random.of(['requests', 'replies'])),
      ),
      'the network is slow': onTheWay(async (proxy, random) => {
        proxy.delayMs = 100 + random.below(400);
        await sleep(2_000);
        proxy.delayMs = 0;
      }),
      ...outages(server),
      async 'clients are paused'(random) {
        const ms = 500 + random.below(3_000);
        await server.cli('CLIENT', 'PAUSE', ms, random.of(['WRITE', 'ALL']));
        await sleep(ms);
      },
      async 'the server is a replica for a while'(random) {
        await server.cli('REPLICAOF', '127.0.0.1', 1);
        await sleep(1_000 + random.below(2_000));
        await server.cli('REPLICAOF', 'NO', 'ONE');
      },
      ...commands(() => [server]),
    },
    codes: CODES,
    async heal() {
      server.thaw();
      if (!server.running) await server.restart();
      await server.cli('REPLICAOF', 'NO', 'ONE');
      for (const proxy of proxies) {
        proxy.thaw();
        proxy.refuse(false);
        proxy.delayMs = 0;
        // What has not come to pass will not.
        proxy.loseReplyOnce(() => false);
        for (const direction of ['requests', 'replies'] as const) proxy.limitBytes(Number.MAX_SAFE_INTEGER, direction);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function sentinel(): Promise<Place> {
  const group = await startSentinel({ downAfterMs: 1_500 });
  const heal = async () => {
    for (const each of [...group.sentinels, ...group.nodes]) {
      if (!each.awake) each.thaw();
      if (!each.running) await each.restart();
    }
    await group.settled();
  };
  const failover = (how: 'kill' | 'freeze' | 'planned'): Fault => {
    return async () => {
      await group.failover(how);
      await sleep(1_000);
      await heal();
    };
  };
  const options = { sentinel: { name: group.name, nodes: group.sentinels.map(address) } };
  return {
    options: () => options,
    faults: {
      'a planned failover': failover('planned'),
      'the master is killed': failover('kill'),
      'the master hangs': failover('freeze'),
      async 'a Sentinel hangs'(random) {
        const one = random.of(group.sentinels);
        await one.freeze();
        await sleep(6_000);
        one.thaw();
      },
      'a Sentinel starts again': (random) => random.of(group.sentinels).restart(),
      ...commands(() => group.nodes),
    },
    codes: CODES,
    heal,
    [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
  };
}

/** Of the prefix that a registry on a Cluster has by default. Its slot does not move here: a move that a failover interrupts is for an operator to mend. */
const KEY = '{backend-registry}:registry:meta';

async function cluster(): Promise<Place> {
  const group = await startCluster();
  const heal = async () => {
    for (const node of group.nodes) {
      if (!node.awake) node.thaw();
      if (!node.running) await node.restart();
    }
    await group.settled();
  };
  const failover = (how: 'kill' | 'freeze'): Fault => {
    return async () => {
      await group.failover(KEY, how);
      await sleep(1_000);
      await heal();
    };
  };
  const others = async () => {
    const owner = await group.masterOf(KEY);
    return group.nodes.filter(({ port }) => port !== owner.port);
  };
  const options = { cluster: group.nodes.map(address) };
  return {
    options: () => options,
    faults: {
      'the master is killed': failover('kill'),
      'the master hangs': failover('freeze'),
      async 'another node starts again'(random) {
        await random.of(await others()).restart();
        await heal();
      },
      ...commands(() => group.nodes),
    },
    codes: CODES,
    heal,
    [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
  };
}

/** How long each of these lasts; requests meet it meanwhile. */
const OVER_HTTP: Readonly<Record<FaultKind, number>> = {
  'drop-before': 3_000,
  'drop-after': 1_000,
  hang: 4_000,
  429: 3_000,
  503: 3_000,
  'cut-body': 1_000,
  'short-body': 1_000,
  'endless-body': 1_000,
};

/** A server behind three bridges, which answer some handles each. */
async function upstash(): Promise<Place> {
  const server = await startStandalone({ persistent: true });
  const bridges: UpstashRest[] = [];
  for (let n = 0; n < 3; n += 1) bridges.push(await startUpstashRest({ redis: server.url }));
  let handles = 0;
  const meet = (kind: FaultKind): Fault => {
    return async (random) => {
      const { faults } = random.of(bridges);
      const end = faults.start(kind);
      await sleep(random.below(OVER_HTTP[kind]));
      end();
      // A client reads what comes, however much it is.
      if (kind === 'endless-body') faults.cut();
    };
  };
  const streams = (fault: 'cutStreams' | 'endStreams' | 'silenceStreams'): Fault => {
    return async (random) => random.of(bridges).faults[fault]();
  };
  return {
    options() {
      handles += 1;
      const { url, token } = bridges[handles % bridges.length] as UpstashRest;
      return { url, token };
    },
    faults: {
      ...Object.fromEntries(Object.keys(OVER_HTTP).map((kind) => [kind, meet(kind as FaultKind)])),
      'streams are cut': streams('cutStreams'),
      'streams end': streams('endStreams'),
      'streams are silent': streams('silenceStreams'),
      'connections are cut': async (random) => random.of(bridges).faults.cut(),
      async 'the network is slow'(random) {
        const { faults } = random.of(bridges);
        faults.latencyMs = 100 + random.below(400);
        await sleep(2_000);
        faults.latencyMs = 0;
      },
      ...outages(server),
      ...commands(() => [server]),
    },
    // Of an answer that has no end.
    codes: [...CODES, 'CORRUPT_REPLY'],
    async heal() {
      server.thaw();
      if (!server.running) await server.restart();
    },
    async [Symbol.asyncDispose]() {
      for (const bridge of bridges) await bridge[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** What can become of a server that nobody stands in for. */
function outages(server: RedisServer): Record<string, Fault> {
  return {
    async 'the server is killed'(random) {
      await server.kill();
      await sleep(random.below(3_000));
      await server.restart();
    },
    async 'the server hangs'(random) {
      await server.freeze();
      await sleep(500 + random.below(5_000));
      server.thaw();
    },
  };
}

/** What anybody may say to a server. */
function commands(servers: () => readonly RedisServer[]): Record<string, Fault> {
  const all = (...command: readonly string[]): Fault => {
    return () => Promise.all(servers().map((server) => server.cli(...command)));
  };
  return {
    'SCRIPT FLUSH': all('SCRIPT', 'FLUSH'),
    'connections that listen are killed': all('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    'all connections are killed': all('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  };
}

function address({ host, port }: RedisServer): { host: string; port: number } {
  return { host, port };
}
