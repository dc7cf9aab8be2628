import { escapeGlob, type ScanStep, scanNodes } from '@backend-registry/core/redis';

interface Node {
  scan(cursor: string, match: 'MATCH', pattern: string, counts: 'COUNT', count: number): Promise<ScanStep>;
  readonly options?: { readonly host?: string; readonly port?: number };
}

interface Scannable extends Node {
  readonly isCluster?: boolean;
  readonly options?: Node['options'] & { readonly keyPrefix?: string };
  nodes?(role: 'master'): Node[];
}

/** One step of SCAN. ioredis puts its own prefix before keys, but not before patterns. */
export async function scan(client: unknown, cursor: string, pattern: string, count: number): Promise<ScanStep> {
  const scannable = client as Scannable;
  const prefix = scannable.options?.keyPrefix ?? '';
  const step = (node: Node, at: string) => node.scan(at, 'MATCH', escapeGlob(prefix) + pattern, 'COUNT', count);
  const nodes = scannable.isCluster === true ? scannable.nodes?.('master') : undefined;
  const [next, keys] =
    nodes === undefined
      ? await step(scannable, cursor)
      : await scanNodes(
          nodes.map((node) => ({
            name: `${node.options?.host}:${node.options?.port}`,
            scan: (at) => step(node, at),
          })),
          cursor,
        );
  return [next, keys.map((key) => key.slice(prefix.length))];
}
