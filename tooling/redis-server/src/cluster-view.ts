import type { RedisServer } from './server.ts';

/** A node of a Cluster as one of them sees it. */
export interface NodeView {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  /** Of its master; `-` for a master. */
  readonly masterId: string;
  readonly epoch: number;
  owns(slot: number): boolean;
  readonly slots: number;
}

/** What `server` knows of the Cluster, from `CLUSTER NODES`. */
export async function viewOf(server: RedisServer): Promise<readonly NodeView[]> {
  const text = String(await server.cli('CLUSTER', 'NODES'));
  return text.trimEnd().split('\n').map(parse);
}

export async function ownView(server: RedisServer): Promise<NodeView> {
  const own = (await viewOf(server)).find(({ flags }) => flags.includes('myself'));
  if (own === undefined) throw new Error(`The node on port ${server.port} does not know itself`);
  return own;
}

function parse(line: string): NodeView {
  const [id = '', address = '', flags = '', masterId = '', , , epoch = '', , ...slots] = line.split(' ');
  // Slots on the move stand in brackets; they are still listed with their owner.
  const ranges = slots
    .filter((range) => !range.startsWith('['))
    .map((range) => range.split('-').map(Number))
    .map(([first = 0, last = first]) => ({ first, last }));
  return {
    id,
    port: Number(/:(\d+)@/.exec(address)?.[1]),
    flags: flags.split(','),
    masterId,
    epoch: Number(epoch),
    owns: (slot) => ranges.some(({ first, last }) => first <= slot && slot <= last),
    slots: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0),
  };
}
