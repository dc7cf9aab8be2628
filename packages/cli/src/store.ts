/** Opens the registry that is meant. Adapters and clients are loaded here, and only the one that is needed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import type { AdoptingRegistry } from '@backend-registry/core/redis';
import type { Cluster, Redis } from 'ioredis';
import { UsageError } from './failure.ts';
import { DEFAULT_TIMEOUT_MS, type Place, type RedisPlace } from './place.ts';

/** With what only a registry over TCP can do. */
export type StoreRegistry = BackendRegistry & Partial<Pick<AdoptingRegistry, 'adoptBackends'>>;

/** @param options of the registry: `heartbeatTimeoutMs` and `onCorrupt`; the others are the place's */
export async function openStore(place: Place, options: RegistryOptions = {}): Promise<StoreRegistry> {
  const registryOptions: RegistryOptions = {
    ...options,
    ...(place.keyPrefix !== undefined && { keyPrefix: place.keyPrefix }),
    ...(place.commandTimeoutMs !== undefined && { commandTimeoutMs: place.commandTimeoutMs }),
  };
  if (place.kind === 'upstash') {
    const { RedisBackendRegistry } = await import('@backend-registry/upstash');
    return new RedisBackendRegistry({ ...registryOptions, url: place.url, token: place.token });
  }
  if (place.kind === 'node-redis') {
    const { RedisBackendRegistry } = await installedAdapter();
    return new RedisBackendRegistry({
      ...registryOptions,
      url: place.url,
      ...(place.db !== undefined && { db: place.db }),
    });
  }
  const { RedisBackendRegistry } = await import('@backend-registry/ioredis');
  switch (place.kind) {
    case 'cluster': {
      const { db: _, ...redisOptions } = place.login;
      return new RedisBackendRegistry({ ...registryOptions, cluster: place.nodes, redisOptions });
    }
    case 'sentinel':
      return new RedisBackendRegistry({
        ...registryOptions,
        ...SOON,
        ...place.login,
        sentinel: { name: place.name, nodes: place.nodes },
      });
    case 'redis': {
      const { url, db, tls } = place;
      return new RedisBackendRegistry({
        ...registryOptions,
        ...SOON,
        url,
        ...(db !== undefined && { db }),
        ...(tls && { tls }),
      });
    }
  }
}

/** The first call goes out with the connection: it need not be tried again, and INFO is not asked whether the server loads, which the call itself is told. */
const SOON = { enableOfflineQueue: true, enableReadyCheck: false } as const;

/**
 * A bare connection beside the registry, for what only an operator asks: it tries once, and its errors are the client's. The caller ends it with
 * `disconnect()`.
 */
export async function connectRedis(place: RedisPlace): Promise<Redis | Cluster> {
  const { Cluster, Redis } = await import('ioredis');
  const timeoutMs = place.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  const once = {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    retryStrategy: () => null,
    // It waits so long for a server that does not answer to end a connection.
    disconnectTimeout: 50,
  };
  const client = (() => {
    switch (place.kind) {
      case 'cluster': {
        const { db: _, ...redisOptions } = place.login;
        return new Cluster([...place.nodes], {
          lazyConnect: true,
          clusterRetryStrategy: () => null,
          // One that hangs, the others stand in for.
          slotsRefreshTimeout: timeoutMs / 3,
          // It would ask any of them, one that is down as well.
          enableReadyCheck: false,
          redisOptions: { ...once, ...redisOptions },
        });
      }
      case 'sentinel':
        return new Redis({
          ...once,
          sentinelRetryStrategy: () => null,
          // One that hangs, the others stand in for.
          sentinelCommandTimeout: timeoutMs / 3,
          ...(place.login.tls !== undefined && { enableTLSForSentinelMode: true, sentinelTLS: place.login.tls }),
          ...place.login,
          name: place.name,
          sentinels: [...place.nodes],
        });
      case 'redis': {
        const { url, db, tls } = place;
        return new Redis(url, { ...once, ...(db !== undefined && { db }), ...(tls && { tls }) });
      }
    }
  })();
  let late: NodeJS.Timeout | undefined;
  // It tries once: its first error is why there is no connection.
  const failed = new Promise<never>((_, reject) => {
    client.on('error', reject);
    late = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), timeoutMs);
  });
  try {
    await Promise.race([client.connect(), failed]);
    const db = place.kind === 'redis' ? place.db : place.login.db;
    // A client that may not have its database goes on in the first one.
    if (db !== undefined && db !== 0) await Promise.race([client.select(db), failed]);
    return client;
  } catch (error) {
    client.disconnect();
    // Of a Cluster, what the node said that was asked last.
    throw (error as { readonly lastNodeError?: unknown } | null)?.lastNodeError ?? error;
  } finally {
    clearTimeout(late);
    failed.catch(() => undefined);
  }
}

type NodeRedisAdapter = typeof import('@backend-registry/redis');

/** The adapter for node-redis is not part of this program: it is the one of the project in whose folder it runs. */
async function installedAdapter(): Promise<NodeRedisAdapter> {
  const name = '@backend-registry/redis';
  try {
    const file = createRequire(join(process.cwd(), 'package.json')).resolve(name);
    return (await import(pathToFileURL(file).href)) as NodeRedisAdapter;
  } catch (cause) {
    throw new UsageError(
      `REGISTRY_TYPE is node-redis, and ${name} is not installed in this folder: npm install ${name} redis, or set REGISTRY_TYPE=ioredis, which comes with this program.`,
      { cause },
    );
  }
}
