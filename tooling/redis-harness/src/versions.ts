/** The conformance suite over the caller's own client, of every version that an adapter supports. */
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll } from 'vitest';
import type { Adapter } from './adapter.ts';
import { redisHarness } from './standalone.ts';
import { testSuite } from './suite.ts';

export interface Version {
  /** Of the client, with its protocol: `redis 4.7.0, RESP2`. */
  readonly name: string;
  /** Runs every case; else those of {@link GROUPS}. */
  readonly whole: boolean;
  /** Connects a client of the caller's. */
  connect(url: string): Promise<{ readonly client: unknown; end(): unknown }>;
}

/** What is sent and comes back, and what happens when a connection does not hold. */
const GROUPS = /^(registration|addresses|leases|fencing|watch|faults): /;

export async function testVersion({ name, whole, connect }: Version, { over }: Adapter): Promise<void> {
  const server = await startStandalone();
  afterAll(() => server[Symbol.asyncDispose]());
  const harness = redisHarness({
    name,
    server,
    async open(url, options, atTheEnd) {
      const { client, end } = await connect(url);
      atTheEnd(end);
      return over(client, options);
    },
  });
  await testSuite(harness, (each) => whole || GROUPS.test(each));
}
