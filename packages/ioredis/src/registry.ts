import type { RegistryOptions } from '@backend-registry/core';
import {
  type RedisDriver,
  RedisRegistry,
  readRedisUrl,
  splitOptions,
  withHashTag,
  wrongClient,
} from '@backend-registry/core/redis';
import { Cluster, type ClusterNode, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { type IORedisClient, missingOf } from './client.ts';
import { ioredisDriver, ownedDriver } from './driver.ts';

type Ours = keyof RegistryOptions;

/** A client that the registry creates, owns and closes. ioredis's own options may stand beside these. */
export interface OwnedClientOptions extends RegistryOptions, Omit<RedisOptions, Ours> {
  /** `redis://` or `rediss://`, with user, password, host, port and database. Default: `redis://localhost:6379`. */
  readonly url?: string;
  /** Default: what the url says, else 0. */
  readonly db?: number;
}

/** Through Sentinel: the registry follows the master. */
export interface SentinelOptions extends RegistryOptions, Omit<RedisOptions, Ours | 'sentinels' | 'name'> {
  readonly sentinel: {
    readonly name: string;
    readonly nodes: readonly { readonly host: string; readonly port: number }[];
  };
}

/** A Cluster. `keyPrefix` must have a hash tag; default `{backend-registry}:`. */
export interface ClusterClientOptions extends RegistryOptions, Omit<ClusterOptions, Ours> {
  readonly cluster: readonly ClusterNode[];
}

/** A client of the caller's: never closed and never reconfigured. To hear of changes, it is duplicated; the duplicate is the registry's. */
export interface GivenClientOptions extends RegistryOptions {
  readonly client: IORedisClient;
}

export type RedisBackendRegistryOptions =
  | OwnedClientOptions
  | SentinelOptions
  | ClusterClientOptions
  | GivenClientOptions;

/**
 * A registry in Redis 6.2 or newer, through ioredis.
 *
 * ```ts
 * const registry = new RedisBackendRegistry({ url: 'redis://localhost:6379' });
 * ```
 */
export class RedisBackendRegistry extends RedisRegistry {
  constructor(options: RedisBackendRegistryOptions = {}) {
    super(...open(options));
  }
}

function open(options: RedisBackendRegistryOptions): [RedisDriver, RegistryOptions] {
  const [registryOptions, rest] = splitOptions(options);

  if ('client' in rest) {
    const { client } = rest;
    const missing = missingOf(client);
    if (missing !== undefined) throw wrongClient('ioredis 5.4', missing);
    return [
      ioredisDriver(client),
      (client as { isCluster?: boolean }).isCluster === true ? withHashTag(registryOptions) : registryOptions,
    ];
  }
  if ('cluster' in rest) {
    const { cluster, ...clusterOptions } = rest;
    const client = new Cluster([...cluster], {
      clusterRetryStrategy: soon,
      ...clusterOptions,
      redisOptions: { ...OWNED, ...clusterOptions.redisOptions },
    });
    return [ownedDriver(client), withHashTag(registryOptions)];
  }
  if ('sentinel' in rest) {
    const { sentinel, ...redisOptions } = rest;
    const client = new Redis({
      ...OWNED,
      sentinelRetryStrategy: soon,
      ...redisOptions,
      name: sentinel.name,
      sentinels: [...sentinel.nodes],
    });
    return [ownedDriver(client), registryOptions];
  }
  const { url, db, ...redisOptions } = rest;
  const client = new Redis(readRedisUrl(url, db), { ...OWNED, ...redisOptions } as RedisOptions);
  return [ownedDriver(client), registryOptions];
}

/** Comes back soon, and does not keep what could not be sent: the registry tries again within the deadline of the call. */
const OWNED = {
  retryStrategy: soon,
  // What waits there would be sent long after its caller has given it up.
  enableOfflineQueue: false,
  // It waits so long for a server that is gone to end a connection: 2 s by default, in which the process cannot end.
  disconnectTimeout: 50,
  maxRetriesPerRequest: 1,
  // After a failover, the old master refuses writes until the connection is made anew.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} as const;

function soon(times: number): number {
  return Math.min(times * 50, 500);
}
