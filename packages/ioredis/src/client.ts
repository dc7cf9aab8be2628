/** What the registry needs of an ioredis client: structural, so that every supported version and every copy of it fits. */

/** `Redis` (also through Sentinel) and `Cluster` of ioredis 5.4 and newer. */
export interface IORedisClient {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(source: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  mget(...keys: string[]): Promise<(string | null)[]>;
  duplicate(): IORedisSubscriber;
}

/** A connection of our own that listens. */
export interface IORedisSubscriber {
  subscribe(...channels: string[]): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every version
  on(event: string, listener: (...values: any[]) => void): unknown;
  disconnect(): void;
}

const NEEDED = ['evalsha', 'eval', 'mget', 'duplicate'] as const;

/** What is missing of a client that a caller without types has passed in. */
export function missingOf(client: unknown): string | undefined {
  if (typeof client !== 'object' || client === null) return 'it is not an object';
  if ('evalSha' in client && !('evalsha' in client)) return 'it is one of node-redis: use @backend-registry/redis';
  const missing = NEEDED.filter((method) => typeof (client as Record<string, unknown>)[method] !== 'function');
  return missing.length === 0 ? undefined : `it has no ${missing.join(', ')}`;
}
