import { once } from 'node:events';
import { testVersion } from '@backend-registry/redis-harness/versions';
import * as highest from 'ioredis';
import * as lowest from 'ioredis-5';
import { adapter } from './adapter.ts';

// A client of the registry's own, the newest in RESP3, has the suite in conformance.test.ts.
const versions = [
  ['ioredis 5.4.0, RESP2', (url: string) => new lowest.Redis(url)],
  ['ioredis 6.0.0, RESP2', (url: string) => new highest.Redis(url, { protocol: 2 })],
] as const;

for (const [name, create] of versions) {
  await testVersion(
    {
      name,
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
