import { startStandalone } from '@backend-registry/redis-server';
import { expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

test('a certificate that is refused fails calls, and never the process', { timeout: 60_000 }, async () => {
  await using server = await startStandalone({ tls: true });
  // The second error of a socket comes or not, as the server answers before the client has gone.
  for (let n = 0; n < 40; n += 1) {
    await using registry = new RedisBackendRegistry({ url: server.url, commandTimeoutMs: 60 + n });
    const watching = registry.watch()[Symbol.asyncIterator]().next();
    const answers = await Promise.allSettled([registry.ping(), watching]);
    // On a busy machine, so little time may be over before the server has answered at all.
    const reason = { code: expect.stringMatching(/^(UNAVAILABLE|TIMEOUT)$/) };
    for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason });
  }
  await using registry = new RedisBackendRegistry({ url: server.url, commandTimeoutMs: 5_000 });
  await expect(registry.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
