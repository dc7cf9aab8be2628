/** The load that backends report. */
import type { BackendMetrics } from '../../contract.ts';
import { equal, ok, rejects, rejectsType } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, outlive, resolution, sample, shortLease } from '../tools.ts';

const FIELDS = ['inFlightRequests', 'rifAvgLatency', 'overallAvgLatency'] as const;

export const metrics = {
  async 'metrics: a report is updated, unchanged or unknown, and every reader sees it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const load = { inFlightRequests: 12, rifAvgLatency: 3.25, overallAvgLatency: 40.5 };
    equal(await registry.updateBackendMetrics(sample(), load), { status: 'unknown' }, 'a backend that is not there');
    equal(await registry.listBackends(), [], 'a report registers nothing');
    const { backend } = await registry.register(sample());
    equal(await registry.updateBackendMetrics(sample(), load), { status: 'updated' }, 'all three have changed');
    const [loaded] = await other.listBackends();
    ok(loaded !== undefined, 'another handle lists it');
    const { metricsUpdatedAt, version } = loaded;
    equal(loaded, { ...backend, ...load, metricsUpdatedAt, version }, 'what another handle lists');
    ok(BigInt(version) > BigInt(backend.version), `version ${version} after ${backend.version}`);
    equal(await other.updateBackendMetrics(sample(), load), { status: 'unchanged' }, 'the same report again');
    const { inFlightRequests } = load;
    equal(await other.updateBackendMetrics(sample(), { inFlightRequests }), { status: 'unchanged' }, 'a part of it');
    equal(await registry.listBackends(), [loaded], 'an unchanged report makes no version');
    await registry.unregister(sample());
    equal(await other.updateBackendMetrics(sample(), load), { status: 'unknown' }, 'a backend that has left');
    equal(await registry.listBackends(), [], 'a late report brings nothing back');
  },

  async 'metrics: those that are left out are kept'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample());
    let expected: BackendMetrics = { inFlightRequests: 0, rifAvgLatency: 0, overallAvgLatency: 0 };
    const reports: Partial<BackendMetrics>[] = [
      { inFlightRequests: 5 },
      { rifAvgLatency: 20 },
      { overallAvgLatency: 30 },
      { inFlightRequests: 6, overallAvgLatency: 31 },
      { rifAvgLatency: 21, overallAvgLatency: 31 },
      // Zero is a value like any other.
      { inFlightRequests: 0 },
      { rifAvgLatency: 0, overallAvgLatency: 0 },
    ];
    for (const report of reports) {
      const what = `after ${JSON.stringify(report)}`;
      expected = { ...expected, ...report };
      equal(await registry.updateBackendMetrics(sample(), report), { status: 'updated' }, what);
      const detail = await registry.getBackend(sample());
      const { inFlightRequests, rifAvgLatency, overallAvgLatency } = detail ?? {};
      equal({ inFlightRequests, rifAvgLatency, overallAvgLatency }, expected, what);
    }
  },

  async 'metrics: a report touches no other field, no other backend, and does not extend the lease'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Not the handle's own timeout, so that a lease that is set anew shows.
    const heartbeatTimeoutMs = 50_000;
    const metadata = { in_flight_requests: '1', text: '"in_flight_requests":1,' };
    const declared = { weight: 2, zone: 'a', metadata, heartbeatTimeoutMs };
    await registry.registerAll([sample(1, { ...declared, health: false, rifAvgLatency: 4.5 }), sample(2, declared)]);
    const neighbour = (await registry.listBackends())[1];
    const before = await registry.getBackend(sample());
    const passed = shortLease(fixture) / 10;
    await elapse(fixture, passed);
    equal(await registry.updateBackendMetrics(sample(), { inFlightRequests: 7 }), { status: 'updated' }, 'a report');
    const after = await registry.getBackend(sample());
    ok(before !== null && after !== null, 'it is registered');
    const { version, expiresInMs, metricsUpdatedAt } = after;
    equal(
      after,
      { ...before, inFlightRequests: 7, metricsUpdatedAt, version, expiresInMs },
      'only one metric and its time have changed',
    );
    const left = before.expiresInMs - passed + resolution(fixture);
    ok(expiresInMs <= left && expiresInMs > left / 2, `of the lease ${left} ms must be left, and ${expiresInMs} are`);
    equal((await registry.listBackends())[1], neighbour, 'the other backend is as it was');
  },

  async 'metrics: metricsUpdatedAt is when a metric last changed, by the clock of the store'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const tick = shortLease(fixture) / 10;
    const updatedAt = async () => (await registry.getBackend(sample()))?.metricsUpdatedAt ?? null;
    const { backend } = await registry.register(sample());
    equal(await updatedAt(), null, 'none was reported');
    await elapse(fixture, tick);
    await registry.updateBackendMetrics(sample(), { inFlightRequests: 1 });
    const first = await updatedAt();
    ok(first !== null, 'one was reported');
    const age = first - backend.registeredAt;
    // 30 s are left to a slow store.
    ok(
      age >= tick - resolution(fixture) && age < 30_000,
      `reported ${tick} ms after registering, and told as ${age} ms`,
    );

    await elapse(fixture, tick);
    const others = {
      'the same report': () => registry.updateBackendMetrics(sample(), { inFlightRequests: 1 }),
      health: () => registry.updateBackendHealth(sample(), false),
      drain: () => registry.drain(sample()),
      heartbeat: () => registry.heartbeat(sample()),
      'a registration without metrics': () => registry.register(sample(1, { zone: 'a' })),
      'a registration with the same metrics': () => registry.register(sample(1, { zone: 'b', inFlightRequests: 1 })),
    };
    for (const [name, write] of Object.entries(others)) {
      await write();
      equal(await updatedAt(), first, `${name} changes no metric`);
    }
    await registry.updateBackendMetrics(sample(), { overallAvgLatency: 1 });
    const second = await updatedAt();
    ok(second !== null && second - first >= tick - resolution(fixture), `it was ${first}, and now is ${second}`);
    await registry.register(sample(1, { incarnation: 'another life' }));
    equal(await updatedAt(), null, 'a new life has reported none');
  },

  async 'metrics: a report without any metric is a TypeError'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    const empty = [{}, { inFlightRequests: undefined }, { requests: 3 }, undefined, null, 7, '{"inFlightRequests":3}'];
    for (const report of empty) {
      const what = `metrics ${JSON.stringify(report)} (${typeof report})`;
      await rejectsType(registry.updateBackendMetrics(sample(), report as never), what);
    }
    equal(await registry.listBackends(), [backend], 'nothing has changed');
  },

  async 'metrics: one that is not finite and 0 or more is INVALID_BACKEND, and none of the report is stored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    for (const field of FIELDS) {
      for (const value of [
        Number.NaN,
        -1,
        -1e-9,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        '3',
        null,
        true,
      ]) {
        const what = `${field} ${value} (${typeof value})`;
        const report = { inFlightRequests: 1, rifAvgLatency: 1, overallAvgLatency: 1, [field]: value };
        const error = await rejects(registry.updateBackendMetrics(sample(), report as never), 'INVALID_BACKEND', what);
        ok(error.message.includes(field), `${what}: "${error.message}" must name the field`);
        ok(error.message.includes(String(value)), `${what}: "${error.message}" must have the value`);
      }
    }
    equal(await registry.listBackends(), [backend], 'nothing has changed');
  },

  async 'metrics: an expired backend can report, and does not come back by it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    equal(
      await registry.updateBackendMetrics(sample(), { inFlightRequests: 3 }),
      { status: 'updated' },
      'a late report',
    );
    const expired = await registry.getBackend(sample());
    equal(
      [expired?.status, expired?.health, expired?.expiresInMs, expired?.inFlightRequests],
      ['expired', false, 0, 3],
      'it stays expired',
    );
  },

  async 'metrics: reports of different fields from two handles at once all survive'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const { backend } = await registry.register(sample());
    // Enough rounds for writes that read first to meet each other, few enough for a store behind HTTP.
    for (let round = 1; round <= 10; round += 1) {
      const unhealthy = round % 2 === 1;
      const answers = await Promise.all([
        registry.updateBackendMetrics(sample(), { inFlightRequests: round }),
        other.updateBackendMetrics(sample(), { rifAvgLatency: round + 0.5 }),
        registry.updateBackendMetrics(sample(), { overallAvgLatency: round + 0.25 }),
        other.updateBackendHealth(sample(), !unhealthy),
        registry.drain(sample(), unhealthy),
        other.heartbeat(sample()),
      ]);
      equal(
        answers.map(({ status }) => status),
        ['updated', 'updated', 'updated', 'updated', 'updated', 'renewed'],
        `round ${round}: the answers`,
      );
      const [after] = await registry.listBackends();
      ok(after !== undefined, `round ${round}: it is listed`);
      equal(
        after,
        {
          ...backend,
          inFlightRequests: round,
          rifAvgLatency: round + 0.5,
          overallAvgLatency: round + 0.25,
          health: !unhealthy,
          status: unhealthy ? 'draining' : 'healthy',
          metricsUpdatedAt: after.metricsUpdatedAt,
          version: after.version,
        },
        `round ${round}: what all of them have written`,
      );
    }
  },
};
