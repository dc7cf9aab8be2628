import { testVersion } from '@backend-registry/redis-harness/versions';
import * as six from 'redis';
import * as four from 'redis-4';
import * as five from 'redis-5';
import { adapter } from './adapter.ts';

// A client of the registry's own, the newest in RESP3, has the suite in conformance.test.ts.
const versions = [
  ['redis 4.7.0, RESP2', (url: string) => four.createClient({ url })],
  // With its offline queue, version 5 mixes up answers when a connection is reset: README.md says so.
  ['redis 5.10.0, RESP3', (url: string) => five.createClient({ url, RESP: 3, disableOfflineQueue: true })],
  ['redis 6.3.1, RESP2', (url: string) => six.createClient({ url, RESP: 2 })],
] as const;

for (const [name, create] of versions) {
  await testVersion(
    {
      name,
      async connect(url) {
        const client = create(url);
        // The caller listens to the errors of the caller's client.
        client.on('error', () => undefined);
        await client.connect();
        return { client, end: () => ('destroy' in client ? client.destroy() : client.disconnect()) };
      },
    },
    adapter,
  );
}
