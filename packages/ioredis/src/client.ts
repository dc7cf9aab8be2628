/** What the registry needs of an ioredis client: structural, so that every supported version and every copy of it fits. */

/** `Redis` (also through Sentinel) and `Cluster` of ioredis 5.4 and newer. */
export interface IORedisClient {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(source: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  mget(...keys: string[]): Promise<(string | null)[]>;
  duplicate(): IORedisSubscriber;
  /** `false`: one server answers everything. A wrapper that reads from replicas has no such property. */
  readonly isCluster?: boolean;
  readonly options?: object;
}

/** A connection of our own that listens. */
export interface IORedisSubscriber {
  subscribe(...channels: string[]): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every version
  on(event: string, listener: (...values: any[]) => void): unknown;
  disconnect(): void;
}
