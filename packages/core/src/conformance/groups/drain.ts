/** Asking proxies to send nothing new, and taking it back. */
import { equal, ok, rejects } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, outlive, resolution, sample, shortLease } from '../tools.ts';

export const drain = {
  async 'drain: it is updated, unchanged or unknown, and every reader sees it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    equal(await registry.drain(sample()), { status: 'unknown' }, 'a backend that is not there');
    equal(await registry.listBackends(), [], 'a drain registers nothing');
    const { backend } = await registry.register(sample());

    equal(await registry.drain(sample(), false), { status: 'unchanged' }, 'it is not draining');
    equal(await registry.listBackends(), [backend], 'an unchanged drain makes no version');
    equal(await registry.drain(sample()), { status: 'updated' }, 'it drains now');
    const [draining] = await other.listBackends();
    // Health is what was reported: a backend that drains still serves what it has.
    equal({ ...draining, version: '' }, { ...backend, status: 'draining', version: '' }, 'what another handle lists');
    ok(BigInt(draining?.version ?? 0) > BigInt(backend.version), `version ${draining?.version}, not greater`);
    equal(await other.drain(sample(), true), { status: 'unchanged' }, 'it drains already');
    equal(await registry.listBackends(), [draining], 'an unchanged drain makes no version');
    await registry.unregister(sample());
    equal(await other.drain(sample()), { status: 'unknown' }, 'a backend that has left');
    equal(await registry.listBackends(), [], 'a late drain brings nothing back');
  },

  async 'drain: it can be taken back'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const [one, two] = await registry.registerAll([sample(1), sample(2, { health: false })]);
    for (const n of [1, 2]) await registry.drain(sample(n));
    const draining = await registry.listBackends({ status: 'draining' });
    equal(draining.length, 2, 'both drain');
    for (const n of [1, 2]) equal(await other.drain(sample(n), false), { status: 'updated' }, 'drain(backend, false)');
    const backends = await registry.listBackends();
    equal(
      backends.map((backend) => ({ ...backend, version: '' })),
      [one, two].map((result) => ({ ...result?.backend, version: '' })),
      'they are what they were before they drained',
    );
    backends.forEach((backend, at) => {
      const before = draining[at]?.version ?? '0';
      ok(BigInt(backend.version) > BigInt(before), `taking it back is a change: ${backend.version} after ${before}`);
    });
  },

  async 'drain: it touches no other field, no other backend, and does not extend the lease'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Not the handle's own timeout, so that a lease that is set anew shows.
    const heartbeatTimeoutMs = 50_000;
    const metadata = { draining: 'false', text: '"draining":false,' };
    const declared = { weight: 2, zone: 'a', metadata, heartbeatTimeoutMs };
    await registry.registerAll([
      sample(1, { ...declared, health: false, inFlightRequests: 3, rifAvgLatency: 4.5, overallAvgLatency: 6 }),
      sample(2, declared),
    ]);
    const neighbour = (await registry.listBackends())[1];
    const before = await registry.getBackend(sample());
    const passed = shortLease(fixture) / 10;
    await elapse(fixture, passed);
    equal(await registry.drain(sample()), { status: 'updated' }, 'it drains now');
    const after = await registry.getBackend(sample());
    ok(before !== null && after !== null, 'it is registered');
    const { version, expiresInMs } = after;
    equal(after, { ...before, status: 'draining', version, expiresInMs }, 'only the status has changed');
    const left = before.expiresInMs - passed + resolution(fixture);
    ok(expiresInMs <= left && expiresInMs > left / 2, `of the lease ${left} ms must be left, and ${expiresInMs} are`);
    equal((await registry.listBackends())[1], neighbour, 'the other backend is as it was');
  },

  async 'drain: it stays through reports, heartbeats and registrations of the same life'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life-1' }));
    await registry.drain(sample());
    const writes = {
      health: () => registry.updateBackendHealth(sample(), false),
      'health again': () => registry.updateBackendHealth(sample(), true),
      metrics: () => registry.updateBackendMetrics(sample(), { inFlightRequests: 2 }),
      heartbeat: () => registry.heartbeat(sample()),
      register: () => registry.register(sample(1, { zone: 'b', health: true })),
    };
    for (const [name, write] of Object.entries(writes)) {
      await write();
      equal((await registry.getBackend(sample()))?.status, 'draining', `after ${name}`);
    }
    await registry.register(sample(1, { incarnation: 'life-2' }));
    equal((await registry.getBackend(sample()))?.status, 'healthy', 'a new life does not drain');
  },

  async 'drain: it can be asked of an expired backend, and does not bring it back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    equal(await registry.drain(sample()), { status: 'updated' }, 'nobody has removed it');
    const expired = await registry.getBackend(sample());
    equal([expired?.status, expired?.health, expired?.expiresInMs], ['expired', false, 0], 'it stays expired');
    await registry.heartbeat(sample());
    const back = await registry.getBackend(sample());
    equal([back?.status, back?.health], ['draining', true], 'it drains when it comes back');
  },

  async 'drain: what is neither true nor false is INVALID_BACKEND, and nothing is stored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    for (const value of ['yes', 'false', 0, 1, null, Number.NaN]) {
      const what = `draining ${JSON.stringify(value)} (${typeof value})`;
      const error = await rejects(registry.drain(sample(), value as never), 'INVALID_BACKEND', what);
      ok(error.message.includes('drain'), `${what}: "${error.message}" must name the field`);
      ok(error.message.includes(String(value)), `${what}: "${error.message}" must have the value`);
    }
    equal(await registry.listBackends(), [backend], 'nothing has changed');
  },
};
