import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { heedTrouble, notSelected, type RedisDriver } from '@backend-registry/core/redis';
import { duplicatorOf, end, type NodeRedisClient, type NodeRedisSubscriber } from './client.ts';
import { SocketEnding } from './ending.ts';
import { scan } from './scan.ts';
import { hear } from './trouble.ts';

/** Between attempts to find anybody of a Sentinel or a Cluster; a client of one server has its own pauses. */
const RECONNECT_MS = 500;

/** So long a Sentinel may take to end by itself. */
const END_MS = 500;

/** So long one that is asked while connecting may take to answer. */
const HUNG_MS = 3_000;

/**
 * The port to one client of the caller's.
 *
 * @param endings of the connections that listen
 */
export function nodeRedisDriver(client: NodeRedisClient, endings: Set<SocketEnding> = new Set()): RedisDriver {
  const duplicate = duplicatorOf(client);
  // A Sentinel and a Cluster, which may ask replicas, have no such thing; nor has a pool, nor may a wrapper have it that reads elsewhere.
  const commands = { ...commandsOf(() => client), oneServer: 'isPubSubActive' in client };
  if (duplicate === undefined) return commands;
  return {
    ...commands,
    async subscribe(channel, onMessage, onReady) {
      const ending = new SocketEnding();
      endings.add(ending);
      const subscriber = duplicate(ending);
      // Without a listener of its errors, a lost connection would end the process.
      subscriber.on('error', () => undefined);
      const ready = subscription(subscriber, channel, onMessage, onReady);
      subscriber.on('ready', ready);
      // A Sentinel of version 5 and a Cluster do not say that they are ready.
      const connecting = subscriber.connect().then(ready, () => undefined);
      return async () => {
        endings.delete(ending);
        ending.abort();
        // A Sentinel and a Cluster do not know of it.
        void connecting.then(() => end(subscriber));
        void end(subscriber);
      };
    },
  };
}

/** @param connected the client that can be asked now; throws if there is none */
function commandsOf(connected: () => NodeRedisClient): RedisDriver {
  return {
    evalsha: async (sha, keys, args) => connected().evalSha(sha, { keys: [...keys], arguments: [...args] }),
    written: () => setImmediate(),
    eval: async (source, keys, args) => connected().eval(source, { keys: [...keys], arguments: [...args] }),
    mget: async (keys) => ((await connected().mGet([...keys])) as unknown[]).map(textOrNull),
    scan: async (cursor, pattern, count) => scan(connected(), cursor, pattern, count),
    close: () => Promise.resolve(),
  };
}

/** Of a client whose texts are Buffers as well. */
function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}

/**
 * What to do whenever the client is ready. What was subscribed, it subscribes again by itself before it says so; a subscription that was lost with its
 * connection before it was answered, it does not.
 */
function subscription(
  subscriber: Pick<NodeRedisSubscriber, 'subscribe'>,
  channel: string,
  onMessage: (message: string) => void,
  onReady: () => void,
): () => void {
  let state: 'none' | 'asked' | 'subscribed' = 'none';
  return () => {
    if (state === 'subscribed') onReady();
    if (state !== 'none') return;
    state = 'asked';
    subscriber.subscribe(channel, onMessage).then(
      () => {
        state = 'subscribed';
        onReady();
      },
      () => {
        state = 'none';
      },
    );
  };
}

export interface OwnedClient
  extends NodeRedisClient,
    Pick<NodeRedisSubscriber, 'connect' | 'on' | 'destroy' | 'disconnect'> {}

/** A client of our own. */
export interface Owned<T> {
  readonly client: T;
  /** Ends every connection of it, also one that is only being made: of that, no version lets go when it is told to end. */
  readonly ending: SocketEnding;
  readonly database?: number | undefined;
}

/**
 * The port to a client of our own, which begins to connect now: calls made meanwhile wait for it within their deadline. What it tells of its
 * connection is remembered, and it ends with the registry.
 */
export function ownedDriver({ client, ending, database }: Owned<OwnedClient>): RedisDriver {
  const trouble = heedTrouble(client);
  const endings = new Set<SocketEnding>();
  client.connect().catch(() => undefined);
  return {
    ...nodeRedisDriver(client, endings),
    trouble: () => notSelected(database, trouble()),
    reconnect() {
      for (const each of [ending, ...endings]) each.cut();
    },
    close() {
      ending.abort();
      return end(client);
    },
  };
}

export interface OwnedGroup extends OwnedClient, Pick<NodeRedisSubscriber, 'subscribe'> {
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}

/** Why calls fail before anybody was asked. */
const NOT_YET = new Error('There is no connection yet.');

/** Somebody who listens, and what to do whenever the client is ready. */
interface Listener {
  readonly listenOn: (client: OwnedGroup) => () => void;
  ready: () => void;
}

/**
 * The port to a Sentinel or a Cluster of our own. It connects however long nobody is there: they themselves give up for good, or wait forever for one that hangs. Then
 * another one is made. Calls made meanwhile fail, and are made again within their deadline. Both listen on a connection apart, so that no second group of
 * connections is needed for it.
 *
 * @param make is given how many were made before
 */
export function ownedGroupDriver(make: (before: number) => Owned<OwnedGroup>): RedisDriver {
  const listeners = new Set<Listener>();
  let made = 0;
  let closed = false;
  /** Who can be asked now. */
  let connected: OwnedGroup | undefined;
  let failure: unknown = NOT_YET;
  const begin = () => {
    const owned = make(made++);
    for (const listener of listeners) listener.ready = listener.listenOn(owned.client);
    return { ...owned, ...hear(owned.client) };
  };
  let current = begin();
  const tell = () => {
    for (const { ready } of listeners) ready();
  };
  const connect = async () => {
    for (;;) {
      const { client, database, verdict } = current;
      try {
        await orHung(client, client.connect());
        if (closed) return;
        connected = client;
        client.on('ready', tell);
        return tell();
      } catch (error) {
        failure = notSelected(database, verdict(error));
      }
      await discard(current);
      await sleep(RECONNECT_MS, undefined, { ref: false });
      if (closed) return;
      current = begin();
    }
  };
  void connect();
  return {
    ...commandsOf(() => {
      if (connected === undefined) throw failure;
      return connected;
    }),
    trouble: () => notSelected(current.database, current.trouble()),
    reconnect() {
      if (connected === undefined) return;
      connected = undefined;
      // What was wrong before it connected is over.
      failure = NOT_YET;
      void discard(current);
      current = begin();
      void connect();
    },
    async subscribe(channel, onMessage, onReady) {
      const listenOn = (client: OwnedGroup) => subscription(client, channel, onMessage, onReady);
      const listener: Listener = { listenOn, ready: listenOn(current.client) };
      listeners.add(listener);
      if (connected !== undefined) listener.ready();
      return async () => {
        listeners.delete(listener);
        // Not waited for: the connection may be gone.
        current.client.unsubscribe(channel, onMessage).catch(() => undefined);
      };
    },
    close() {
      closed = true;
      return discard(current);
    },
  };
}

/** Ends a group. A Sentinel ends when it has connected, or has paused after a failure: not with every server. */
async function discard({ client, ending }: Owned<OwnedGroup>): Promise<void> {
  await Promise.race([end(client), sleep(END_MS, undefined, { ref: false })]);
  ending.abort();
}

/** What a Sentinel and a Cluster tell while they get on. Not that a node of a Cluster cannot be reached: they try that one forever, also where it has been replaced. */
const SIGNS = ['error', 'topology-change', 'node-ready'];

/** Rejects where nothing was heard of it for some time: somebody takes connections and answers nothing, or is gone. */
function orHung<T>(client: Pick<OwnedGroup, 'on'>, connecting: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Nobody answers.')), HUNG_MS).unref();
    for (const sign of SIGNS) client.on(sign, () => timer.refresh());
    connecting.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
