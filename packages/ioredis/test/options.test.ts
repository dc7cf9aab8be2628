import { testOptions } from '@backend-registry/redis-harness/options';
import { startStandalone } from '@backend-registry/redis-server';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { adapter } from './adapter.ts';

await testOptions(adapter);

describe("ioredis: the client's own host and port", () => {
  test('they are where Redis is, and db counts', async () => {
    await using server = await startStandalone();
    const { host, port } = server;
    await using registry = new RedisBackendRegistry({ host, port, db: 3 });
    await registry.register({ url: 'http://10.0.0.1', port: 8001 });
    expect(await server.cli('INFO', 'keyspace')).toContain('db3:');
  });

  test('beside a url they are a CONFIGURATION error', () => {
    const attempt = () => new RedisBackendRegistry({ url: 'redis://localhost', host: 'other' });
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow('url and host');
  });
});

describe("ioredis: what is no option, and what is one of the client's own", () => {
  for (const [options, meant] of [
    [{ database: 1 }, 'db'],
    [{ socket: { host: 'localhost' } }, 'host'],
    [{ rootNodes: [] }, 'cluster'],
  ] as const) {
    test(`${JSON.stringify(options)} is a CONFIGURATION error that names ${meant}`, () => {
      const attempt = () => adapter.create(options);
      expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
      expect(attempt).toThrow(`${meant}`);
    });
  }

  test('sentinels, as ioredis spells them, are where Redis is', async () => {
    const sentinels = [{ host: '127.0.0.1', port: 1 }];
    await using registry = new RedisBackendRegistry({ sentinels, name: 'mymaster', commandTimeoutMs: 2_000 });
    await expect(registry.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('ioredis: clients of another library', () => {
  test('a client of node-redis is a CONFIGURATION error that names its package', () => {
    const attempt = () => adapter.over(createClient());
    expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(attempt).toThrow(/@backend-registry\/redis\b/);
  });
});
