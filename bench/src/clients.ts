/** The client libraries: their raw commands, and our registries over them. */
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import { RedisBackendRegistry as IORedisRegistry } from '@backend-registry/ioredis';
import { RedisBackendRegistry as NodeRedisRegistry } from '@backend-registry/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

export interface Library {
  readonly name: string;
  connect(url: string): Promise<Client>;
  /** A registry with a client of its own. */
  open(url: string, options?: RegistryOptions): BackendRegistry;
}

/** Longer than any measurement: what is about something else must not see leases end. */
export const LASTING = { heartbeatTimeoutMs: 3_600_000 } as const;

/** One connection. */
export interface Client {
  /** Scripts that were sent by their SHA-1. */
  readonly scripts: number;
  set(key: string, value: string): Promise<unknown>;
  mset(pairs: readonly string[]): Promise<unknown>;
  mget(keys: readonly string[]): Promise<readonly (string | null)[]>;
  ping(): Promise<unknown>;
  eval(source: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  /** From then on, nothing else is sent. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<unknown>;
  /** A registry over this client. It does not close it. */
  registry(options?: RegistryOptions): BackendRegistry;
  close(): void;
}

const ioredis: Library = {
  name: 'ioredis',
  open: (url, options) => new IORedisRegistry({ ...options, url }),
  async connect(url) {
    const client = new Redis(url);
    await client.ping();
    const scripts = counted(client, 'evalsha');
    return {
      get scripts() {
        return scripts();
      },
      set: (key, value) => client.set(key, value),
      mset: (pairs) => client.mset(...pairs),
      mget: (keys) => client.mget(...keys),
      ping: () => client.ping(),
      eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
      publish: (channel, message) => client.publish(channel, message),
      subscribe(channel, onMessage) {
        client.on('message', (_channel, message) => onMessage(message));
        return client.subscribe(channel);
      },
      registry: (options) => new IORedisRegistry({ ...options, client }),
      close: () => client.disconnect(),
    };
  },
};

const nodeRedis: Library = {
  name: 'node-redis',
  open: (url, options) => new NodeRedisRegistry({ ...options, url }),
  async connect(url) {
    const client = createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    const scripts = counted(client, 'evalSha');
    return {
      get scripts() {
        return scripts();
      },
      set: (key, value) => client.set(key, value),
      mset: (pairs) => client.mSet([...pairs]),
      mget: (keys) => client.mGet([...keys]),
      ping: () => client.ping(),
      eval: (source, keys, args) => client.eval(source, { keys: [...keys], arguments: [...args] }),
      publish: (channel, message) => client.publish(channel, message),
      subscribe: (channel, onMessage) => client.subscribe(channel, (message) => onMessage(message)),
      registry: (options) => new NodeRedisRegistry({ ...options, client }),
      close: () => client.destroy(),
    };
  },
};

export const libraries: readonly Library[] = [ioredis, nodeRedis];

/** Counts the calls of a method from now on. */
function counted(object: object, method: string): () => number {
  let calls = 0;
  const call: (...args: unknown[]) => unknown = Reflect.get(object, method);
  Reflect.set(object, method, (...args: unknown[]) => {
    calls += 1;
    return Reflect.apply(call, object, args);
  });
  return () => calls;
}
