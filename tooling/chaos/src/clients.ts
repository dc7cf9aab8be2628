import type { BackendRegistry } from '@backend-registry/core';
import { RedisBackendRegistry as IORedisRegistry } from '@backend-registry/ioredis';
import { RedisBackendRegistry as NodeRedisRegistry } from '@backend-registry/redis';
import { RedisBackendRegistry as UpstashRegistry, type UrlOptions } from '@backend-registry/upstash';
import { Redis } from '@upstash/redis';

/** How to open a handle with a client of its own. */
export type Open = (options: object) => BackendRegistry;

const OVER_TCP: Readonly<Record<string, Open>> = {
  ioredis: (options) => new IORedisRegistry(options),
  'node-redis': (options) => new NodeRedisRegistry(options),
};

const OVER_HTTP: Readonly<Record<string, Open>> = {
  /** The adapter's own requests, and its stream. */
  upstash: (options) => new UpstashRegistry(options as UrlOptions),
  '@upstash/redis': ({ url, token, ...options }: { readonly url?: string; readonly token?: string }) =>
    new UpstashRegistry({ ...options, client: new Redis({ url, token }) }),
};

/** By the place that they reach. */
export const clients: Readonly<Record<string, Readonly<Record<string, Open>>>> = {
  standalone: OVER_TCP,
  sentinel: OVER_TCP,
  cluster: OVER_TCP,
  upstash: OVER_HTTP,
};
