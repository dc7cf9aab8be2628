/** Random commands over two handles of one registry, each checked against the model. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Backend, BackendMetrics, BackendRegistry } from '../../src/index.ts';
import type { Model, ModelRegistration } from './model.ts';

export interface Real {
  readonly handles: readonly [BackendRegistry, BackendRegistry];
  advance(ms: number): void;
}

type Command = fc.AsyncCommand<Model, Real>;

/** The handles' own timeout: shorter than some of the time steps below, longer than others. */
export const LEASE_MS = 1_000;

/** Few addresses and lives, so that commands meet each other. */
const ids = [
  'http://a.example.com:80',
  'http://b.example.com:8001',
  'http://[::1]:9000',
  'https://c.example.com/base:443',
];
const anyId = fc.constantFrom(...ids);
const anyLife = fc.option(fc.constantFrom('first', 'second'), { nil: undefined });
const anyHandle = fc.constantFrom(0 as const, 1 as const);
const anyLease = fc.option(fc.constantFrom(10, 500, 5_000), { nil: undefined });
const anyText = fc.constantFrom('', '1', 'true', '{"a":1}', '\0', '😀', 'a:b{}*', '__proto__');
const anyMetrics: fc.Arbitrary<Partial<BackendMetrics>> = fc.record(
  {
    inFlightRequests: fc.constantFrom(0, 1, 7),
    rifAvgLatency: fc.constantFrom(0, 0.30000000000000004),
    overallAvgLatency: fc.constantFrom(0, 1e21),
  },
  { requiredKeys: [] },
);
const anyRegistration: fc.Arbitrary<ModelRegistration> = fc.record(
  {
    health: fc.boolean(),
    metrics: anyMetrics,
    weight: fc.constantFrom(0, 1, 2.5),
    zone: anyText,
    metadata: fc.dictionary(fc.constantFrom('a', 'b', '1'), anyText, { maxKeys: 3 }),
    incarnation: fc.constantFrom('first', 'second'),
  },
  { requiredKeys: [], noNullPrototype: true },
);

function address(id: string): { url: string; port: number } {
  const colon = id.lastIndexOf(':');
  return { url: id.slice(0, colon), port: Number(id.slice(colon + 1)) };
}

function ref(id: string, incarnation: string | undefined): { url: string; port: number; incarnation?: string } {
  return incarnation === undefined ? address(id) : { ...address(id), incarnation };
}

function withoutVersion(backend: Backend): Record<string, unknown> {
  const { version, ...rest } = backend;
  expect(version).toMatch(/^\d+$/);
  return { ...rest };
}

/** A command from a description and what it does to both. */
function command(text: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

const register = fc.tuple(anyHandle, anyId, anyRegistration, anyLease).map(([handle, id, registration, lease]) =>
  command(`register(${handle}, ${id}, ${JSON.stringify(registration)}, ${lease})`, async (model, real) => {
    const { metrics, ...declared } = registration;
    const given = {
      ...address(id),
      ...declared,
      ...metrics,
      ...(lease === undefined ? {} : { heartbeatTimeoutMs: lease }),
    };
    const result = await real.handles[handle].register(given);
    const status = model.register(id, registration, lease ?? LEASE_MS, result.backend.incarnation);
    expect(result.status).toBe(status);
    expect(withoutVersion(result.backend)).toEqual(model.shown(id));
  }),
);

const heartbeat = fc.tuple(anyHandle, anyId, anyLife, anyLease).map(([handle, id, life, lease]) =>
  command(`heartbeat(${handle}, ${id}, ${life}, ${lease})`, async (model, real) => {
    const beat = { ...ref(id, life), ...(lease === undefined ? {} : { heartbeatTimeoutMs: lease }) };
    const { status } = await real.handles[handle].heartbeat(beat);
    expect(status).toBe(model.heartbeat(id, life, lease ?? LEASE_MS));
  }),
);

const heartbeatAll = fc.tuple(anyHandle, fc.array(fc.tuple(anyId, anyLife), { maxLength: 6 })).map(([handle, beats]) =>
  command(`heartbeatAll(${handle}, ${JSON.stringify(beats)})`, async (model, real) => {
    const results = await real.handles[handle].heartbeatAll(beats.map(([id, life]) => ref(id, life)));
    expect(results.map(({ status }) => status)).toEqual(beats.map(([id, life]) => model.heartbeat(id, life, LEASE_MS)));
  }),
);

const health = fc.tuple(anyHandle, anyId, anyLife, fc.boolean()).map(([handle, id, life, value]) =>
  command(`updateBackendHealth(${handle}, ${id}, ${life}, ${value})`, async (model, real) => {
    const { status } = await real.handles[handle].updateBackendHealth(ref(id, life), value);
    expect(status).toBe(model.health(id, life, value));
  }),
);

const metrics = fc
  .tuple(
    anyHandle,
    anyId,
    anyLife,
    anyMetrics.filter((some) => Object.keys(some).length > 0),
  )
  .map(([handle, id, life, some]) =>
    command(`updateBackendMetrics(${handle}, ${id}, ${life}, ${JSON.stringify(some)})`, async (model, real) => {
      const { status } = await real.handles[handle].updateBackendMetrics(ref(id, life), some);
      expect(status).toBe(model.metrics(id, life, some));
    }),
  );

const drain = fc.tuple(anyHandle, anyId, anyLife, fc.boolean()).map(([handle, id, life, value]) =>
  command(`drain(${handle}, ${id}, ${life}, ${value})`, async (model, real) => {
    const { status } = await real.handles[handle].drain(ref(id, life), value);
    expect(status).toBe(model.drain(id, life, value));
  }),
);

const unregister = fc.tuple(anyHandle, anyId, anyLife).map(([handle, id, life]) =>
  command(`unregister(${handle}, ${id}, ${life})`, async (model, real) => {
    const { status } = await real.handles[handle].unregister(ref(id, life));
    expect(status).toBe(model.unregister(id, life));
  }),
);

const cleanup = fc
  .tuple(anyHandle, fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }))
  .map(([handle, limit]) =>
    command(`cleanupExpiredBackends(${handle}, ${limit})`, async (model, real) => {
      const expected = model.cleanup(limit ?? Number.POSITIVE_INFINITY);
      const result = await real.handles[handle].cleanupExpiredBackends(limit === undefined ? {} : { limit });
      const expiries = result.removed.map(({ id }) => model.rows.get(id)?.expiresAt);
      expect(expiries).toEqual(expected.map(({ expiresAt }) => expiresAt));
      for (const backend of result.removed) {
        expect(withoutVersion(backend)).toEqual(model.shown(backend.id));
        model.rows.delete(backend.id);
      }
      expect(result.corrupt).toEqual([]);
      expect(result.nextExpiryInMs).toBe(model.nextExpiryInMs());
    }),
  );

const read = anyHandle.map((handle) =>
  command(`read(${handle})`, async (model, real) => {
    const listed = await real.handles[handle].listBackends();
    expect(listed.map(withoutVersion)).toEqual([...model.rows.keys()].sort().map((id) => model.shown(id)));
    for (const status of ['healthy', 'unhealthy', 'draining', 'expired'] as const) {
      const some = await real.handles[handle].listBackends({ status });
      expect(some).toEqual(listed.filter((backend) => backend.status === status));
    }
    for (const id of ids) {
      const detail = await real.handles[handle].getBackend(address(id));
      const row = model.rows.get(id);
      if (row === undefined || detail === null) {
        expect([detail, row]).toEqual([null, undefined]);
        continue;
      }
      const { lastHeartbeatAt, expiresInMs, ...backend } = detail;
      expect(withoutVersion(backend)).toEqual(model.shown(id));
      expect({ lastHeartbeatAt, expiresInMs }).toEqual({
        lastHeartbeatAt: row.lastHeartbeatAt,
        expiresInMs: Math.max(0, row.expiresAt - model.now),
      });
    }
  }),
);

const step = fc.constantFrom(0, 1, 9, 10, 499, 500, 999, 1_000, 6_000).map((ms) =>
  command(`advance(${ms})`, async (model, real) => {
    model.now += ms;
    real.advance(ms);
  }),
);

export const anyCommands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [register, register, heartbeat, heartbeatAll, health, metrics, drain, unregister, cleanup, read, step, step],
  { maxCommands: 60 },
);
