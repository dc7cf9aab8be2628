import { startStandalone } from '@backend-registry/redis-server';
import { expect, test } from 'vitest';
import { type Adapter, install, type Manager } from '../src/installed.ts';

// It may have to fetch the client.
const timeoutMs = 120_000;

test.for<[Manager, Adapter]>([
  ['npm', 'ioredis'],
  ['pnpm', 'ioredis'],
  ['pnpm', 'redis'],
])('the factory finds the adapter that %s has installed: %s', { timeout: timeoutMs }, async ([manager, adapter]) => {
  await using project = await install(manager, adapter);
  const installed = 'RedisBackendRegistry';
  const missing = 'ADAPTER_NOT_INSTALLED';
  expect(await project.made()).toEqual({
    memory: 'MemoryBackendRegistry',
    redis: installed,
    ioredis: adapter === 'ioredis' ? installed : missing,
    'node-redis': adapter === 'redis' ? installed : missing,
    upstash: missing,
  });
  const files = await project.bundled();
  expect(files.filter((file) => file.includes('/@backend-registry/core/'))).not.toEqual([]);
  expect(files.filter((file) => file.includes(`/@backend-registry/${adapter}/`))).toEqual([]);
});

test.for<[Adapter, string]>([
  ['ioredis', '5.4.0'],
  ['redis', '4.7.0'],
  ['redis', '5.10.0'],
])(
  'the adapter works with the oldest client that it takes, and its types are whole: %s %s',
  { timeout: timeoutMs },
  async ([adapter, version]) => {
    await using server = await startStandalone();
    await using project = await install('pnpm', adapter, version);
    expect(await project.live(server.url)).toEqual({
      routable: ['http://10.0.0.7:8001'],
      left: [],
      // Which version 4 of node-redis does not have.
      sentinel: version.startsWith('4.') ? 'CONFIGURATION' : 'made',
    });
    expect(await project.typed()).toBe('');
  },
);
