/** The conformance suite over the caller's own client, of every version that an adapter supports. */
import type { BackendDetail } from '@backend-registry/core';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import { startStandalone } from '@backend-registry/redis-server';
import { afterAll, expect, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { DEADLINE_MS, redisHarness } from './standalone.ts';
import { testSuite } from './suite.ts';
import { ids, sample } from './witness.ts';

export interface Version {
  /** Of the client, with its protocol: `redis 4.7.0, RESP2`. */
  readonly name: string;
  /** Connects a client of the caller's. */
  connect(url: string): Promise<{ readonly client: unknown; end(): unknown }>;
}

export async function testVersion({ name, connect }: Version, { over }: Adapter): Promise<void> {
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
  await testSuite(harness);

  test(`${name}: what is asked as the connection is reset gets its own answer, and so does what comes after`, async () => {
    await using proxy = await startFaultProxy(server);
    const { client, end } = await connect(proxy.url);
    await using registry = over(client, { keyPrefix: 'reset:', commandTimeoutMs: DEADLINE_MS });
    const samples = [1, 2, 3].map((n) => sample(n));
    await registry.registerAll(samples);
    const registered = ids(await registry.listBackends());
    const answers = await new Promise<Promise<readonly (BackendDetail | null)[]>>((resolve) => {
      // In a timer: the reset is seen before what was asked has been written.
      setTimeout(() => {
        proxy.cut();
        resolve(Promise.all(samples.map((each) => registry.getBackend(each))));
      });
    });
    expect(ids(answers.flatMap((answer) => answer ?? []))).toEqual(registered);
    for (const [n, each] of samples.entries()) expect((await registry.getBackend(each))?.id).toBe(registered[n]);
    await registry.close();
    await end();
  });
}
