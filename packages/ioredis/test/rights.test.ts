/** The rules of `docs/redis-layout.md` are enough for what they are for. */
import { announce, type BackendRegistry, startCleanup } from '@backend-registry/core';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { describe, expect, test, vi } from 'vitest';
import { RedisBackendRegistry } from '../src/index.ts';
import { linesUnder } from './page.ts';

const backend = { url: 'http://10.0.0.1', port: 8001 };
const rules = linesUnder('Rights').map((line) => line.split(' '));

/** What each user does, with a registry of its own and another one of somebody who may do everything. */
const duties: Record<string, (registry: BackendRegistry, all: BackendRegistry) => Promise<void>> = {
  async backend(registry) {
    const announcement = announce(registry, backend, { heartbeatIntervalMs: 20 });
    await announcement.ready;
    await announcement.update({ weight: 2 });
    await registry.heartbeat(backend);
    await registry.updateBackendHealth(backend, false);
    await registry.updateBackendMetrics(backend, { inFlightRequests: 1 });
    await registry.drain(backend);
    await registry.getBackend(backend);
    await announcement.close({ deadlineMs: 0 });
    await registry.register(backend);
    expect(await registry.unregister(backend)).toEqual({ status: 'unregistered' });
  },
  async proxy(registry, all) {
    const types: string[] = [];
    const following = (async () => {
      for await (const event of registry.watch({ pollIntervalMs: 20 })) types.push(event.type);
    })();
    await vi.waitFor(() => expect(types).toEqual(['snapshot']));
    await all.register(backend);
    await vi.waitFor(() => expect(types).toContain('registered'));
    await all.unregister(backend);
    await vi.waitFor(() => expect(types).toContain('removed'));
    expect(await registry.listBackends()).toEqual([]);
    expect(await registry.getBackend(backend)).toBe(null);
    await registry.close();
    await following;
  },
  async cleaner(registry, all) {
    await all.register({ ...backend, heartbeatTimeoutMs: 1 });
    await vi.waitFor(async () => expect((await all.getBackend(backend))?.status).toBe('expired'));
    expect((await registry.cleanupExpiredBackends()).removed).toMatchObject([backend]);
    await all.register(backend);
    expect(await registry.listBackends()).toHaveLength(1);
    await using cleanup = startCleanup(registry);
    await cleanup.ready;
  },
};

async function withUser(server: RedisServer, rule: readonly string[], db: number): Promise<void> {
  const [, , name = ''] = rule;
  await server.cli(rule[0] ?? '', ...rule.slice(1));
  await using all = new RedisBackendRegistry({ url: server.url, db });
  await using registry = new RedisBackendRegistry({ url: server.url, username: name, password: 'secret', db });
  await duties[name]?.(registry, all);
  expect((await denied(server)).filter((command) => !command.startsWith('client'))).toEqual([]);
}

/** What the ACL has refused; a client that may not say what it is called goes on without. */
async function denied(server: RedisServer): Promise<string[]> {
  const log = (await server.cli('ACL', 'LOG')) as string[][];
  return log.map((entry) => entry[entry.indexOf('object') + 1] ?? '');
}

describe('the rules of the page', () => {
  test('are those of each duty', () => {
    expect(rules.map(([, , name]) => name)).toEqual(Object.keys(duties));
  });

  for (const rule of rules) {
    test(`are enough for a ${rule[2]}, in any database`, async () => {
      await using server = await startStandalone();
      await withUser(server, rule, 0);
      await withUser(server, rule, 1);
    });
  }
});
