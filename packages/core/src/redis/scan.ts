/** SCAN of a Cluster: one node after the other. */

/** A step of SCAN: the next cursor, and keys. */
export type ScanStep = [cursor: string, keys: string[]];

export interface ScanNode {
  /** Its address. */
  readonly name: string;
  scan(cursor: string): Promise<ScanStep>;
}

/** A step through the masters in the order of their names. The cursor says where it stands: `{cursor of the node}@{name}`. */
export async function scanNodes(nodes: readonly ScanNode[], cursor: string): Promise<ScanStep> {
  // Not an empty database: the client has not heard of its nodes yet.
  if (nodes.length === 0) throw new Error('No node of the Cluster is known');
  const sorted = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const [, at = '0', name = ''] = /^(\d+)@(.*)$/.exec(cursor) ?? [];
  // A node that has gone meanwhile is passed over: its keys are with another one.
  const index = sorted.findIndex((node) => node.name >= name);
  const node = sorted[index];
  if (node === undefined) return ['0', []];
  const [next, keys] = await node.scan(node.name === name ? at : '0');
  if (next !== '0') return [`${next}@${node.name}`, keys];
  const following = sorted[index + 1];
  return [following === undefined ? '0' : `0@${following.name}`, keys];
}
