import { restoreBackends, storedBackends } from '@backend-registry/core/move';
import { testMoveOverTcp } from '@backend-registry/redis-harness/move';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
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

test('a full server takes no copy, and an earlier copy is not renewed', async () => {
  await using source = await startStandalone();
  await using target = await startStandalone();
  await using from = new RedisBackendRegistry({ url: source.url });
  await using to = new RedisBackendRegistry({ url: target.url });
  const copy = async () => {
    for await (const { backends, askedAt } of storedBackends(from)) await restoreBackends(to, backends, { askedAt });
  };
  const one = { url: 'http://10.0.0.1', port: 8001 };
  for (const change of [() => from.register(one), () => from.heartbeat(one), () => from.drain(one)]) {
    await change();
    await target.cli('CONFIG', 'SET', 'maxmemory', '1');
    const before = await dump(target);
    await expect(copy()).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('maxmemory') });
    expect(await dump(target)).toEqual(before);
    await target.cli('CONFIG', 'SET', 'maxmemory', '0');
    await copy();
  }
  expect(await to.listBackends()).toMatchObject([{ ...one, status: 'draining' }]);
});

test('what has a document and no lease, one that is no time, or no version, is told, and not left out without a word', async () => {
  await using server = await startStandalone();
  await using registry = new RedisBackendRegistry({ url: server.url });
  await registry.registerAll([1, 2, 3, 4].map((n) => ({ url: `http://10.0.0.${n}`, port: 8001 })));
  await server.cli('ZREM', 'registry:leases', 'http://10.0.0.2:8001');
  await server.cli('ZADD', 'registry:leases', 'inf', 'http://10.0.0.3:8001');
  await server.cli('ZREM', 'registry:versions', 'http://10.0.0.4:8001');
  for await (const { backends, corrupt } of storedBackends(registry)) {
    expect(backends.map(({ id }) => id)).toEqual(['http://10.0.0.1:8001']);
    expect(corrupt).toEqual([
      { id: 'http://10.0.0.2:8001', reason: 'it has no lease' },
      { id: 'http://10.0.0.3:8001', reason: 'its lease ends at "inf"' },
      { id: 'http://10.0.0.4:8001', reason: 'it has no version' },
    ]);
  }
});

/** Every backend's keys and the index, as they are kept. */
async function dump(server: RedisServer): Promise<unknown[]> {
  const keys = ((await server.cli('KEYS', '*')) as string[]).sort();
  // A version that nothing has yet is no data.
  return Promise.all(keys.filter((key) => key !== 'registry:meta').map((key) => server.cli('DUMP', key)));
}
