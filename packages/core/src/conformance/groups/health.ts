/** What a backend, or whoever checks it, reports about its health; and the status that follows. */
import type { Backend } from '../../contract.ts';
import { equal, ok, rejects } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, idOf, outlive, resolution, sample, shortLease } from '../tools.ts';

export const health = {
  async 'health: a report is updated, unchanged or unknown, and every reader sees it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    equal(await registry.updateBackendHealth(sample(), false), { status: 'unknown' }, 'a backend that is not there');
    equal(await registry.listBackends(), [], 'a report registers nothing');
    const { backend } = await registry.register(sample());
    const unhealthy = { ...backend, health: false, status: 'unhealthy' };

    equal(await registry.updateBackendHealth(sample(), true), { status: 'unchanged' }, 'it is healthy already');
    equal(await registry.listBackends(), [backend], 'an unchanged report makes no version');
    equal(await registry.updateBackendHealth(sample(), false), { status: 'updated' }, 'it is unhealthy now');
    const [down] = await other.listBackends();
    equal({ ...down, version: '' }, { ...unhealthy, version: '' }, 'what another handle lists');
    ok(BigInt(down?.version ?? 0) > BigInt(backend.version), `version ${down?.version} after ${backend.version}`);
    equal(await other.updateBackendHealth(sample(), false), { status: 'unchanged' }, 'it is unhealthy already');
    equal(await registry.listBackends(), [down], 'an unchanged report makes no version');
    equal(await other.updateBackendHealth(sample(), true), { status: 'updated' }, 'it is healthy again');
    const [up] = await registry.listBackends();
    equal({ ...up, version: '' }, { ...backend, version: '' }, 'nothing else has changed');
    await registry.unregister(sample());
    equal(await other.updateBackendHealth(sample(), true), { status: 'unknown' }, 'a backend that has left');
    equal(await registry.listBackends(), [], 'a late report brings nothing back');
  },

  async 'health: a report touches no other field, no other backend, and does not extend the lease'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Not the handle's own timeout, so that a lease that is set anew shows.
    const heartbeatTimeoutMs = 50_000;
    const declared = {
      weight: 2,
      zone: 'a',
      metadata: { health: 'true', status: '"health":true' },
      heartbeatTimeoutMs,
    };
    await registry.registerAll([
      sample(1, { ...declared, inFlightRequests: 3, rifAvgLatency: 4.5, overallAvgLatency: 6 }),
      sample(2, declared),
    ]);
    const neighbour = (await registry.listBackends())[1];
    const before = await registry.getBackend(sample());
    const passed = shortLease(fixture) / 10;
    await elapse(fixture, passed);
    equal(await registry.updateBackendHealth(sample(), false), { status: 'updated' }, 'it is unhealthy now');
    const after = await registry.getBackend(sample());
    ok(before !== null && after !== null, 'it is registered');
    const { version, expiresInMs } = after;
    equal(
      after,
      { ...before, health: false, status: 'unhealthy', version, expiresInMs },
      'only health and status have changed',
    );
    const left = before.expiresInMs - passed + resolution(fixture);
    ok(expiresInMs <= left && expiresInMs > left / 2, `of the lease ${left} ms must be left, and ${expiresInMs} are`);
    equal((await registry.listBackends())[1], neighbour, 'the other backend is as it was');
  },

  async 'health: the status is the first that applies of expired, draining, unhealthy, healthy'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const all = [1, 2, 3, 4];
    await registry.registerAll(all.map((n) => sample(n, { health: n % 2 === 1 })));
    await registry.drain(sample(3));
    await registry.drain(sample(4));
    const states = (backends: readonly Backend[]) => backends.map(({ id, status, health }) => [id, status, health]);
    const alive = [
      [idOf(1), 'healthy', true],
      [idOf(2), 'unhealthy', false],
      [idOf(3), 'draining', true],
      [idOf(4), 'draining', false],
    ];
    equal(states(await registry.listBackends()), alive, 'while their leases last');
    await registry.heartbeatAll(all.map((n) => ({ ...sample(n), heartbeatTimeoutMs: shortLease(fixture) })));
    await outlive(fixture);
    const expired = all.map((n) => [idOf(n), 'expired', false]);
    equal(states(await registry.listBackends()), expired, 'when their leases are over');
    await registry.heartbeatAll(all.map((n) => sample(n)));
    equal(states(await registry.listBackends()), alive, 'when they came back');
  },

  async 'health: a report on an expired backend is kept, and does not bring it back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(1, { health: false, heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    equal(await registry.updateBackendHealth(sample(), true), { status: 'updated' }, 'it is reported healthy');
    const expired = await registry.getBackend(sample());
    equal([expired?.status, expired?.health, expired?.expiresInMs], ['expired', false, 0], 'it stays expired');
    equal(await registry.heartbeat(backend), { status: 'renewed' }, 'nobody has removed it');
    const back = await registry.getBackend(sample());
    equal([back?.status, back?.health], ['healthy', true], 'what was reported meanwhile holds');
  },

  async 'health: what is neither true nor false is INVALID_BACKEND, and nothing is stored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    for (const value of ['yes', 'false', 0, 1, null, undefined, Number.NaN]) {
      const what = `health ${JSON.stringify(value)} (${typeof value})`;
      const error = await rejects(registry.updateBackendHealth(sample(), value as never), 'INVALID_BACKEND', what);
      ok(error.message.includes('health'), `${what}: "${error.message}" must name the field`);
      ok(error.message.includes(String(value)), `${what}: "${error.message}" must have the value`);
    }
    equal(await registry.listBackends(), [backend], 'nothing has changed');
  },
};
