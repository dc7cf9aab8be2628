/** What the registry needs of a node-redis client: structural, so that every supported version and every copy of it fits. */
import type { SocketEnding } from './ending.ts';

interface ScriptOptions {
  keys: string[];
  arguments: string[];
}

/** A client, pool, sentinel or cluster of node-redis 4.7, 5.10 and newer. The caller connects it. */
export interface NodeRedisClient {
  evalSha(sha: string, options: ScriptOptions): Promise<unknown>;
  eval(source: string, options: ScriptOptions): Promise<unknown>;
  mGet(keys: string[]): Promise<unknown>;
}

/** A client that can be duplicated to listen on. A pool cannot: there the registry polls. */
export interface NodeRedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every version
  on(event: string, listener: (...values: any[]) => void): unknown;
  destroy?(): unknown;
  disconnect?(): Promise<unknown>;
}

/** How to open a connection that listens, until it is ended, where the client has one to offer. */
export function duplicatorOf(client: unknown): ((ending: SocketEnding) => NodeRedisSubscriber) | undefined {
  const { duplicate, subscribe, options } = client as {
    duplicate?: (overrides: object) => NodeRedisSubscriber;
    subscribe?: unknown;
    options?: { socket?: object };
  };
  if (typeof duplicate !== 'function' || typeof subscribe !== 'function') return undefined;
  return (ending) => duplicate.call(client, { ...NO_OFFLINE_QUEUE, socket: { ...options?.socket, signal: ending } });
}

/**
 * What could not be sent is not kept. Every version 5 sends what its offline queue has kept as a connection was reset to nobody, and then takes the answers of
 * the next connection for those of other commands, or waits forever.
 */
export const NO_OFFLINE_QUEUE = { disableOfflineQueue: true } as const;

/** Ends a client of our own, whatever its version calls that. A Sentinel waits for the attempt to connect that is under way, however long that takes. */
export async function end(client: Pick<NodeRedisSubscriber, 'destroy' | 'disconnect'>): Promise<void> {
  try {
    if (client.destroy !== undefined) await client.destroy();
    else await client.disconnect?.();
  } catch {
    // It was closed already, or the attempt has failed.
  }
}
