import { testOptions } from '@backend-registry/redis-harness/options';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { adapter } from './adapter.ts';

await testOptions(adapter);

describe('ioredis: clients of another library', () => {
  test('a client of node-redis is a CONFIGURATION error that names its package', () => {
    const attempt = () => adapter.over(createClient());
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow(/@backend-registry\/redis\b/);
  });
});
