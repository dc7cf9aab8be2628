import { randomBytes } from 'node:crypto';
import { makeCertificates } from './certificate.ts';
import { endAll, every, isAttached, isMaster, orEnd, REPLICATION, startGroup } from './group.ts';
import type { Program, RedisServer } from './server.ts';
import { until } from './until.ts';

/** One master, two replicas, and three Sentinels that watch over them. */
export interface SentinelGroup extends AsyncDisposable {
  /** What the Sentinels call the master. */
  readonly name: string;
  /** The three that hold data; which of them is the master changes. */
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The node that the Sentinels agree on; waits until they do. */
  master(): Promise<RedisServer>;
  /** The nodes that run and are not the master. */
  replicas(): Promise<readonly RedisServer[]>;
  /**
   * Takes the master away, and returns the one that took its place. `kill`: with SIGKILL, the default; `freeze`: it hangs; `planned`: as an operator asks a Sentinel
   * for it, while nothing is wrong.
   */
  failover(how?: 'kill' | 'freeze' | 'planned'): Promise<RedisServer>;
  /**
   * Starts a killed node again, empty, as a replica. Sentinels make a master that comes back a replica by themselves,
   * after about 20 s: for that, restart it and wait until it is {@link settled}.
   */
  rejoin(node: RedisServer): Promise<void>;
  /** Waits until every node that runs is the master or a replica in step with it, and the Sentinels know. */
  settled(): Promise<void>;
}

const NAME = 'main';
/** A failover that came to nothing is tried again after twice as long. */
const FAILOVER_TIMEOUT_MS = 2_000;
const NODES = 3;
const SENTINELS = 3;

export interface SentinelGroupOptions {
  /** A master that has not answered for so long is replaced. Default 5,000: with less, a busy machine looks like a failure. */
  downAfterMs?: number;
  /** All of them speak TLS only, also to each other. Default: false. */
  tls?: boolean;
}

export async function startSentinel(options: SentinelGroupOptions = {}): Promise<SentinelGroup> {
  const { downAfterMs = 5_000, tls = false } = options;
  const certificates = tls ? makeCertificates() : undefined;
  const secured = (program: Program): Program =>
    tls ? { ...program, certificates, config: [...program.config, 'tls-replication yes'] } : program;
  const servers = await startGroup(NODES + SENTINELS, (ports) => programs(ports, downAfterMs).map(secured));
  const group = new Group(servers.slice(0, NODES), servers.slice(NODES));
  return orEnd(servers, async () => {
    await group.settled();
    return group;
  });
}

function programs(ports: readonly number[], downAfterMs: number): Program[] {
  const [master = 0, ...replicas] = ports.slice(0, NODES);
  const sentinels = ports.slice(NODES).map((port) => ({ port, id: randomBytes(20).toString('hex') }));
  return [
    { config: REPLICATION },
    ...replicas.map(() => ({ config: [...REPLICATION, `replicaof 127.0.0.1 ${master}`] })),
    ...sentinels.map((self) => ({
      args: ['--sentinel'],
      users: false,
      config: [
        `sentinel myid ${self.id}`,
        `sentinel monitor ${NAME} 127.0.0.1 ${master} 2`,
        `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
        `sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}`,
        // What they would find out by themselves within seconds.
        ...replicas.map((port) => `sentinel known-replica ${NAME} 127.0.0.1 ${port}`),
        ...sentinels
          .filter((other) => other !== self)
          .map(({ port, id }) => `sentinel known-sentinel ${NAME} 127.0.0.1 ${port} ${id}`),
      ],
    })),
  ];
}

class Group implements SentinelGroup {
  readonly name = NAME;
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];

  constructor(nodes: readonly RedisServer[], sentinels: readonly RedisServer[]) {
    this.nodes = nodes;
    this.sentinels = sentinels;
  }

  master(): Promise<RedisServer> {
    return until('the Sentinels agree on a master', () => this.#agreed());
  }

  async replicas(): Promise<readonly RedisServer[]> {
    const master = await this.master();
    return this.nodes.filter((node) => node.awake && node !== master);
  }

  async failover(how: 'kill' | 'freeze' | 'planned' = 'kill'): Promise<RedisServer> {
    const old = await this.master();
    if (how === 'planned') await this.sentinels[0]?.cli('SENTINEL', 'FAILOVER', NAME);
    else await old[how]();
    return until(
      'another master',
      async () => {
        const master = await this.#agreed();
        return master !== undefined && master !== old && (await isMaster(master)) && master;
      },
      { timeoutMs: 30_000 },
    );
  }

  async rejoin(node: RedisServer): Promise<void> {
    const master = await this.master();
    await node.restart({ empty: true });
    await node.cli('REPLICAOF', master.host, master.port);
    await this.settled();
  }

  async settled(): Promise<void> {
    await until(
      'the replicas follow the master that the Sentinels know',
      async () => {
        const master = await this.#agreed();
        if (master === undefined || !(await isMaster(master))) return false;
        const replicas = this.nodes.filter((node) => node.awake && node !== master);
        return (
          (await every(replicas, (replica) => isAttached(replica, master.port))) &&
          (await every(this.#awakeSentinels(), (sentinel) => knows(sentinel, replicas)))
        );
      },
      { timeoutMs: 30_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endAll([...this.sentinels, ...this.nodes]);
  }

  #awakeSentinels(): readonly RedisServer[] {
    return this.sentinels.filter(({ awake }) => awake);
  }

  async #agreed(): Promise<RedisServer | undefined> {
    const addresses = await Promise.all(
      this.#awakeSentinels().map((sentinel) => sentinel.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)),
    );
    const ports = new Set(addresses.map((address) => Number(Array.isArray(address) ? address[1] : Number.NaN)));
    return ports.size === 1 ? this.nodes.find(({ port }) => ports.has(port)) : undefined;
  }
}

/** Whether a Sentinel could do a failover now: it reaches enough others, and these replicas. */
async function knows(sentinel: RedisServer, replicas: readonly RedisServer[]): Promise<boolean> {
  await sentinel.cli('SENTINEL', 'CKQUORUM', NAME);
  const entries = (await sentinel.cli('SENTINEL', 'REPLICAS', NAME)) as readonly (readonly string[])[];
  const usable = entries
    .map((entry) => (name: string) => entry[entry.indexOf(name) + 1])
    .filter((field) => field('flags') === 'slave' && field('master-link-status') === 'ok')
    .map((field) => Number(field('port')));
  return replicas.every(({ port }) => usable.includes(port));
}
