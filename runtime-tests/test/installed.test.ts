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
