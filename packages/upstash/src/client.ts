/** What the registry needs of a client of `@upstash/redis`: structural, so that every supported version and every copy of it fits. */

/**
 * A `Redis` of `@upstash/redis` 1.34 or newer, of any of its entries, with whatever options. A pipeline of one command is a request of its own also where the
 * client pipelines by itself: there, up to 1.34, one failed command fails all that were sent with it, and those that were applied seem not to be.
 */
export interface UpstashClient {
  pipeline(): UpstashPipeline;
}

export interface UpstashPipeline {
  evalsha(sha: string, keys: string[], args: string[]): { exec(): Promise<unknown[]> };
  eval(source: string, keys: string[], args: string[]): { exec(): Promise<unknown[]> };
}

/** What is missing of a client that a caller without types has passed in. */
export function missingOf(client: unknown): string | undefined {
  if (typeof client !== 'object' || client === null) return 'it is not an object';
  if ('evalSha' in client) return 'it is one of node-redis: use @backend-registry/redis';
  if ('defineCommand' in client) return 'it is one of ioredis: use @backend-registry/ioredis';
  const { pipeline, evalsha } = client as Record<string, unknown>;
  return typeof pipeline === 'function' && typeof evalsha === 'function' ? undefined : 'it has no pipeline, evalsha';
}
