import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisCluster, startCluster } from '../src/index.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster[Symbol.asyncDispose]());

test('starts three masters that share the slots, with a replica each', async () => {
  expect(cluster.nodes.length).toBe(6);
  const masters = await Promise.all([0, 8_192, 16_383].map((slot) => cluster.masterOf(slot)));
  expect(new Set(masters).size).toBe(3);
  const replicas = await Promise.all([0, 8_192, 16_383].map((slot) => cluster.replicasOf(slot)));
  expect(replicas.map(({ length }) => length)).toEqual([1, 1, 1]);
  expect(new Set([...masters, ...replicas.flat()]).size).toBe(6);
  for (const node of cluster.nodes) expect(await node.cli('CLUSTER', 'INFO')).toContain('cluster_state:ok');
});

test('finds the owner of a key, hash tags included', async () => {
  for (const key of ['backend:a', '{backend}:a', 'x{}y', '{}', 'a{b', 'Größe', '{a}{b}']) {
    const owner = await cluster.masterOf(key);
    expect(await owner.cli('SET', key, 'value')).toBe('OK');
    expect(await cluster.masterOf((await owner.cli('CLUSTER', 'KEYSLOT', key)) as number)).toBe(owner);
  }
});

test('moves a slot with its keys while clients can see it half-moved', async () => {
  const key = (index: number) => `{move}:${index}`;
  const from = await cluster.masterOf('{move}');
  const to = (await cluster.masterOf(0)) === from ? await cluster.masterOf(16_383) : await cluster.masterOf(0);
  for (let index = 0; index < 250; index++) await from.cli('SET', key(index), index);

  const steps: number[] = [];
  await cluster.moveSlot('{move}', to, {
    async afterStep(moved) {
      steps.push(moved);
      if (steps.length > 1) return;
      const all = Array.from({ length: 250 }, (_, index) => key(index));
      await expect(from.cli('MGET', ...all)).rejects.toThrow('TRYAGAIN');
      await expect(from.cli('GET', '{move}:none')).rejects.toThrow(`ASK`);
    },
  });
  expect(steps).toEqual([100, 200, 250]);
  expect(await cluster.masterOf('{move}')).toBe(to);
  for (let index = 0; index < 250; index++) expect(await to.cli('GET', key(index))).toBe(String(index));
  for (const node of cluster.nodes.filter((other) => other !== to)) {
    await expect(node.cli('GET', key(0))).rejects.toThrow(/^MOVED \d+ 127\.0\.0\.1:/);
  }

  await cluster.moveSlot('{move}', from, { keysPerStep: 250 });
  expect(await cluster.masterOf('{move}')).toBe(from);
  await cluster.settled();
});

test('fails over to the replica of a killed master, which comes back as a replica', async () => {
  const old = await cluster.masterOf('key');
  const [replica] = await cluster.replicasOf('key');
  await old.cli('SET', 'key', 'value');
  expect(await old.cli('WAIT', 1, 10_000)).toBe(1);
  const master = await cluster.failover('key');
  expect(old.running).toBe(false);
  expect(master).toBe(replica);
  expect(await master.cli('GET', 'key')).toBe('value');
  await old.restart({ empty: true });
  await cluster.settled();
  expect(await cluster.replicasOf('key')).toEqual([old]);
});
