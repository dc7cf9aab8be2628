/** The users of `docs/operations.md` may do what they are for, and nothing else. */

import { readFileSync } from 'node:fs';
import { announce, type BackendRegistry, RegistryError } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { RedisBackendRegistry as NodeRedisBackendRegistry } from '@backend-registry/redis';
import { type RedisServer, startCluster, startSentinel, until } from '@backend-registry/redis-server';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Page } from './pages/page.ts';
import { backend, Stage } from './pages/stage.ts';
import { runProgram } from './program.ts';

const RULE = /^redis-cli ACL SETUSER (\w+) on (.*)$/;
/** What stands behind `ACL SETUSER`, by user. */
const rules = new Map(
  new Page('operations.md').examples().flatMap(({ command }) => {
    const [, name, rest = ''] = RULE.exec(command) ?? [];
    return name === undefined ? [] : [[name, `on ${rest}`.replaceAll("'", '').split(' ')] as const];
  }),
);

const there = `${backend(7).url}:${backend(7).port}`;
const gone = `${backend(8).url}:${backend(8).port}`;

/** What each role types, and the exit status: 3 is what the store refuses. */
const DUTIES: Readonly<Record<string, readonly (readonly [exit: number, command: string])[]>> = {
  backend: [
    [0, `register ${gone}`],
    [0, `heartbeat ${gone}`],
    [0, `health ${gone} down`],
    [0, `drain ${gone}`],
    [0, `get ${gone}`],
    [0, `unregister ${gone}`],
    [3, 'list'],
    [3, 'cleanup'],
    [1, 'doctor --role proxy --read-only'],
  ],
  proxy: [
    [0, 'list'],
    [0, `get ${there}`],
    [0, `explain ${there}`],
    [3, `register ${gone}`],
    [3, `heartbeat ${there}`],
    [3, `health ${there} down`],
    [3, `drain ${there}`],
    [3, `unregister ${there}`],
    [1, 'doctor --role backend --read-only'],
  ],
  cleaner: [
    [0, 'list'],
    [0, 'cleanup --dry-run'],
    [0, 'cleanup'],
    [3, `register ${gone}`],
    [3, `heartbeat ${there}`],
    [1, 'doctor --role backend --read-only'],
  ],
  operator: [
    [0, `register ${gone}`],
    [0, `heartbeat ${gone}`],
    [0, `health ${gone} down`],
    [0, `drain ${gone}`],
    [0, `explain ${there}`],
    [0, `unregister ${gone}`],
    [0, 'list'],
    [0, 'cleanup'],
  ],
};

let stage: Stage;
let server: RedisServer;
beforeAll(async () => {
  stage = new Stage();
  server = await stage.start({ persistent: true });
  for (const [name, rule] of rules) await server.cli('ACL', 'SETUSER', name, ...rule);
  await stage.open(server).register(backend(7));
});
afterAll(() => stage[Symbol.asyncDispose]());

const urlOf = (role: string, { url }: RedisServer) => url.replace('//', `//${role}:secret@`);
const runAs = (role: string, command: string) => runProgram([...command.split(' '), '--registry', urlOf(role, server)]);

test('there is a user for each role', () => {
  expect([...rules.keys()]).toEqual(Object.keys(DUTIES));
});

test('backend, proxy and cleaner are those of the page about the layout', () => {
  const layout = readFileSync(new URL('../../../docs/redis-layout.md', import.meta.url), 'utf8');
  const shown = Array.from(layout.matchAll(/^ACL SETUSER (\w+) (.*)$/gm), ([, name, rule = '']) => [
    name,
    rule.split(' '),
  ]);
  expect([...rules].filter(([name]) => name !== 'operator')).toEqual(shown);
});

test('an operator copies a registry into another store, with the rights that the doctor asks for', async () => {
  const other = await stage.start({ persistent: true });
  for (const [name, rule] of rules) await other.cli('ACL', 'SETUSER', name, ...rule);
  const { exit, stdout } = await runProgram([
    'migrate',
    ...['--from', urlOf('operator', server)],
    ...['--to', urlOf('operator', other)],
  ]);
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^ +1 {2}restored$/m)]);
  expect(await stage.open(other).listBackends()).toMatchObject([backend(7)]);
});

describe.each(Object.entries(DUTIES))('%s', (role, duties) => {
  test('passes its own examination', async () => {
    const { exit, stdout } = await runAs(role, `doctor --role ${role} --json`);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; status: string }[] };
    expect({ exit, ok }).toEqual({ exit: 0, ok: true });
    expect(checks).toContainEqual(expect.objectContaining({ name: 'permissions', status: 'ok' }));
    // For an operator, there is nothing that the doctor could not look at.
    if (role === 'operator') expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  test('can do its job with the program, and not that of another one', async () => {
    const found: [number | null, string][] = [];
    for (const [, command] of duties) found.push([(await runAs(role, command)).exit, command]);
    expect(found).toEqual(duties);
    expect(await stage.open(server).getBackend(backend(7))).toMatchObject({ status: 'healthy' });
    expect(await stage.open(server).getBackend(backend(8))).toBe(null);
  });

  test('may run no other command, and its own on no other key or channel', async () => {
    const allowed = new Set(
      (rules.get(role) ?? []).filter((word) => word.startsWith('+')).map((word) => word.slice(1)),
    );
    const commands = await commandsOf(server);
    const may: string[] = [];
    for (const command of commands) {
      const answer = String(await server.cli('ACL', 'DRYRUN', role, ...sampleOf(command)));
      if (answer === 'OK') may.push(command.name);
      else expect(answer).toMatch(/has no permissions/);
    }
    // On a key of its own, or on none, they are all allowed: that is what the other tests are about.
    expect(may.sort()).toEqual([...allowed].filter((name) => !TAKES_FOREIGN.has(name)).sort());
    expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining([...allowed]));
  });
});

/** On a Cluster, what each does with a registry of its own and one of somebody who may do everything. */
const IN_CLUSTER: Readonly<Record<string, (registry: BackendRegistry, all: BackendRegistry) => Promise<void>>> = {
  async backend(registry) {
    const announcement = announce(registry, backend(8), { drainNoticeMs: 1 });
    await announcement.ready;
    expect(await registry.heartbeat(backend(8))).toEqual({ status: 'renewed' });
    await announcement.close();
  },
  async proxy(registry, all) {
    const types: string[] = [];
    const following = (async () => {
      for await (const event of registry.watch({ pollIntervalMs: 600_000 })) types.push(event.type);
    })();
    await vi.waitFor(() => expect(types).toEqual(['snapshot']), { timeout: 20_000 });
    await all.register(backend(8));
    await vi.waitFor(() => expect(types).toEqual(['snapshot', 'registered']), { timeout: 20_000 });
    expect(await registry.listBackends()).toHaveLength(1);
    await all.unregister(backend(8));
    await registry.close();
    await following;
  },
  async cleaner(registry, all) {
    await all.register({ ...backend(8), heartbeatTimeoutMs: 1 });
    await vi.waitFor(async () => expect((await all.getBackend(backend(8)))?.status).toBe('expired'), {
      timeout: 20_000,
    });
    expect((await registry.cleanupExpiredBackends()).removed).toMatchObject([backend(8)]);
  },
};

test('on a Cluster, each needs what the page adds, and nothing else', { timeout: 120_000 }, async () => {
  const cluster = stage.use(await startCluster());
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  const pages = ['operations', 'redis-layout'].map((name) => new Page(`${name}.md`).text);
  const added = pages.map((text) => /On a Cluster, every user also needs `([^`]*)`/.exec(text)?.[1]?.split(' ') ?? []);
  expect(added[0]).toEqual(added[1]);
  const [more = []] = added;
  const onAll = async (...command: string[]) => {
    for (const node of cluster.nodes) await node.cli('ACL', ...command);
  };
  for (const [name, rule] of rules) {
    const here = rule.map((word) => word.replace(/^([~&])/, '$1{backend-registry}:'));
    await onAll('SETUSER', name, ...here, ...more);
  }
  const all = stage.use(new RedisBackendRegistry({ cluster: nodes }));
  const slot = '{backend-registry}:';
  for (const [username, act] of Object.entries(IN_CLUSTER)) {
    const login = { username, password: 'secret' };
    for (const open of [
      () => new RedisBackendRegistry({ cluster: nodes, redisOptions: login }),
      () => new NodeRedisBackendRegistry({ cluster: nodes, defaults: login }),
    ]) {
      await using registry = open();
      await act(registry, all);
    }
  }
  const denied = await Promise.all(cluster.nodes.map((node) => node.cli('ACL', 'LOG') as Promise<string[][]>));
  const objects = denied.flat().map((entry) => entry[entry.indexOf('object') + 1] ?? '');
  expect(objects.filter((object) => !/^(client\||readonly$)/.test(object))).toEqual([]);

  // While a slot moves, its keys are at the new node for who says ASKING.
  await all.register(backend(7));
  const from = await cluster.masterOf(slot);
  const masters = await Promise.all(['{a}:', '{b}:', '{c}:', '{d}:'].map((key) => cluster.masterOf(key)));
  const to = masters.find((node) => node !== from) ?? expect.fail('There is no other master');
  const proxy = { username: 'proxy', password: 'secret' };
  const readers = [
    stage.use(new RedisBackendRegistry({ cluster: nodes, redisOptions: proxy })),
    stage.use(new NodeRedisBackendRegistry({ cluster: nodes, defaults: proxy })),
  ];
  for (const reader of readers) await reader.ping();
  await cluster.moveSlot(slot, to, {
    keysPerStep: 1_000,
    async afterStep() {
      for (const reader of readers) expect(await reader.getBackend(backend(7))).toMatchObject(backend(7));
    },
  });

  // Who may not say it fails while the slot moves, and then goes on: no promise of the client is left to end the process.
  await onAll('SETUSER', 'proxy', '-asking');
  const unasked = stage.use(new RedisBackendRegistry({ cluster: nodes, redisOptions: proxy }));
  await unasked.ping();
  await cluster.moveSlot(slot, from, {
    keysPerStep: 1_000,
    async afterStep() {
      await expect(unasked.getBackend(backend(7))).rejects.toBeInstanceOf(RegistryError);
    },
  });
  expect(await unasked.getBackend(backend(7))).toMatchObject(backend(7));
  await onAll('SETUSER', 'proxy', '+asking');

  // Nor is anybody left to guess who may not ask who has which slots.
  await onAll('SETUSER', 'proxy', '-cluster|slots');
  for (const blind of [
    stage.use(new RedisBackendRegistry({ cluster: nodes, redisOptions: proxy })),
    stage.use(new NodeRedisBackendRegistry({ cluster: nodes, defaults: proxy })),
  ]) {
    const refusal = { code: 'REFUSED', message: expect.stringContaining('ACL') };
    await expect(blind.listBackends()).rejects.toMatchObject(refusal);
  }
  await onAll('SETUSER', 'proxy', '+cluster|slots');

  // The doctor knows them: without any one, that one is named, and the remedy mends it.
  const [{ url } = server] = cluster.nodes;
  for (const role of rules.keys()) {
    const doctor = () =>
      runProgram([
        'doctor',
        '--role',
        role,
        '--read-only',
        '--cluster',
        '--registry',
        url.replace('//', `//${role}:secret@`),
      ]);
    expect(await doctor()).toMatchObject({ exit: 0, stdout: expect.stringContaining('✓ permissions:') });
    for (const word of role === 'proxy' ? more : []) {
      const command = word.slice(1);
      await onAll('SETUSER', role, `-${command}`);
      const { exit, stdout } = await doctor();
      expect(exit).not.toBe(0);
      expect(stdout).toContain(`: ${command.toUpperCase().replace('|', ' ')}.`);
      const [, remedy = ''] = /→ On every node: ACL (.*)/.exec(stdout) ?? [];
      await onAll(...remedy.split(' '));
      expect((await doctor()).exit).toBe(0);
    }
  }
});

test('with the users of the page, replicas and Sentinels do without the default user', {
  timeout: 60_000,
}, async () => {
  const [, block = ''] = /^```text\n(ACL SETUSER replica.*?)^```$/ms.exec(new Page('operations.md').text) ?? [];
  const lines = block.split('\n').map((line) => line.replace(/ {2,}.*/, '').split(' '));
  const group = stage.use(await startSentinel({ downAfterMs: 20_000 }));
  const master = await group.master();
  await until('the Sentinels know each other', async () => {
    for (const sentinel of group.sentinels) await sentinel.cli('SENTINEL', 'CKQUORUM', group.name);
    return true;
  });
  for (const [command = '', ...words] of lines) {
    if (command === '') continue;
    for (const each of command === 'SENTINEL' ? group.sentinels : group.nodes) await each.cli(command, ...words);
  }
  for (const node of group.nodes) await node.cli('ACL', 'SETUSER', 'admin', 'on', '>secret', '~*', '&*', '+@all');
  const admins = group.nodes.map((node) => new Redis(urlOf('admin', node)));
  for (const admin of admins) admin.on('error', () => undefined);
  stage.use({
    async [Symbol.asyncDispose]() {
      for (const admin of admins) admin.disconnect();
    },
  });
  for (const admin of admins) {
    await admin.acl('SETUSER', 'default', 'off');
    // Whoever is connected stays so: they must come again.
    for (const type of ['normal', 'replica', 'pubsub', 'master']) await admin.client('KILL', 'TYPE', type as never);
  }
  const [sentinel = expect.fail('There is no Sentinel')] = group.sentinels;
  const wait = { timeoutMs: 30_000 };
  // As soon as it has heard of a replica again.
  const begin = () => sentinel.cli('SENTINEL', 'FAILOVER', group.name);
  await until('a failover begins', () => begin().then(Boolean, () => false), wait);
  const isOver = async () => {
    const [, port] = (await sentinel.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', group.name)) as string[];
    const infos = await Promise.all(admins.map((admin) => admin.info('replication')));
    const masters = infos.filter((info) => info.includes('role:master'));
    return Number(port) !== master.port && masters.length === 1 && masters[0]?.includes('connected_slaves:2') === true;
  };
  await until('a replica has become the master, and the others follow it', isOver, wait);
});

/** Those of the rules that name a key or a channel. */
const TAKES_FOREIGN = new Set(
  (
    'eval evalsha mget mset get del type exists publish hget hmget hset hdel zadd zcard zcount zscore zmscore zrange zrangebyscore zrem ' +
    'zremrangebyrank subscribe hscan expire pttl memory|usage'
  ).split(' '),
);

interface Command {
  /** In lower case, with its subcommand: `acl|whoami`. */
  readonly name: string;
  /** How many words it has at the least. */
  readonly words: number;
}

/** All of the server, but those that one may give before a password. */
async function commandsOf(server: RedisServer): Promise<Command[]> {
  const found: Command[] = [];
  const add = (entries: readonly unknown[]): void => {
    for (const [name, arity, flags, , , , , , , subcommands] of entries as [string, number, string[], ...unknown[]][]) {
      if (Array.isArray(subcommands) && subcommands.length > 0) add(subcommands);
      else if (!flags.includes('no_auth')) found.push({ name, words: Math.abs(arity) });
    }
  };
  add((await server.cli('COMMAND')) as unknown[]);
  return found;
}

/** A call of it, on a key or a channel that is none of a registry. */
function sampleOf({ name, words }: Command): string[] {
  const parts = name.split('|');
  if (name === 'eval' || name === 'evalsha') return [name, 'return 1', '1', 'foreign'];
  return [...parts, ...Array<string>(Math.max(0, words - parts.length)).fill('foreign')];
}
