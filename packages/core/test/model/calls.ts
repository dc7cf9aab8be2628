/** A call of a random history, made on the registry and on the model, and the answers compared. */
import { addresses, type Call, type Registration } from '@backend-registry/histories';
import { expect } from 'vitest';
import type { Backend, BackendRegistry, RegisterResult } from '../../src/index.ts';
import { idOf, type Model } from './model.ts';

/** The handles' own timeout: shorter than some of the time steps, longer than others. */
export const LEASE_MS = 1_000;

export async function check({ method, args }: Call, registry: BackendRegistry, model: Model): Promise<void> {
  switch (method) {
    case 'register':
      return registered(args[0], await registry.register(...args), model);
    case 'registerAll': {
      const results = await registry.registerAll(...args);
      expect(results).toHaveLength(args[0].length);
      for (const [n, backend] of args[0].entries()) registered(backend, results[n], model);
      return;
    }
    case 'heartbeat': {
      const { status } = await registry.heartbeat(...args);
      expect(status).toBe(model.heartbeat(args[0], args[0].heartbeatTimeoutMs ?? LEASE_MS));
      return;
    }
    case 'heartbeatAll': {
      const results = await registry.heartbeatAll(...args);
      expect(results.map(({ status }) => status)).toEqual(args[0].map((backend) => model.heartbeat(backend, LEASE_MS)));
      return;
    }
    case 'updateBackendHealth':
      expect((await registry.updateBackendHealth(...args)).status).toBe(model.health(...args));
      return;
    case 'updateBackendMetrics':
      expect((await registry.updateBackendMetrics(...args)).status).toBe(model.metrics(...args));
      return;
    case 'drain':
      expect((await registry.drain(...args)).status).toBe(model.drain(...args));
      return;
    case 'unregister':
      expect((await registry.unregister(...args)).status).toBe(model.unregister(...args));
      return;
    case 'cleanupExpiredBackends':
      return cleanedUp(args[0], registry, model);
    case 'read':
      return read(registry, model);
  }
}

function registered(backend: Registration, result: RegisterResult | undefined, model: Model): void {
  if (result === undefined) throw new Error('there is no result');
  const status = model.register(backend, backend.heartbeatTimeoutMs ?? LEASE_MS, result.backend.incarnation);
  expect(result.status).toBe(status);
  expect(withoutVersion(result.backend)).toEqual(model.shown(idOf(backend)));
}

async function cleanedUp(options: { limit?: number }, registry: BackendRegistry, model: Model): Promise<void> {
  const expected = model.cleanup(options.limit ?? Number.POSITIVE_INFINITY);
  const result = await registry.cleanupExpiredBackends(options);
  const expiries = result.removed.map(({ id }) => model.rows.get(id)?.expiresAt);
  expect(expiries).toEqual(expected.map(({ expiresAt }) => expiresAt));
  for (const backend of result.removed) {
    expect(withoutVersion(backend)).toEqual(model.shown(backend.id));
    model.rows.delete(backend.id);
  }
  expect(result.corrupt).toEqual([]);
  expect(result.nextExpiryInMs).toBe(model.nextExpiryInMs());
}

async function read(registry: BackendRegistry, model: Model): Promise<void> {
  const listed = await registry.listBackends();
  expect(listed.map(withoutVersion)).toEqual([...model.rows.keys()].sort().map((id) => model.shown(id)));
  for (const status of ['healthy', 'unhealthy', 'draining', 'expired'] as const) {
    const some = await registry.listBackends({ status });
    expect(some).toEqual(listed.filter((backend) => backend.status === status));
  }
  for (const address of addresses) {
    const detail = await registry.getBackend(address);
    const row = model.rows.get(idOf(address));
    if (row === undefined || detail === null) {
      expect([detail, row]).toEqual([null, undefined]);
      continue;
    }
    const { lastHeartbeatAt, expiresInMs, ...backend } = detail;
    expect(withoutVersion(backend)).toEqual(model.shown(idOf(address)));
    expect({ lastHeartbeatAt, expiresInMs }).toEqual({
      lastHeartbeatAt: row.lastHeartbeatAt,
      expiresInMs: Math.max(0, row.expiresAt - model.now),
    });
  }
}

function withoutVersion(backend: Backend): Record<string, unknown> {
  const { version, ...rest } = backend;
  expect(version).toMatch(/^\d+$/);
  return { ...rest };
}
