import { restoreBackends, storedBackends } from '@backend-registry/core/move';
import { testMoveOverTcp } from '@backend-registry/redis-harness/move';
import { startStandalone } from '@backend-registry/redis-server';
import { expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { adapter } from './adapter.ts';
import { linesUnder } from './page.ts';

await testMoveOverTcp(adapter);

test('the rights of the page are enough: a proxy reads what it moves, and a backend with EXPIRE and ZRANGEBYSCORE writes it', async () => {
  await using server = await startStandalone();
  for (const line of linesUnder('Rights')) {
    const [acl = '', ...rule] = line.split(' ');
    await server.cli(acl, ...rule, ...(rule[1] === 'backend' ? ['+expire', '+zrangebyscore'] : []));
  }
  await using from = new RedisBackendRegistry({ url: server.url });
  await from.registerAll([
    { url: 'http://10.0.0.1', port: 8001 },
    { url: 'http://10.0.0.2', port: 8001 },
  ]);
  await using reader = new RedisBackendRegistry({ url: server.url, username: 'proxy', password: 'secret' });
  // Another database: the rules know no prefix.
  await using writer = new RedisBackendRegistry({ url: server.url, username: 'backend', password: 'secret', db: 1 });
  const statuses: string[] = [];
  for (const change of [
    () => undefined,
    () => from.heartbeat({ url: 'http://10.0.0.1:8001' }),
    () => from.drain({ url: 'http://10.0.0.2:8001' }),
  ]) {
    await change();
    for await (const { backends, askedAt } of storedBackends(reader))
      statuses.push(...(await restoreBackends(writer, backends, { askedAt })).map(({ status }) => status));
  }
  expect(statuses.slice(0, 3)).toEqual(['restored', 'restored', 'renewed']);
  expect(statuses.at(-1)).toBe('updated');
  expect(await writer.listBackends()).toHaveLength(2);
});
