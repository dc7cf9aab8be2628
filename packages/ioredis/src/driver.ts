import { heedTrouble, type RedisDriver } from '@backend-registry/core/redis';
import type { IORedisClient, IORedisSubscriber } from './client.ts';
import { hearEveryError } from './errors.ts';
import { scan } from './scan.ts';

/**
 * The port to one client of the caller's.
 *
 * @param subscribers those that listen
 */
export function ioredisDriver(client: IORedisClient, subscribers: Set<IORedisSubscriber> = new Set()): RedisDriver {
  return {
    evalsha: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
    eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
    mget: (keys) => client.mget(...keys),
    oneServer: isOneServer(client),
    scan: (cursor, pattern, count) => scan(client, cursor, pattern, count),
    async subscribe(channel, onMessage, onReady) {
      const subscriber = client.duplicate();
      subscribers.add(subscriber);
      // It is listened to again below, where a refusal is heard. What ioredis does by itself is nobody's when it is refused or its connection ends, and would end the process.
      const { options } = subscriber as { readonly options?: { autoResubscribe?: boolean } };
      if (options !== undefined) options.autoResubscribe = false;
      hearEveryError(subscriber);
      // A lost connection is nothing to crash for: it comes back, and then everything is looked at.
      subscriber.on('error', () => undefined);
      subscriber.on('message', (_channel: string, message: string) => onMessage(message));
      // Of one that keeps what it cannot send yet, the first one is answered when it is ready. What was sent on a connection that closes may never be.
      let asking = false;
      let sent = false;
      const answered = (begun: boolean) => {
        asking = false;
        if (begun) onReady();
      };
      const listen = () => {
        if (asking) return;
        asking = true;
        subscriber.subscribe(channel).then(
          () => answered(true),
          () => answered(false),
        );
      };
      subscriber.on('close', () => {
        if (sent) asking = false;
        sent = false;
      });
      subscriber.on('ready', () => {
        sent = true;
        listen();
      });
      listen();
      return async () => {
        subscribers.delete(subscriber);
        subscriber.disconnect();
      };
    },
    close: () => Promise.resolve(),
  };
}

/** Not a Cluster, which may read from replicas; nor what Sentinel leads to a replica, and after a lost connection to another one. */
function isOneServer({ isCluster, options }: IORedisClient): boolean {
  const { role } = (options ?? {}) as { readonly role?: string };
  return isCluster === false && role !== 'slave';
}

/** What there is of a connection that ends. */
export interface Connection extends IORedisSubscriber {
  readonly status: string;
  readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number };
  once(event: 'ready', listener: () => void): unknown;
  disconnect(reconnect?: boolean): void;
  /** Of a Cluster. */
  nodes?(): readonly Node[];
  refreshSlotsCache?(): void;
}

interface Node extends Connection {
  cluster(subcommand: 'SLOTS'): Promise<unknown>;
}

/** So long a node of a Cluster may take to answer before it is given up. */
const PATIENCE_MS = 1_000;

/** Calls back with the address of the new master whenever there is another one. */
export type Follow = (switched: (host: string, port: number) => void) => Following;

export interface Following {
  /** Makes the connections anew on which it hears of that. */
  reconnect(): void;
  close(): void;
}

/** The port to a client of our own: what it tells of its connection is remembered, and it ends with the registry. */
export function ownedDriver(client: IORedisClient & IORedisSubscriber, follow?: Follow): RedisDriver {
  const trouble = heedTrouble(client);
  const subscribers = new Set<IORedisSubscriber>();
  const connections = () => [client, ...subscribers] as Connection[];
  const following = follow?.((host, port) => {
    for (const each of connections()) moveTo(each, host, port);
  });
  return {
    ...ioredisDriver(client, subscribers),
    trouble: () => ofNode(trouble()),
    reconnect() {
      following?.reconnect();
      for (const each of connections()) connectAgain(each);
    },
    async close() {
      following?.close();
      client.disconnect();
    },
  };
}

/** A Cluster says that nobody has told it who has which slots, and of why only what it heard last. */
function ofNode(error: unknown): unknown {
  return (error as { readonly lastNodeError?: unknown } | undefined)?.lastNodeError ?? error;
}

/** Leaves whoever is not the new master. A client that is connecting may have been told of the old one: it is looked at when it is ready. */
function moveTo(client: Connection, host: string, port: number): void {
  if (client.status === 'connecting') client.once('ready', () => moveTo(client, host, port));
  else if (client.stream?.remoteAddress !== host || client.stream.remotePort !== port) connectAgain(client);
}

export function connectAgain(client: Connection): void {
  // Not while it is connecting: of a client that asks a Sentinel, that would be the end.
  if (client.status !== 'connect' && client.status !== 'ready') return;
  if (client.nodes === undefined) client.disconnect(true);
  else leaveSilentNodes(client, client.nodes());
}

/** A Cluster that is told to connect again can end up with nobody. Of a node that it has lost, it finds out who has the slots. */
function leaveSilentNodes(cluster: Connection, nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (node.status !== 'connect' && node.status !== 'ready') continue;
    const timer = setTimeout(() => node.disconnect(), PATIENCE_MS).unref();
    const stays = () => clearTimeout(timer);
    node.cluster('SLOTS').then(stays, (error: Error) => error.name === 'ReplyError' && stays());
  }
  cluster.refreshSlotsCache?.();
}
