import type { RegistryOptions } from '@backend-registry/core';
import {
  AdoptingRegistry,
  checkClient,
  type Foreign,
  type OneOf,
  type RedisDriver,
  type RedisNode,
  readRedisUrl,
  splitOptions,
  withHashTag,
} from '@backend-registry/core/redis';
import { Cluster, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { IORedisClient } from './client.ts';
import { type Follow, ioredisDriver, ownedDriver } from './driver.ts';
import { hearEveryError } from './errors.ts';
import { SelectedRedis } from './selected.ts';
import { hearSentinels } from './sentinels.ts';

type Ours = keyof RegistryOptions;

/** A client that the registry creates, owns and closes. ioredis's own options may stand beside these. */
export interface OwnedClientOptions extends RegistryOptions, Omit<RedisOptions, Ours> {
  /** `redis://` or `rediss://`, with user, password, host, port and database. Default: `host`, `port` or `path`, else `redis://localhost:6379`. */
  readonly url?: string;
  /** Default: what the url says, else 0. */
  readonly db?: number | undefined;
}

/** Through Sentinel: the registry follows the master. `tls` is for the Sentinels too, unless `sentinelTLS` says otherwise. */
export interface SentinelOptions extends RegistryOptions, Omit<RedisOptions, Ours | 'sentinels' | 'name'> {
  readonly sentinel: { readonly name: string; readonly nodes: readonly RedisNode[] };
}

/** A Cluster. `keyPrefix` must have a hash tag; default `{backend-registry}:`. */
export interface ClusterClientOptions extends RegistryOptions, Omit<ClusterOptions, Ours> {
  readonly cluster: readonly RedisNode[];
}

/** A client of the caller's: never closed and never reconfigured. To hear of changes, it is duplicated; the duplicate is the registry's. */
export interface GivenClientOptions extends RegistryOptions {
  readonly client: IORedisClient;
}

type AnyOptions = OwnedClientOptions | SentinelOptions | ClusterClientOptions | GivenClientOptions;

export type RedisBackendRegistryOptions = OneOf<AnyOptions>;

/**
 * A registry in Redis 6.2 or newer, through ioredis.
 *
 * ```ts
 * const registry = new RedisBackendRegistry({ url: 'redis://localhost:6379' });
 * ```
 */
export class RedisBackendRegistry extends AdoptingRegistry {
  constructor(options: RedisBackendRegistryOptions = {}) {
    super(...open(options));
  }
}

function open(options: AnyOptions): [RedisDriver, RegistryOptions] {
  const [registryOptions, rest] = splitOptions(options, FOREIGN);

  if ('client' in rest) {
    const { client } = rest;
    checkClient(client, 'ioredis 5.4', ['evalsha', 'eval', 'mget', 'duplicate']);
    return [
      ioredisDriver(client),
      (client as { isCluster?: boolean }).isCluster === true ? withHashTag(registryOptions) : registryOptions,
    ];
  }
  if ('cluster' in rest) {
    const tagged = withHashTag(registryOptions);
    const { cluster, ...clusterOptions } = rest;
    const client = new Cluster([...cluster], {
      clusterRetryStrategy: soon,
      enableOfflineQueue: false,
      // A Cluster that is not whole says so to each call. ioredis would ask it before, and drop all connections for each answer that it is not.
      enableReadyCheck: false,
      ...clusterOptions,
      redisOptions: { ...OWNED, ...clusterOptions.redisOptions },
    });
    hearEveryError(client);
    return [ownedDriver(client), tagged];
  }
  if ('sentinel' in rest) {
    const { sentinel, ...redisOptions } = rest;
    const client = new SelectedRedis({
      ...OWNED,
      sentinelRetryStrategy: soon,
      // One that hangs, the others stand in for, while the first call waits.
      sentinelCommandTimeout: Math.min(2_000, (registryOptions.commandTimeoutMs ?? 2_000) / 3),
      // By itself, ioredis speaks TLS to nobody here. Sentinels without it are said so by `sentinelTLS: undefined`.
      ...(redisOptions.tls !== undefined && { enableTLSForSentinelMode: true, sentinelTLS: redisOptions.tls }),
      ...redisOptions,
      name: sentinel.name,
      sentinels: [...sentinel.nodes],
    });
    // Who says something of ioredis's own way gets that one, and who reads from a replica follows no master.
    const follow: Follow | undefined =
      redisOptions.failoverDetector === undefined && redisOptions.role !== 'slave'
        ? (switched) => hearSentinels(sentinel, client.options, switched)
        : undefined;
    return [ownedDriver(client, follow), registryOptions];
  }
  const { url, ...redisOptions } = rest;
  const href = readRedisUrl(url, rest.db, redisOptions);
  return [ownedDriver(new SelectedRedis({ ...OWNED, ...redisOptions }, href)), registryOptions];
}

const FOREIGN: Foreign = {
  uri: 'url',
  hostname: 'host',
  database: 'db',
  socket: 'host, port or path',
  rootNodes: 'cluster',
  sentinelRootNodes: 'sentinel',
};

/** Comes back soon, and does not keep what could not be sent: the registry tries again within the deadline of the call. */
const OWNED = {
  retryStrategy: soon,
  // What waits there would be sent long after its caller has given it up.
  enableOfflineQueue: false,
  // So that no firewall forgets a connection on which nothing is said for long, as that of a watcher.
  keepAlive: 5_000,
  // It waits so long for a server that is gone to end a connection: 2 s by default, in which the process cannot end.
  disconnectTimeout: 50,
  // What was under way fails with its connection, and is not kept for the next one either.
  maxRetriesPerRequest: 0,
  // After a failover, the old master refuses writes until the connection is made anew.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} as const;

function soon(times: number): number {
  return Math.min(times * 50, 500);
}
