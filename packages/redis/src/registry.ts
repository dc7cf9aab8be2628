import { RegistryError, type RegistryOptions } from '@backend-registry/core';
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
// Version 4 has no createSentinel: what a module of CommonJS does not have cannot be imported by its name.
import * as nodeRedis from 'redis';
import { NO_OFFLINE_QUEUE, type NodeRedisClient } from './client.ts';
import { nodeRedisDriver, ownedDriver, ownedGroupDriver } from './driver.ts';
import { SocketEnding } from './ending.ts';

type Ours = keyof RegistryOptions;
type SentinelClientOptions = typeof nodeRedis extends {
  createSentinel(options: infer Options, ...others: never[]): unknown;
}
  ? Options
  : object;

/** A client that the registry creates, connects, owns and closes. node-redis's own options may stand beside these. */
export interface OwnedClientOptions extends RegistryOptions, Omit<nodeRedis.RedisClientOptions, Ours> {
  /** `redis://` or `rediss://`, with user, password, host, port and database. Default: where `socket` says, else `redis://localhost:6379`. */
  readonly url?: string;
  /** Default: what the url says, else 0. */
  readonly db?: number | undefined;
}

/** Through Sentinel: the registry follows the master. */
export interface SentinelOptions
  extends RegistryOptions,
    Omit<SentinelClientOptions, Ours | 'name' | 'sentinelRootNodes'> {
  readonly sentinel: { readonly name: string; readonly nodes: readonly RedisNode[] };
  /** Default 0. */
  readonly db?: number | undefined;
}

/** A Cluster. `keyPrefix` must have a hash tag; default `{backend-registry}:`. */
export interface ClusterClientOptions extends RegistryOptions, Omit<nodeRedis.RedisClusterOptions, Ours | 'rootNodes'> {
  readonly cluster: readonly RedisNode[];
}

/** A client of the caller's, who connects it: never closed and never reconfigured. To hear of changes it is duplicated; the duplicate is the registry's. */
export interface GivenClientOptions extends RegistryOptions {
  readonly client: NodeRedisClient;
}

type AnyOptions = OwnedClientOptions | SentinelOptions | ClusterClientOptions | GivenClientOptions;

export type RedisBackendRegistryOptions = OneOf<AnyOptions>;

/**
 * A registry in Redis 6.2 or newer, through node-redis.
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
    checkClient(client, 'node-redis 4.7', ['evalSha', 'eval', 'mGet']);
    checkMode(client);
    const isCluster = 'slots' in client && 'masters' in client;
    return [nodeRedisDriver(client), isCluster ? withHashTag(registryOptions) : registryOptions];
  }
  if ('cluster' in rest) {
    const tagged = withHashTag(registryOptions);
    const { cluster, defaults, commandOptions, ...clusterOptions } = rest;
    // No url: it would say whether TLS is spoken, which the defaults do, and want brackets around an IPv6 address.
    const rootNodes = cluster.map(({ host, port }) => ({ socket: { host, port } as never }));
    const make = () => {
      const ending = new SocketEnding();
      const client = nodeRedis.createCluster({
        ...clusterOptions,
        ...untimed(commandOptions),
        rootNodes,
        defaults: owned(defaults, ending),
      });
      return { client: client as never, ending };
    };
    return [ownedGroupDriver(make), tagged];
  }
  if ('sentinel' in rest) {
    if (nodeRedis.createSentinel === undefined)
      throw new RegistryError('CONFIGURATION', 'Option sentinel needs node-redis 5.10 or newer: npm install redis@6');
    const { sentinel, db, nodeClientOptions, sentinelClientOptions, commandOptions, ...sentinelOptions } = rest;
    const nodeOptions = { ...(db !== undefined && { database: db }), ...nodeClientOptions };
    const make = (before: number) => {
      const ending = new SocketEnding();
      // They are asked in their order: whom one waits for in vain, the next one asks last.
      const first = before % sentinel.nodes.length;
      const client = nodeRedis.createSentinel({
        ...IN_SENTINEL,
        ...sentinelOptions,
        ...untimed(commandOptions),
        name: sentinel.name,
        sentinelRootNodes: [...sentinel.nodes.slice(first), ...sentinel.nodes.slice(0, first)],
        nodeClientOptions: owned(nodeOptions, ending),
        sentinelClientOptions: {
          ...sentinelClientOptions,
          socket: { ...sentinelClientOptions?.socket, signal: ending } as never,
        },
      });
      return { client: client as never, ending, database: nodeOptions.database };
    };
    return [ownedGroupDriver(make), registryOptions];
  }
  const { url, db, ...clientOptions } = rest;
  const href = speaking(clientOptions.socket, url, readRedisUrl(url, db, clientOptions.socket));
  const ending = new SocketEnding();
  const client = nodeRedis.createClient({
    ...owned(clientOptions, ending),
    ...(href !== undefined && { url: href }),
    ...(db !== undefined && { database: db }),
  });
  return [ownedDriver({ client: client as never, ending, database: client.options?.database }), registryOptions];
}

/** Of version 4: its methods give no promises. */
function checkMode(client: object): void {
  const { options } = client as { readonly options?: { readonly legacyMode?: unknown } };
  if (options?.legacyMode === true)
    throw new RegistryError(
      'CONFIGURATION',
      'Option client has legacyMode, in which nothing is answered by a promise: give a client without it.',
    );
}

/** The url by whose scheme TLS is spoken where the socket asks for it. node-redis refuses a contradiction with a message that has the password in it. */
function speaking(socket: { readonly tls?: unknown } | undefined, given: unknown, href: string | undefined) {
  const tls = socket?.tls;
  if (tls === undefined || href === undefined) return href;
  if (given === undefined && tls === true) return href.replace('redis:', 'rediss:');
  if (tls !== href.startsWith('rediss:'))
    throw new RegistryError(
      'CONFIGURATION',
      'Option socket.tls contradicts the url: "rediss://" is with TLS, "redis://" without it.',
    );
  return href;
}

const FOREIGN: Foreign = {
  uri: 'url',
  hostname: 'socket: { host }',
  host: 'socket: { host }',
  port: 'socket: { port }',
  path: 'socket: { path }',
  tls: 'socket: { tls }',
  sentinels: 'sentinel: { name, nodes }',
  nodes: 'cluster, or sentinel: { nodes },',
};

type Pause = number | false | Error;

interface ClientOfOurs {
  readonly commandOptions?: object;
  readonly socket?: { readonly reconnectStrategy?: Pause | ((retries: number, cause: Error) => Pause) };
}

/** The options of a client of our own. Its connections end with it, and none is made afterwards: a Sentinel forgets clients that have not connected yet. */
function owned<T extends object>(options: T | undefined, ending: SocketEnding) {
  const { socket, commandOptions } = (options ?? {}) as ClientOfOurs;
  const { reconnectStrategy = soon } = socket ?? {};
  const again = (retries: number, cause: Error) => {
    if (ending.aborted) return false;
    return typeof reconnectStrategy === 'function' ? reconnectStrategy(retries, cause) : reconnectStrategy;
  };
  return {
    ...NO_OFFLINE_QUEUE,
    ...options,
    ...untimed(commandOptions),
    socket: { ...socket, reconnectStrategy: again, signal: ending } as never,
  };
}

/** Every call of the registry has a deadline. The client's own is one more timer for each command, which it lets run out even when the answer has long been there. */
function untimed<T extends object>(commandOptions: T | undefined) {
  return { commandOptions: { timeout: undefined, ...commandOptions } };
}

/** Comes back soon, and does not keep what could not be sent: the registry tries again within the deadline of the call. */
function soon(retries: number): number {
  return Math.min(50 * (retries + 1), 500);
}

/**
 * Calls made at once are sent at once: else each of them waits for a connection of its own, of which there is one, and one goes there and back after the other. And of a
 * master that refuses, the caller is told at once: else it is looked for again, once a second, until 17 s have passed. To try again is the business of the registry.
 */
const IN_SENTINEL = { reserveClient: true, maxCommandRediscovers: 1 };
