import { once } from 'node:events';
import { testVersion } from '@backend-registry/redis-harness/versions';
import * as highest from 'ioredis';
import * as lowest from 'ioredis-5';
import { adapter } from './adapter.ts';

// The whole suite runs over the newest in RESP2, and over a client of the registry's own, which speaks RESP3, in conformance.test.ts.
const versions = [
  ['ioredis 5.4.0, RESP2', false, (url: string) => new lowest.Redis(url)],
  ['ioredis 6.0.0, RESP2', true, (url: string) => new highest.Redis(url, { protocol: 2 })],
] as const;

for (const [name, whole, create] of versions) {
  await testVersion(
    {
      name,
      whole,
      async connect(url) {
        const client = create(url);
        // The caller listens to the errors of the caller's client.
        client.on('error', () => undefined);
        await once(client, 'ready');
        return { client, end: () => client.disconnect() };
      },
    },
    adapter,
  );
}
