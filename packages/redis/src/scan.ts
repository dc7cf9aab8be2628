import { type ScanStep, scanNodes } from '@backend-registry/core/redis';

interface Node {
  /** Of a client whose texts are Buffers, the keys are as well. */
  scan(cursor: string, options: { MATCH: string; COUNT: number }): Promise<{ cursor: unknown; keys: unknown[] }>;
}

interface Cluster {
  readonly masters: readonly { readonly address: string }[];
  nodeClient(node: unknown): Node | Promise<Node>;
}

/** One step of SCAN. */
export async function scan(client: unknown, cursor: string, pattern: string, count: number): Promise<ScanStep> {
  const step = async (node: Node, at: string): Promise<ScanStep> => {
    // The cursor is a number in version 4, and text since.
    const reply = await node.scan(at, { MATCH: pattern, COUNT: count });
    return [String(reply.cursor), reply.keys.map(String)];
  };
  if (!isCluster(client)) return step(client as Node, cursor);
  const nodes = client.masters.map((node) => ({
    name: node.address,
    scan: async (at: string) => step(await client.nodeClient(node), at),
  }));
  return scanNodes(nodes, cursor);
}

function isCluster(client: unknown): client is Cluster {
  return typeof client === 'object' && client !== null && 'masters' in client && 'nodeClient' in client;
}
