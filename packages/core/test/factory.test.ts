import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AdapterModule, type AdapterOptions, type CreateRegistryOptions, createRegistry } from '../src/factory.ts';
import { MemoryBackendRegistry, MemoryStore } from '../src/index.ts';

const { peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** An adapter that shows what the factory passes on: a memory registry that remembers its options. */
class Recording extends MemoryBackendRegistry {
  readonly given: AdapterOptions;
  constructor(options: AdapterOptions) {
    super();
    this.given = options;
  }
}
const module: AdapterModule = { RedisBackendRegistry: Recording };
const absent = () => Promise.reject(new Error("Cannot find package '@backend-registry/ioredis'"));

async function given(options: CreateRegistryOptions): Promise<AdapterOptions> {
  const registry = await createRegistry({
    adapters: { ioredis: async () => module, upstash: async () => module },
    ...options,
  });
  await registry.close();
  return (registry as Recording).given;
}

test('without a word it is memory', async () => {
  await using registry = await createRegistry({ env: {} });
  expect(registry.capabilities).toMatchObject({ store: 'memory', heartbeatTimeoutMs: 60_000 });
});

test('it reads the environment of the process where there is one', async () => {
  process.env.BACKEND_HEARTBEAT_TIMEOUT = '7';
  try {
    await using registry = await createRegistry();
    expect(registry.capabilities.heartbeatTimeoutMs).toBe(7_000);
  } finally {
    delete process.env.BACKEND_HEARTBEAT_TIMEOUT;
  }
});

test('BACKEND_HEARTBEAT_TIMEOUT is in seconds, and an explicit option wins over it, even over a bad one', async () => {
  const env = { BACKEND_HEARTBEAT_TIMEOUT: '1.5' };
  await using fromEnv = await createRegistry({ env });
  expect(fromEnv.capabilities.heartbeatTimeoutMs).toBe(1_500);
  await using explicit = await createRegistry({
    env: { BACKEND_HEARTBEAT_TIMEOUT: 'soon' },
    heartbeatTimeoutMs: 2_000,
  });
  expect(explicit.capabilities.heartbeatTimeoutMs).toBe(2_000);
});

test('memory registries share a store only when they are given one', async () => {
  const store = new MemoryStore();
  await using one = await createRegistry({ env: {}, store });
  await using two = await createRegistry({ env: {}, store });
  await one.register({ url: 'http://h', port: 1 });
  expect(await two.listBackends()).toHaveLength(1);
});

test('redis gets its url and database from the variables, and explicit options win', async () => {
  const env = {
    REGISTRY_TYPE: 'redis',
    REDIS_URL: 'redis://cache:6380',
    REDIS_DB: '3',
    BACKEND_HEARTBEAT_TIMEOUT: '30',
  };
  expect(await given({ env })).toEqual({ url: 'redis://cache:6380', db: 3, heartbeatTimeoutMs: 30_000 });
  expect(await given({ env, url: 'redis://other', db: 0, keyPrefix: 'p' })).toEqual({
    url: 'redis://other',
    db: 0,
    keyPrefix: 'p',
    heartbeatTimeoutMs: 30_000,
  });
  expect(await given({ env: { REGISTRY_TYPE: 'redis', REDIS_URL: ' ', REDIS_DB: '' } })).toEqual({
    url: 'redis://localhost:6379',
  });
});

test('upstash gets its url and token from the variables', async () => {
  const env = { REGISTRY_TYPE: 'upstash', UPSTASH_REDIS_REST_URL: 'https://u', UPSTASH_REDIS_REST_TOKEN: 't' };
  expect(await given({ env })).toEqual({ url: 'https://u', token: 't' });
  await expect(given({ env: { ...env, UPSTASH_REDIS_REST_TOKEN: undefined } })).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: expect.stringContaining('UPSTASH_REDIS_REST_TOKEN'),
  });
});

test('where the environment chooses the type, the options of the others are left alone', async () => {
  expect(await given({ env: { REGISTRY_TYPE: 'redis' }, store: new MemoryStore(), token: 't', db: 1 })).toEqual({
    url: 'redis://localhost:6379',
    db: 1,
  });
});

test.each<[CreateRegistryOptions, string]>([
  [{ type: 'memory', url: 'redis://:hunter2@h' }, 'url'],
  [{ type: 'memory', db: 0 }, 'db'],
  [{ type: 'memory', token: 'hunter2' }, 'token'],
  [{ type: 'redis', store: new MemoryStore() }, 'store'],
  [{ type: 'ioredis', token: 'hunter2' }, 'token'],
  [{ type: 'node-redis', token: 'hunter2' }, 'token'],
  [{ type: 'upstash', store: new MemoryStore() }, 'store'],
  [{ type: 'upstash', db: 1 }, 'db'],
])(
  'an option of another type beside an explicit one is a CONFIGURATION error, and no secret: %j',
  async (options, name) => {
    const error = await given({ env: {}, ...options }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'CONFIGURATION',
      message: `Invalid option: type is "${options.type}": it has no option ${name}.`,
    });
  },
);

test('where nothing says of which type an option is, it is not memory in its place; REGISTRY_TYPE may choose that', async () => {
  for (const [option, value] of Object.entries({ url: 'redis://h', db: 1, token: 'hunter2' })) {
    const refusal = { code: 'CONFIGURATION', message: expect.stringContaining(`it has no option ${option}`) };
    await expect(createRegistry({ env: {}, [option]: value })).rejects.toMatchObject(refusal);
    await using chosen = await createRegistry({ env: { REGISTRY_TYPE: 'memory' }, [option]: value });
    expect(chosen).toBeInstanceOf(MemoryBackendRegistry);
  }
});

test('a type that is none is refused, and not taken for one that was left out', async () => {
  const refusal = { code: 'CONFIGURATION', message: expect.stringContaining('Invalid option: type is ') };
  for (const type of [null, '', 'Redis', 0] as never[])
    await expect(createRegistry({ env: { REGISTRY_TYPE: 'memory' }, type })).rejects.toMatchObject(refusal);
});

test('redis takes whichever adapter is installed', async () => {
  const registry = await createRegistry({ env: {}, type: 'redis', adapters: { 'node-redis': async () => module } });
  expect(registry).toBeInstanceOf(Recording);
  await registry.close();
});

test.each([
  ['ioredis', 'npm install @backend-registry/ioredis ioredis'],
  ['node-redis', 'npm install @backend-registry/redis redis'],
  ['upstash', 'npm install @backend-registry/upstash'],
] as const)('an adapter that is not installed is an error with the command for it: %s', async (type, command) => {
  const [, , adapter = ''] = command.split(' ');
  // In a strict layout of node_modules, core finds only what it has declared.
  expect([peerDependencies[adapter], peerDependenciesMeta[adapter]]).toEqual(['*', { optional: true }]);
  const adapters = { [type]: absent };
  await expect(createRegistry({ env: {}, type, adapters })).rejects.toMatchObject({
    code: 'ADAPTER_NOT_INSTALLED',
    message: expect.stringMatching(new RegExp(`\\(Error: Cannot find package .*\\). If it is missing: ${command}`)),
    cause: expect.objectContaining({ message: expect.stringContaining('Cannot find package') }),
  });
});

test('an adapter that is there and cannot be loaded is an error that says why', async () => {
  const broken = () => Promise.reject(new Error('Dynamic require of "events" is not supported'));
  await expect(createRegistry({ env: {}, type: 'redis', adapters: { 'node-redis': broken } })).rejects.toThrow(
    'cannot be loaded (Error: Dynamic require of "events" is not supported).',
  );
  // None is given: each that was tried.
  await expect(createRegistry({ env: {}, type: 'redis' })).rejects.toThrow(
    /\(Error: .*@backend-registry\/ioredis.*; Error: .*@backend-registry\/redis.*\)\. If it is missing: /s,
  );
});

test.each([
  [{ REGISTRY_TYPE: 'reddis' }, 'REGISTRY_TYPE'],
  [{ REGISTRY_TYPE: 'toString' }, 'REGISTRY_TYPE'],
  [{ REDIS_URL: 'redis://h' }, 'REGISTRY_TYPE=redis'],
  [{ UPSTASH_REDIS_REST_URL: 'https://h' }, 'REGISTRY_TYPE=upstash'],
  [{ REGISTRY_TYPE: 'redis', REDIS_URL: 'http://:hunter2@h' }, 'REDIS_URL'],
  [{ REGISTRY_TYPE: 'redis', REDIS_DB: '-1' }, 'REDIS_DB'],
  [{ REGISTRY_TYPE: 'redis', REDIS_DB: '1.5' }, 'REDIS_DB'],
  [{ BACKEND_HEARTBEAT_TIMEOUT: '0' }, 'BACKEND_HEARTBEAT_TIMEOUT'],
  [{ BACKEND_HEARTBEAT_TIMEOUT: '60s' }, 'BACKEND_HEARTBEAT_TIMEOUT'],
])('%j is a CONFIGURATION error that names %s, and no secret', async (env, name) => {
  const error = await given({ env }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(name) });
  expect((error as Error).message).not.toContain('hunter2');
});

test('a wrong option is named as an option', async () => {
  await expect(createRegistry({ env: {}, type: 'etcd' as never })).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: /type/,
  });
});
