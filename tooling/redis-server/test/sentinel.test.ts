import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SentinelGroup, startSentinel } from '../src/index.ts';

let group: SentinelGroup;

beforeAll(async () => {
  group = await startSentinel();
});

afterAll(() => group[Symbol.asyncDispose]());

test('starts a master, two replicas in step with it, and three Sentinels that know all of them', async () => {
  expect([group.nodes.length, group.sentinels.length]).toEqual([3, 3]);
  const master = await group.master();
  expect(master).toBe(group.nodes[0]);
  for (const sentinel of group.sentinels) {
    expect(await sentinel.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', group.name)).toEqual([
      '127.0.0.1',
      String(master.port),
    ]);
    await expect.poll(() => sentinel.cli('SENTINEL', 'CKQUORUM', group.name)).toMatch(/^OK 3 usable Sentinels/);
  }
  await master.cli('SET', 'key', 'value');
  expect(await master.cli('WAIT', 2, 10_000)).toBe(2);
  const replicas = await group.replicas();
  expect(replicas.length).toBe(2);
  for (const replica of replicas) {
    expect(await replica.cli('GET', 'key')).toBe('value');
    await expect(replica.cli('SET', 'key', 'other')).rejects.toThrow('READONLY');
  }
});

test('fails over to a replica, again and again, when killed masters rejoin', { timeout: 60_000 }, async () => {
  for (let round = 1; round <= 2; round++) {
    const old = await group.master();
    await old.cli('SET', 'round', round);
    expect(await old.cli('WAIT', 2, 10_000)).toBe(2);
    const master = await group.failover();
    expect(old.running).toBe(false);
    expect(master).not.toBe(old);
    expect(await master.cli('INCR', 'round')).toBe(round + 1);
    await group.rejoin(old);
    expect(await group.replicas()).toContain(old);
    await expect.poll(() => old.cli('GET', 'round')).toBe(String(round + 1));
  }
});

test('a Sentinel that was killed comes back with what it knew', async () => {
  const [sentinel] = group.sentinels;
  await sentinel?.kill();
  const master = await group.master();
  await sentinel?.restart();
  await group.settled();
  expect(await group.master()).toBe(master);
});
