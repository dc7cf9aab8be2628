import { type NodeView, ownView, viewOf } from './cluster-view.ts';
import { endAll, every, isAttached, orEnd, REPLICATION, startGroup } from './group.ts';
import type { RedisServer } from './server.ts';
import { slotOf } from './slot.ts';
import { until } from './until.ts';

export interface MoveSlotOptions {
  /** How many keys move at once. Default: 100. */
  keysPerStep?: number;
  /** Runs between two steps, while some keys have moved and others have not. */
  afterStep?: (movedKeys: number) => Promise<void> | void;
}

/** Three masters and three replicas, one each. */
export interface RedisCluster extends AsyncDisposable {
  /** All six; which of them are masters changes. */
  readonly nodes: readonly RedisServer[];
  /** The node that owns the slot, given as its number or as a key. */
  masterOf(slot: number | string): Promise<RedisServer>;
  /** The nodes that run and replicate {@link masterOf}. */
  replicasOf(slot: number | string): Promise<readonly RedisServer[]>;
  /** Kills the owner of the slot with SIGKILL, or freezes it, and returns the one that took its place, once all other nodes know it. */
  failover(slot: number | string, how?: 'kill' | 'freeze'): Promise<RedisServer>;
  /** Moves a slot with its keys to another master while clients go on; returns when all nodes know it. */
  moveSlot(slot: number | string, to: RedisServer, options?: MoveSlotOptions): Promise<void>;
  /** Waits until all nodes that run agree, every slot is served, and every replica that runs is in step. */
  settled(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
const TIMEOUT = { timeoutMs: 30_000, everyMs: 20 };

const CONFIG: readonly string[] = [
  ...REPLICATION,
  'cluster-enabled yes',
  'cluster-announce-ip 127.0.0.1',
  // A replica takes over however long it has not heard of its master, and stays with the master it was given.
  'cluster-replica-validity-factor 0',
  'cluster-migration-barrier 100',
];

export interface ClusterOptions {
  /** A master that has not answered for so long is replaced. Default 5,000: with less, a busy machine looks like a failure. */
  nodeTimeoutMs?: number;
}

export async function startCluster({ nodeTimeoutMs = 5_000 }: ClusterOptions = {}): Promise<RedisCluster> {
  const config = [...CONFIG, `cluster-node-timeout ${nodeTimeoutMs}`];
  const nodes = await startGroup(2 * MASTERS, (ports) => ports.map(() => ({ config })));
  const cluster = new Cluster(nodes);
  return orEnd(nodes, async () => {
    await form(nodes);
    await cluster.settled();
    return cluster;
  });
}

/** Makes one Cluster of single nodes; the first ones become its masters. */
async function form(nodes: readonly RedisServer[]): Promise<void> {
  const masters = nodes.slice(0, MASTERS);
  const replicas = nodes.slice(MASTERS);
  await Promise.all(
    masters.map((master, index) => {
      const first = Math.ceil((SLOTS * index) / MASTERS);
      const end = Math.ceil((SLOTS * (index + 1)) / MASTERS);
      return master.cli('CLUSTER', 'ADDSLOTS', ...Array.from({ length: end - first }, (_, slot) => first + slot));
    }),
  );
  await Promise.all(nodes.map((node, index) => node.cli('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)));
  // Each with each, where one would do: news of a node takes seconds to go round.
  for (const node of nodes) {
    await Promise.all(
      nodes.filter((other) => other !== node).map(({ host, port }) => node.cli('CLUSTER', 'MEET', host, port)),
    );
  }
  const ids = await Promise.all(masters.map(async (master) => (await ownView(master)).id));
  await Promise.all(
    replicas.map((replica, index) =>
      until(
        'the replica knows its master',
        async () => (await replica.cli('CLUSTER', 'REPLICATE', ids[index] ?? '')) === 'OK',
        TIMEOUT,
      ),
    ),
  );
}

class Cluster implements RedisCluster {
  readonly nodes: readonly RedisServer[];

  constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  masterOf(slot: number | string): Promise<RedisServer> {
    return until(`a node owns slot ${slot}`, () => this.#owner(numberOf(slot)), TIMEOUT);
  }

  async replicasOf(slot: number | string): Promise<readonly RedisServer[]> {
    const { id } = await ownView(await this.masterOf(slot));
    const views = await this.#ownViews();
    return views.filter(({ view }) => view.masterId === id).map(({ node }) => node);
  }

  async failover(slot: number | string, how: 'kill' | 'freeze' = 'kill'): Promise<RedisServer> {
    const old = await this.masterOf(slot);
    await old[how]();
    const master = await until(
      'another owner of the slot',
      async () => {
        const owner = await this.#owner(numberOf(slot));
        return owner !== old && owner;
      },
      TIMEOUT,
    );
    await this.#known(numberOf(slot), master);
    return master;
  }

  async moveSlot(slot: number | string, to: RedisServer, options: MoveSlotOptions = {}): Promise<void> {
    const { keysPerStep = 100, afterStep } = options;
    const number = numberOf(slot);
    const from = await this.masterOf(number);
    const [source, target] = await Promise.all([ownView(from), ownView(to)]);
    if (from === to) return;
    await to.cli('CLUSTER', 'SETSLOT', number, 'IMPORTING', source.id);
    await from.cli('CLUSTER', 'SETSLOT', number, 'MIGRATING', target.id);
    for (let moved = 0; ; ) {
      const keys = (await from.cli('CLUSTER', 'GETKEYSINSLOT', number, keysPerStep)) as readonly string[];
      if (keys.length === 0) break;
      await from.cli('MIGRATE', to.host, to.port, '', 0, 10_000, 'KEYS', ...keys);
      moved += keys.length;
      await afterStep?.(moved);
    }
    // The new owner first: otherwise nobody would own the slot for a moment.
    const masters = (await this.#ownViews()).filter(({ view }) => view.masterId === '-').map(({ node }) => node);
    for (const node of new Set([to, from, ...masters])) await node.cli('CLUSTER', 'SETSLOT', number, 'NODE', target.id);
    await this.#known(number, to);
  }

  async settled(): Promise<void> {
    await until('the Cluster is in order', () => this.#isInOrder(), TIMEOUT);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endAll(this.nodes);
  }

  #awake(): readonly RedisServer[] {
    return this.nodes.filter(({ awake }) => awake);
  }

  /** Every node that answers, as it sees itself. */
  #ownViews(): Promise<readonly { node: RedisServer; view: NodeView }[]> {
    return Promise.all(this.#awake().map(async (node) => ({ node, view: await ownView(node) })));
  }

  /** Of all that say so of themselves, the one with the latest vote. */
  async #owner(slot: number): Promise<RedisServer | undefined> {
    const views = await this.#ownViews();
    const owners = views.filter(({ view }) => view.flags.includes('master') && view.owns(slot));
    return owners.sort((a, b) => b.view.epoch - a.view.epoch)[0]?.node;
  }

  async #known(slot: number, owner: RedisServer): Promise<void> {
    await until(
      'all nodes know the new owner',
      () =>
        every(this.#awake(), async (node) => {
          const view = await viewOf(node);
          return (await isOk(node)) && view.some((other) => other.port === owner.port && other.owns(slot));
        }),
      TIMEOUT,
    );
  }

  async #isInOrder(): Promise<boolean> {
    const own = await this.#ownViews();
    return every(own, async ({ node, view }) => {
      const views = await viewOf(node);
      const served = views.reduce((sum, { slots }) => sum + slots, 0);
      const agrees = own.every(({ view: { id, masterId } }) =>
        views.some((other) => other.id === id && other.masterId === masterId && !other.flags.some(isDoubtful)),
      );
      const master = own.find((other) => other.view.id === view.masterId)?.node;
      const attached = view.masterId === '-' || (master !== undefined && (await isAttached(node, master.port)));
      return served === SLOTS && agrees && attached && (await isOk(node));
    });
  }
}

async function isOk(node: RedisServer): Promise<boolean> {
  return String(await node.cli('CLUSTER', 'INFO')).includes('cluster_state:ok\r\n');
}

function isDoubtful(flag: string): boolean {
  return ['fail', 'fail?', 'handshake', 'noaddr'].includes(flag);
}

function numberOf(slot: number | string): number {
  return typeof slot === 'number' ? slot : slotOf(slot);
}
