/** What depends on the client most, over clients of the lowest and newest version, with every option that changes what they send or give back. */
import { testSuite } from '@backend-registry/redis-harness/suite';
import { upstashHarness } from '@backend-registry/redis-harness/upstash';
import { startStandalone } from '@backend-registry/redis-server';
import { Redis } from '@upstash/redis';
import { Redis as OnCloudflare } from '@upstash/redis/cloudflare';
import { Redis as Lowest } from '@upstash/redis-1.34';
import { Redis as LowestOnCloudflare } from '@upstash/redis-1.34/cloudflare';
import { afterAll } from 'vitest';
import { RedisBackendRegistry, type UpstashClient } from '../src/index.ts';

type Endpoint = { readonly url: string; readonly token: string };

const clients: Readonly<Record<string, (endpoint: Endpoint) => UpstashClient>> = {
  'raw replies': (endpoint) => new Redis({ ...endpoint, automaticDeserialization: false }),
  'no base64': (endpoint) => new Redis({ ...endpoint, responseEncoding: false }),
  'raw replies, no base64': (endpoint) =>
    new Redis({ ...endpoint, automaticDeserialization: false, responseEncoding: false }),
  'auto-pipelining': (endpoint) => new Redis({ ...endpoint, enableAutoPipelining: true }),
  'many quick retries': (endpoint) => new Redis({ ...endpoint, retry: { retries: 20, backoff: () => 1 } }),
  'no sync token': (endpoint) => new Redis({ ...endpoint, readYourWrites: false }),
  "the entry for Cloudflare's runtime": (endpoint) => new OnCloudflare(endpoint),
  '1.34.0, which pipelines by itself': (endpoint) => new Lowest(endpoint),
  '1.34.0, raw replies, no auto-pipelining': (endpoint) =>
    new Lowest({ ...endpoint, automaticDeserialization: false, enableAutoPipelining: false }),
  "1.34.0, the entry for Cloudflare's runtime": (endpoint) => new LowestOnCloudflare(endpoint),
};

/** What is sent and comes back. */
const GROUPS = /^(registration|corrupt): /;
/** Clients for which it is another matter what happens when a connection does not hold. */
const RETRIES = /retries|1\.34\.0, which pipelines/;
const server = await startStandalone();
afterAll(() => server[Symbol.asyncDispose]());

for (const [name, connect] of Object.entries(clients)) {
  await testSuite(
    upstashHarness({
      name: `@upstash/redis, ${name}`,
      server,
      open: (endpoint, options) => new RedisBackendRegistry({ ...options, client: connect(endpoint) }),
    }),
    (each) => GROUPS.test(each) || (RETRIES.test(name) && each.startsWith('faults: ')),
  );
}
