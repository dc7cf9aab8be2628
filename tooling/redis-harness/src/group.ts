/** The conformance suite on several servers, and what must hold through a failover: Sentinel and Cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Announcement,
  announce,
  type BackendRegistry,
  createView,
  type RegistryError,
  type RegistryOptions,
} from '@backend-registry/core';
import type { ConformanceHarness } from '@backend-registry/core/conformance/cases';
import { type FaultProxy, startFaultProxy } from '@backend-registry/fault-proxy';
import { type RedisServer, startCluster, startSentinel, startStandalone } from '@backend-registry/redis-server';
import { afterAll, expect, test } from 'vitest';
import type { Adapter, Node } from './adapter.ts';
import { letsGo } from './early.ts';
import { DEADLINE_MS, RESOLUTION_MS } from './standalone.ts';
import { testSuite } from './suite.ts';
import { eventually, idOf, ids, sample, timersOf, Witness } from './witness.ts';

/** Of a handle whose first call is to fail. */
const LATE = { keyPrefix: '{late}:', commandTimeoutMs: 2_000 };
/** An option of node-redis: else it would be 17 s until it gives up. */
const GIVES_UP = { maxCommandRediscovers: 0 };
/** Failing over takes longer than that. */
const LIMIT = { timeout: 60_000 };

export async function testSentinel({ name, open }: Adapter): Promise<void> {
  const group = await startSentinel();
  afterAll(() => group[Symbol.asyncDispose]());
  const sentinel = { name: group.name, nodes: group.sentinels.map(address) };

  await testSuite(
    groupHarness({
      name: `${name}, Sentinel`,
      masterOf: () => group.master(),
      open: (options) => open({ ...options, sentinel }),
    }),
  );

  test('the option db counts', async () => {
    await using registry = open({ sentinel, db: 3 });
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    const master = await group.master();
    expect(await master.cli('INFO', 'keyspace')).toContain('db3:');
  });

  test('a database that the master does not have: REFUSED, and it is named', LIMIT, async () => {
    await using registry = open({ sentinel, db: 99, commandTimeoutMs: 10_000 });
    const refusal = { code: 'REFUSED', message: expect.stringContaining('database 99:') };
    await expect(registry.register(sample())).rejects.toMatchObject(refusal);
    await expect(registry.listBackends()).rejects.toMatchObject(refusal);
  });

  test('a password that the master does not take: REFUSED, and the password is named', LIMIT, async () => {
    const user = userOf('nobody', 'wrong');
    await using registry = open({ ...user, sentinel, commandTimeoutMs: 10_000 });
    const refusal = { code: 'REFUSED', message: expect.stringContaining('password') };
    await expect(registry.register(sample())).rejects.toMatchObject(refusal);
  });

  test('a name that no Sentinel knows: REFUSED, and the option is named', LIMIT, async () => {
    // One of them, that nobody can reach, does not hide what all others say.
    const nodes = [{ host: '127.0.0.1', port: 1 }, ...sentinel.nodes];
    await using registry = open({ sentinel: { name: 'other', nodes }, commandTimeoutMs: 10_000 });
    const refusal = { code: 'REFUSED', message: expect.stringContaining('sentinel.name') };
    await expect(registry.register(sample())).rejects.toMatchObject(refusal);
  });

  test(
    'a Sentinel that refuses, the first that is asked: the first call is answered by the next one',
    LIMIT,
    async () => {
      // It is none.
      const nodes = [...group.nodes.map(address).slice(0, 1), ...sentinel.nodes];
      await using registry = open({ sentinel: { ...sentinel, nodes }, keyPrefix: 'first:' });
      expect(await registry.register(sample())).toMatchObject({ status: 'registered' });
    },
  );

  test('close lets go of what is still connecting', LIMIT, () => letsGo(() => open({ sentinel })));

  test('no call has a timer of the client beside its deadline', LIMIT, async () => {
    await using registry = open({ sentinel, commandTimeoutMs: DEADLINE_MS });
    expect(await timersOf(registry, 20)).toBe(0);
  });

  test('calls made at once are sent at once, and not one after the other', LIMIT, async () => {
    await using registry = open({ sentinel, keyPrefix: 'at-once:', commandTimeoutMs: 30_000 });
    await registry.getBackend(sample());
    const master = await group.master();
    const received = async () =>
      Number(/total_net_input_bytes:(\d+)/.exec(String(await master.cli('INFO', 'stats')))?.[1]);
    await master.cli('CLIENT', 'PAUSE', '30000', 'WRITE');
    const before = await received();
    // Long, so that asking how much has come in meanwhile does not count.
    const url = `http://10.0.0.1/${'x'.repeat(1_000)}`;
    const calls = Array.from({ length: 200 }, (_, n) => registry.getBackend({ url, port: 8000 + n }));
    // None of them is answered.
    const sent = eventually(async () => expect((await received()) - before).toBeGreaterThan(200 * 1_000));
    await Promise.all([...calls, sent.finally(() => master.cli('CLIENT', 'UNPAUSE'))]);
  });

  test('a handle that is opened while no Sentinel answers works once one does', LIMIT, async () => {
    const [first] = group.sentinels;
    if (first === undefined) throw new Error('there is no Sentinel');
    await using proxy = await startFaultProxy(first);
    await comesLate(proxy, () => open({ ...GIVES_UP, ...LATE, sentinel: { ...sentinel, nodes: [address(proxy)] } }));
  });

  test(
    'a planned failover is followed at once, though the old master takes writes for eight seconds more',
    LIMIT,
    async () => {
      await using registry = open({ sentinel, keyPrefix: 'planned:' });
      await using watching = open({ sentinel, keyPrefix: 'planned:' });
      await registry.register(sample(0));
      await using witness = await Witness.of(watching);
      const master = await group.failover('planned');
      // A Sentinel that has not heard of it yet still names the old one.
      let n = 0;
      await eventually(async () => {
        n += 1;
        await registry.register(sample(n));
        expect(await master.cli('EXISTS', `planned:backend:${idOf(n)}`)).toBe(1);
      }, 5_000);
      await eventually(async () => expect([...witness.state.keys()]).toContain(idOf(n)));
      await group.settled();
      await witness.settled();
    },
  );

  test('a Sentinel hangs, the first that is asked: a handle that is opened asks the next one', LIMIT, async () => {
    const [first] = group.sentinels;
    await first?.freeze();
    try {
      await using registry = open({ sentinel, keyPrefix: 'hangs:' });
      await eventually(() => registry.register(sample()), 20_000);
    } finally {
      first?.thaw();
    }
  });

  test('a failover of Sentinel loses no backend, and no view is ever empty', LIMIT, async () => {
    await keepsItsFleet(
      () => open({ sentinel, keyPrefix: 'failover:' }),
      () => group.failover(),
    );
  });

  test('a master that hangs is given up when there is another one', LIMIT, async () => {
    const user = userOf('late', 'secret');
    const openLate = () => open({ ...user, sentinel, keyPrefix: 'hung:', commandTimeoutMs: DEADLINE_MS });
    await using early = openLate();
    await expect(early.register(sample())).rejects.toMatchObject({ code: 'REFUSED' });
    for (const node of group.nodes)
      if (node.running) await node.cli('ACL', 'SETUSER', 'late', 'on', '>secret', '~*', '&*', '+@all');
    // What it was refused before is over: it is not told again.
    await eventually(() => early.register(sample()), 30_000);
    await isFollowed(openLate, () => group.failover('freeze'), early);
  });
}

/** As each client calls it. */
function userOf(username: string, password: string): object {
  return { username, password, nodeClientOptions: { username, password } };
}

export async function testCluster({ name, open }: Adapter): Promise<void> {
  const group = await startCluster();
  afterAll(() => group[Symbol.asyncDispose]());
  const cluster = group.nodes.map(address);
  /** Of the prefix that a Cluster has by default. */
  const key = '{backend-registry}:registry:meta';

  await testSuite(
    groupHarness({
      name: `${name}, Cluster`,
      masterOf: (each) => group.masterOf(each),
      open: (options) => open({ ...options, cluster }),
      prefixed: tagged,
    }),
  );

  test('a handle that is opened while no node answers works once one does', LIMIT, async () => {
    const [first] = group.nodes;
    if (first === undefined) throw new Error('there is no node');
    await using proxy = await startFaultProxy(first);
    await comesLate(proxy, () => open({ ...LATE, cluster: [address(proxy)] }));
  });

  test('close lets go of what is still connecting', LIMIT, () => letsGo(() => open({ cluster })));

  test('no call has a timer of the client beside its deadline', LIMIT, async () => {
    await using registry = open({ cluster, commandTimeoutMs: DEADLINE_MS });
    expect(await timersOf(registry, 20)).toBe(0);
  });

  test('a registry that is closed while its connections are silent makes none anew', LIMIT, async () => {
    const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
    await using server = await startStandalone({ args });
    await server.cli('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await using proxy = await startFaultProxy(server);
    const there = address(proxy);
    // As each client calls it.
    const mapped = { nodeAddressMap: () => there, natMap: { [`${server.host}:${server.port}`]: there } };
    const registry = open({ ...mapped, cluster: [there], commandTimeoutMs: 20_000 });
    await eventually(() => registry.listBackends());
    proxy.forget();
    const call = registry.listBackends().catch((error: unknown) => error);
    // Longer than connections may be silent, and the call still waits.
    await sleep(7_000);
    const { accepted } = proxy;
    await registry.close();
    expect(await call).toMatchObject({ code: 'CLOSED' });
    await sleep(1_000);
    expect(proxy.accepted).toBe(accepted);
  });

  test('a prefix without a hash tag is refused, and the message has one that fits', () => {
    expect(() => open({ cluster, keyPrefix: 'shop:' })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining('"{shop}:"') }),
    );
  });

  test('a slot that moves to another master under load loses no backend', LIMIT, async () => {
    await keepsItsFleet(
      () => open({ cluster }),
      async () => {
        const from = await group.masterOf(key);
        const others = await Promise.all([0, 8_000, 16_000].map((slot) => group.masterOf(slot)));
        const to = others.find(({ port }) => port !== from.port);
        if (to === undefined) throw new Error('there is one master only');
        await group.moveSlot(key, to, { keysPerStep: 1 });
      },
    );
  });

  test('a failover of a master loses no backend, and no view is ever empty', LIMIT, async () => {
    await keepsItsFleet(
      () => open({ cluster }),
      () => group.failover(key),
    );
  });

  test('a master that hangs is given up when there is another one', LIMIT, () =>
    isFollowed(
      // In a slot of another master than the one that has failed over already: each has one replica.
      () => open({ cluster, keyPrefix: '{followed}:', commandTimeoutMs: DEADLINE_MS }),
      () => group.failover('{followed}:registry:meta', 'freeze'),
    ),
  );
}

function address({ host, port }: Node): Node {
  return { host, port };
}

interface GroupHarnessOptions {
  readonly name: string;
  /** The server that takes writes of this key now. */
  readonly masterOf: (key: string) => Promise<RedisServer>;
  readonly open: (options: RegistryOptions) => BackendRegistry;
  /** What a prefix must look like there. */
  readonly prefixed?: (keyPrefix: string) => string;
}

/** On a Cluster, keys with the same tag are in one slot. */
function tagged(keyPrefix: string): string {
  // What is no text is for the adapter to refuse.
  return typeof keyPrefix !== 'string' || /\{[^{}]+\}/.test(keyPrefix) ? keyPrefix : `{${keyPrefix}}`;
}

function groupHarness({
  name,
  masterOf,
  open,
  prefixed = (prefix) => prefix,
}: GroupHarnessOptions): ConformanceHarness {
  return {
    name,
    async open(given) {
      const handles: BackendRegistry[] = [];
      const another = async (options: RegistryOptions = {}) => {
        const merged = { ...given, commandTimeoutMs: DEADLINE_MS, ...options };
        const handle = open({ ...merged, keyPrefix: prefixed(merged.keyPrefix) });
        handles.push(handle);
        return handle;
      };
      const prefix = prefixed(given.keyPrefix);
      const master = () => masterOf(`${prefix}registry:meta`);
      return {
        registry: await another(),
        second: another,
        time: { resolutionMs: RESOLUTION_MS },
        async putRaw(id, document) {
          await (await master()).cli('SET', `${prefix}backend:${id}`, document);
        },
        faults: {
          async restartEmpty() {
            await (await master()).cli('FLUSHALL');
          },
          async flushScripts() {
            await (await master()).cli('SCRIPT', 'FLUSH');
          },
        },
        async [Symbol.asyncDispose]() {
          for (const handle of handles) await handle.close();
        },
      };
    },
  };
}

/** A handle and a watcher, while the master hangs and another server takes its place: both go on there. The old one stays as it is: no later test may need it. */
async function isFollowed(open: () => BackendRegistry, fail: () => Promise<unknown>, registry = open()): Promise<void> {
  await using _ = registry;
  await registry.register(sample(1));
  await using witness = await Witness.of(registry);
  await fail();
  const codes = new Set<string>();
  const registered = () =>
    registry.register(sample(2)).catch((error: RegistryError) => {
      codes.add(error.code);
      throw error;
    });
  await eventually(registered, 30_000);
  for (const code of codes) expect(['TIMEOUT', 'UNAVAILABLE']).toContain(code);
  await witness.settled(30_000);
  expect(witness.fewest).toBe(1);
  await using other = open();
  await eventually(() => other.register(sample(3)), 20_000);
  await witness.settled();
}

/** A handle that is opened while nobody answers at the only address that it has, and a watcher of it. */
async function comesLate(proxy: FaultProxy, open: () => BackendRegistry): Promise<void> {
  proxy.refuse(true);
  await using registry = open();
  await expect(registry.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(registry.register(sample(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  proxy.refuse(false);
  await eventually(() => registry.ping());
  await using witness = await Witness.of(registry);
  await registry.register(sample(2));
  await witness.settled();
  // What has failed is not sent when nobody expects it any more.
  expect(ids(await registry.listBackends())).toEqual([idOf(2)]);
}

/** A fleet that beats and a view that is read, while `fail` takes the master away: the view is never empty, and everybody is there afterwards. */
async function keepsItsFleet(open: () => BackendRegistry, fail: () => Promise<unknown>): Promise<void> {
  const fleet: Announcement[] = [];
  const backends = open();
  const proxy = open();
  const view = createView(proxy, { pollIntervalMs: 100 });
  try {
    for (let n = 0; n < 5; n += 1) {
      // Longer than a failover takes, so that nobody expires by it.
      const lease = { heartbeatTimeoutMs: 20_000 };
      fleet.push(
        announce(
          backends,
          { url: 'http://10.0.0.7', port: 8000 + n, ...lease },
          { heartbeatIntervalMs: 100, drainNoticeMs: 0 },
        ),
      );
    }
    await Promise.all([view.ready, ...fleet.map(({ ready }) => ready)]);
    await until(() => view.routable.length === 5);
    let emptiest = 5;
    view.subscribe(() => {
      emptiest = Math.min(emptiest, view.routable.length);
    });
    const before = view.backends.map(({ incarnation }) => incarnation);
    await fail();
    // Writes reach the new master: an update of every backend is seen in the view.
    await Promise.all(fleet.map((announcement) => announcement.update({ zone: 'after' })));
    await until(() => view.state === 'fresh' && view.routable.every(({ zone }) => zone === 'after'));
    expect(view.backends.map(({ incarnation }) => incarnation)).toEqual(before);
    expect(emptiest).toBe(5);
    expect((await proxy.listBackends()).map(({ status }) => status)).toEqual(Array(5).fill('healthy'));
  } finally {
    for (const announcement of fleet) await announcement.close({ deadlineMs: 0 });
    await view.close();
    await backends.close();
    await proxy.close();
  }
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 30_000, interval: 10 }).toBe(true);
}
