import { createRegistry } from '@backend-registry/core/factory';
import { Redis } from '@upstash/redis';
import { Redis as OnCloudflare } from '@upstash/redis/cloudflare';
import { Redis as OnFastly } from '@upstash/redis/fastly';
import { Redis as Lowest } from '@upstash/redis-1.34';
import { Redis as LowestOnCloudflare } from '@upstash/redis-1.34/cloudflare';
import { Redis as IORedis } from 'ioredis';
import { test } from 'vitest';
import { RedisBackendRegistry, type UpstashClient } from '../src/index.ts';

declare function accept(client: UpstashClient): void;

const endpoint = { url: 'https://example.upstash.io', token: 'token' };

test('every client of @upstash/redis is taken without a cast', () => {
  accept(new Redis(endpoint));
  accept(new Redis({ ...endpoint, automaticDeserialization: false, enableAutoPipelining: true }));
  accept(Redis.fromEnv());
  accept(new OnCloudflare(endpoint));
  accept(new OnFastly({ ...endpoint, backend: 'name' }));
  accept(new Lowest(endpoint));
  accept(new LowestOnCloudflare(endpoint));
  new RedisBackendRegistry({ client: new Redis(endpoint), keyPrefix: 'app:' });
});

test('options of each kind, with those of a registry beside', () => {
  new RedisBackendRegistry(endpoint);
  new RedisBackendRegistry({ ...endpoint, subscribe: false, heartbeatTimeoutMs: 5_000 });
  new RedisBackendRegistry({ env: process.env });
  const worker = { UPSTASH_REDIS_REST_URL: '', CACHE: { get: () => null } };
  new RedisBackendRegistry({ env: worker });
});

test('the factory takes the package as it is imported', () => {
  void createRegistry({ type: 'upstash', adapters: { upstash: () => import('../src/index.ts') } });
});

test('what is neither is a compile error', () => {
  // @ts-expect-error: one of ioredis
  accept(new IORedis());
  // @ts-expect-error: nothing that a client has
  accept({});
  // @ts-expect-error: there is no default
  new RedisBackendRegistry();
  // @ts-expect-error: no token
  new RedisBackendRegistry({ url: endpoint.url });
  const client = new Redis(endpoint);
  // @ts-expect-error: a client has its address
  new RedisBackendRegistry({ ...endpoint, client });
  // @ts-expect-error: one or the other
  new RedisBackendRegistry({ ...endpoint, env: process.env });
  // @ts-expect-error: over a client, watchers poll
  new RedisBackendRegistry({ client, subscribe: true });
  // @ts-expect-error: no option of the registry
  new RedisBackendRegistry({ ...endpoint, heartbeatTimeout: 3 });
});
