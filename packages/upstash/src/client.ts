/** What the registry needs of a client of `@upstash/redis`: structural, so that every supported version and every copy of it fits. */

/** A `Redis` of `@upstash/redis` 1.34 or newer, of any of its entries, with whatever options. */
export interface UpstashClient {
  evalsha(sha: string, keys: string[], args: string[]): Promise<unknown>;
  eval(source: string, keys: string[], args: string[]): Promise<unknown>;
}

const NEEDED = ['evalsha', 'eval'] as const;

/** What is missing of a client that a caller without types has passed in. */
export function missingOf(client: unknown): string | undefined {
  if (typeof client !== 'object' || client === null) return 'it is not an object';
  if ('evalSha' in client) return 'it is one of node-redis: use @backend-registry/redis';
  // It has methods of the same names, which take other arguments.
  if ('defineCommand' in client) return 'it is one of ioredis: use @backend-registry/ioredis';
  const missing = NEEDED.filter((method) => typeof (client as Record<string, unknown>)[method] !== 'function');
  return missing.length === 0 ? undefined : `it has no ${missing.join(', ')}`;
}
