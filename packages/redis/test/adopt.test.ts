/** Rows that another program left are found through node-redis too; what becomes of them is tested with the other adapter. */
import { type RedisServer, startCluster, startStandalone } from '@backend-registry/redis-server';
import { createClientPool } from 'redis';
import { expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';

const url = 'http://api.example.com';

async function leave(server: RedisServer, prefix: string, ports: readonly number[]): Promise<void> {
  const [seconds = ''] = (await server.cli('TIME')) as string[];
  for (const port of ports) {
    await server.cli('SET', `${prefix}backend:${url}:${port}`, JSON.stringify({ url, port, health: true }));
    await server.cli('SET', `${prefix}heartbeat:${url}:${port}`, seconds);
  }
}

test('through a client, over many steps', async () => {
  await using server = await startStandalone();
  await using registry = new RedisBackendRegistry({ url: server.url, keyPrefix: '[a]*:' });
  await server.cli('EVAL', 'for n = 1, 5000 do redis.call("SET", "foreign:" .. n, n) end', 0);
  await leave(server, '[a]*:', [8001, 8002]);
  await leave(server, 'ab:', [8003]);
  const { adopted } = await registry.adoptBackends();
  expect(adopted.map(({ port }) => port)).toEqual([8001, 8002]);
  expect(await registry.listBackends()).toEqual(adopted);
});

test('through a pool', async () => {
  await using server = await startStandalone();
  const client = createClientPool({ url: server.url });
  await client.connect();
  await using registry = new RedisBackendRegistry({ client });
  await leave(server, '', [8001]);
  expect((await registry.adoptBackends()).adopted).toHaveLength(1);
  await client.close();
});

test('on a Cluster, on whichever node they are', async () => {
  await using cluster = await startCluster();
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  for (const keyPrefix of ['{a}:', '{b}:', '{c}:', '{d}:']) {
    await using registry = new RedisBackendRegistry({ cluster: nodes, keyPrefix });
    const master = await cluster.masterOf(keyPrefix);
    await leave(master, keyPrefix, [8001]);
    expect((await registry.adoptBackends()).adopted).toHaveLength(1);
  }
}, 120_000);
