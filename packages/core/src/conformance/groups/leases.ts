/** Rules 1 to 3: exact leases by the clock of the store, pure reads, and no resurrection. */
import type { BackendDetail, BackendRegistry } from '../../contract.ts';
import { equal, fail, ok, pause, rejects } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, idOf, outlive, resolution, sample, shortLease, Watcher } from '../tools.ts';

/** Forty days: timers hold 31 bits, which are 24 days. */
const LONG_MS = 40 * 86_400_000;

export const leases = {
  async 'leases: a backend is healthy until exactly its heartbeat timeout is over, and expired from then on'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry, time } = fixture;
    const leaseMs = shortLease(fixture);
    const { backend } = await registry.register(sample(1, { heartbeatTimeoutMs: leaseMs }));
    const end = backend.registeredAt + leaseMs;
    equal(await statusAt(fixture, end), 'healthy', 'a backend is healthy when it has just registered');
    if ('advance' in time) {
      await time.advance(leaseMs / 2);
      equal(await statusAt(fixture, end), 'healthy', 'half of the lease is left');
      await time.advance(leaseMs / 2 - 1);
      equal(await statusAt(fixture, end), 'healthy', 'the last millisecond of the lease is left');
      await time.advance(1);
      equal(await statusAt(fixture, end), 'expired', 'the lease is over');
    }
    // In real time, every look says by the clock of the store whether it came before the end or after it.
    const tooLate = performance.now() + leaseMs + 5_000;
    while ((await statusAt(fixture, end)) === 'healthy') {
      ok(performance.now() < tooLate, 'the lease must end');
      await pause(5);
    }
  },

  async 'leases: whoever registers says how long that lasts: the call, else the handle'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const brief = await fixture.second({ heartbeatTimeoutMs: 20_000 });
    await brief.register(sample(1));
    await leaseIs(fixture, 1, 20_000, 'the timeout of the handle that registered');
    await brief.register(sample(2, { heartbeatTimeoutMs: 90_000 }));
    await leaseIs(fixture, 2, 90_000, 'a longer timeout of the call');
    await registry.registerAll([sample(3), sample(4, { heartbeatTimeoutMs: 30_000 })]);
    await leaseIs(fixture, 3, 60_000, 'the timeout of the handle, for the first of registerAll');
    await leaseIs(fixture, 4, 30_000, 'a shorter timeout of its own, for the second of registerAll');
  },

  async 'leases: whoever beats says how long that lasts: shorter shortens, longer lengthens'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const brief = await fixture.second({ heartbeatTimeoutMs: 20_000 });
    await registry.register(sample());
    await brief.heartbeat(sample());
    await leaseIs(fixture, 1, 20_000, 'a heartbeat by a handle with a shorter timeout');
    await registry.heartbeat(sample());
    await leaseIs(fixture, 1, 60_000, 'a heartbeat by a handle with a longer timeout');
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: 30_000 }));
    await leaseIs(fixture, 1, 30_000, 'a heartbeat with a shorter timeout of its own');
    await brief.heartbeatAll([sample(1, { heartbeatTimeoutMs: 120_000 })]);
    await leaseIs(fixture, 1, 120_000, 'a heartbeat of heartbeatAll with a longer timeout of its own');
    await brief.heartbeatAll([sample()]);
    await leaseIs(fixture, 1, 20_000, 'a heartbeat of heartbeatAll without one');
    await registry.register(sample(2));
    await registry.heartbeatAll([sample(1, { heartbeatTimeoutMs: 30_000 }), sample(2)]);
    await leaseIs(fixture, 1, 30_000, 'the first of heartbeatAll, with a timeout of its own');
    await leaseIs(fixture, 2, 60_000, 'the second of heartbeatAll, without one');
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: 61_234.5 }));
    await leaseIs(fixture, 1, 61_234.5, 'half a millisecond');
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: LONG_MS }));
    await leaseIs(fixture, 1, LONG_MS, 'more than 31 bits of milliseconds');
  },

  async 'leases: a handle with a shorter timeout neither shows nor evicts what others keep alive'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const impatient = await fixture.second({ heartbeatTimeoutMs: shortLease(fixture) });
    await registry.register(sample());
    await outlive(fixture);
    equal((await impatient.getBackend(sample()))?.status, 'healthy', 'it is asked for by the impatient handle');
    equal(
      (await impatient.listBackends()).map(({ status }) => status),
      ['healthy'],
      'it is listed by the impatient handle',
    );
    await using watcher = await Watcher.started(impatient);
    equal(watcher.state.get(idOf())?.status, 'healthy', 'the impatient handle watches it');
    equal((await impatient.cleanupExpiredBackends()).removed, [], 'the impatient handle must remove nothing');
    equal((await registry.getBackend(sample()))?.status, 'healthy', 'it is still there after that');
  },

  async 'leases: a handle with a longer timeout obeys the shorter lease that was given'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const brief = await fixture.second({ heartbeatTimeoutMs: shortLease(fixture) });
    await brief.register(sample());
    await outlive(fixture);
    equal((await registry.getBackend(sample()))?.status, 'expired', 'it is asked for by the patient handle');
    equal(
      (await registry.listBackends()).map(({ status }) => status),
      ['expired'],
      'it is listed by the patient handle',
    );
    const { removed } = await registry.cleanupExpiredBackends();
    equal(
      removed.map(({ id }) => id),
      [idOf()],
      'the patient handle removes it',
    );
  },

  async 'leases: a heartbeat renews the lease from now on and changes nothing else'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const leaseMs = shortLease(fixture);
    const state = { health: false, weight: 3, zone: 'a', metadata: { k: 'v' }, inFlightRequests: 2 };
    await registry.register(sample(1, { ...state, heartbeatTimeoutMs: leaseMs }));
    const listed = await registry.listBackends();
    const first = await detailOf(registry);
    await elapse(fixture, leaseMs / 2);
    const before = await storeTime(registry);
    equal(await registry.heartbeat(sample()), { status: 'renewed' }, 'a heartbeat of a registered backend');
    const after = await storeTime(registry);
    const { lastHeartbeatAt, expiresInMs, ...rest } = await detailOf(registry);
    const { lastHeartbeatAt: at, expiresInMs: _, ...others } = first;
    equal({ ...rest, status: 0 }, { ...others, status: 0 }, 'a heartbeat changes no field and no version');
    ok(
      lastHeartbeatAt >= before - resolution(fixture) && lastHeartbeatAt <= after + resolution(fixture),
      `the heartbeat was between ${before} and ${after}, and it says ${lastHeartbeatAt}; the one before was at ${at}`,
    );
    ok(expiresInMs > leaseMs, `the heartbeat lasts 60,000 ms from now on, and only ${expiresInMs} ms are left`);
    await leaseIs(fixture, 1, 60_000, 'a heartbeat without a timeout of its own');
    await registry.unregister(sample(PROBE));
    equal(
      await registry.listBackends(),
      listed.map((one) => ({ ...one, status: 'unhealthy' })),
      'the list is what it was',
    );
  },

  async 'leases: a heartbeat brings an expired backend back as it was, if nobody has removed it yet'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const heartbeatTimeoutMs = shortLease(fixture);
    await registry.registerAll([
      sample(1, { heartbeatTimeoutMs, weight: 2, zone: 'a', metadata: { k: 'v' } }),
      sample(2, { heartbeatTimeoutMs, health: false }),
      sample(3, { heartbeatTimeoutMs, inFlightRequests: 7 }),
    ]);
    await registry.drain(sample(3));
    const before = await registry.listBackends();
    await outlive(fixture);
    equal(
      (await registry.listBackends()).map(({ status }) => status),
      ['expired', 'expired', 'expired'],
      'nobody has sent a heartbeat',
    );
    equal(await registry.heartbeat(sample(1)), { status: 'renewed' }, 'a late heartbeat');
    equal(
      await registry.heartbeatAll([sample(2), sample(3)]),
      [{ status: 'renewed' }, { status: 'renewed' }],
      'late heartbeats of heartbeatAll',
    );
    const back = await registry.listBackends();
    equal(
      back.map(({ status, health }) => [status, health]),
      [
        ['healthy', true],
        ['unhealthy', false],
        ['draining', true],
      ],
      'each is back with the state that it had',
    );
    equal(
      back.map((one) => ({ ...one, status: 0, health: 0 })),
      before.map((one) => ({ ...one, status: 0, health: 0 })),
      'nothing else has changed, the version included',
    );
  },

  async 'leases: after unregister no late write makes a backend appear again'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using watcher = await Watcher.started(registry, { metrics: true });
    const { backend } = await registry.register(sample());
    await watcher.until(() => watcher.of('registered').length === 1, 'the registration');
    await registry.unregister(sample());
    await watcher.until(() => watcher.of('removed').length === 1, 'the removal');
    await lateWrites(registry, backend.incarnation);
    await staysGone(registry, watcher);
  },

  async 'leases: after a cleanup no late write makes a backend appear again'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    await using watcher = await Watcher.started(registry, { metrics: true });
    await registry.cleanupExpiredBackends();
    await watcher.until(() => watcher.of('removed').length === 1, 'the removal');
    await lateWrites(registry, backend.incarnation);
    await staysGone(registry, watcher);
    equal((await registry.register(sample())).status, 'registered', 'a registration makes it known again');
  },

  async 'leases: of many that are sent together, one of them again and again, each is answered'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const many = (count: number) => Array.from({ length: count }, (_, n) => sample(n % 10 === 0 ? 1 : n + 1));
    const answers = await registry.registerAll(many(200));
    equal(
      answers.map(({ backend }) => backend.id),
      Array.from({ length: 200 }, (_, n) => idOf(n % 10 === 0 ? 1 : n + 1)),
      'registrations',
    );
    await registry.registerAll(many(1_200));
    const renewed = await registry.heartbeatAll(many(1_200));
    equal([renewed.length, renewed.filter(({ status }) => status !== 'renewed')], [1_200, []], 'heartbeats');
  },

  async 'leases: heartbeatAll answers for each in the order of its argument'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    equal(await registry.heartbeatAll([]), [], 'nobody beats');
    await registry.registerAll([sample(1, { incarnation: 'first' }), sample(2), sample(3)]);
    const answers = await registry.heartbeatAll([
      sample(3),
      sample(4),
      sample(1, { incarnation: 'another' }),
      sample(2),
      sample(1, { incarnation: 'first' }),
      sample(3),
    ]);
    equal(
      answers.map(({ status }) => status),
      ['renewed', 'unknown', 'fenced', 'renewed', 'renewed', 'renewed'],
      'some are known, some are not, one is another life, and one beats twice',
    );
    equal(await registry.getBackend(sample(4)), null, 'a heartbeat registers nobody');
  },

  async 'leases: where one backend of heartbeatAll is invalid, none is renewed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2)]);
    const before = [await detailOf(registry, 1), await detailOf(registry, 2)];
    await elapse(fixture, 20); // so that a renewal would show
    const beats = [sample(1), { url: 'http://backend.example.com', port: 70_000 }, sample(2)];
    await rejects(registry.heartbeatAll(beats), 'INVALID_BACKEND', 'a heartbeat of port 70000');
    equal(
      [await detailOf(registry, 1), await detailOf(registry, 2)].map(({ lastHeartbeatAt }) => lastHeartbeatAt),
      before.map(({ lastHeartbeatAt }) => lastHeartbeatAt),
      'the valid ones must not be renewed either',
    );
  },

  async 'leases: reports of health, metrics and drain never extend a lease'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const leaseMs = shortLease(fixture);
    const { backend } = await registry.register(sample(1, { heartbeatTimeoutMs: leaseMs }));
    const { lastHeartbeatAt } = await detailOf(registry);
    await elapse(fixture, leaseMs / 4);
    const writes: readonly (() => Promise<unknown>)[] = [
      () => registry.updateBackendHealth(sample(), false),
      () => registry.updateBackendHealth(sample(), true),
      () => registry.updateBackendHealth(sample(), true),
      () => registry.updateBackendMetrics(sample(), { inFlightRequests: 1, rifAvgLatency: 2, overallAvgLatency: 3 }),
      () => registry.drain(sample()),
      () => registry.drain(sample(), false),
    ];
    for (const write of writes) {
      await write();
      equal((await detailOf(registry)).lastHeartbeatAt, lastHeartbeatAt, `no heartbeat: ${write}`);
    }
    await statusAt(fixture, backend.registeredAt + leaseMs);
    await elapse(fixture, (3 * leaseMs) / 4);
    equal(
      await statusAt(fixture, backend.registeredAt + leaseMs),
      'expired',
      'the lease of the registration alone counts',
    );
  },

  async 'leases: reading writes nothing and extends no lease'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const leaseMs = shortLease(fixture);
    const { backend } = await registry.register(sample(1, { heartbeatTimeoutMs: leaseMs }));
    const { expiresInMs: _, status: __, health: ___, ...before } = await detailOf(registry);
    await elapse(fixture, leaseMs / 4);
    for (const reader of [registry, await fixture.second()]) {
      await reader.listBackends();
      await reader.listBackends({ status: ['healthy', 'expired'] });
      await reader.getBackend(sample());
      await reader.ping();
      await using watcher = await Watcher.started(reader);
      equal(watcher.state.size, 1, 'the watcher sees it');
    }
    const { expiresInMs, status, health, ...after } = await detailOf(registry);
    equal(after, before, `no field, no heartbeat and no version is new (${status}, ${health})`);
    ok(
      expiresInMs <= (3 * leaseMs) / 4 + resolution(fixture),
      `a quarter of the lease is over, ${expiresInMs} ms are left`,
    );
    await elapse(fixture, (3 * leaseMs) / 4);
    equal(
      await statusAt(fixture, backend.registeredAt + leaseMs),
      'expired',
      'the lease is over as if nobody had read',
    );
  },

  async 'leases: registering again renews the lease from now on, for as long as it says'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const first = await registry.register(sample());
    await elapse(fixture, 20); // so that a renewal shows
    const before = await storeTime(registry);
    const again = await registry.register(sample(1, { heartbeatTimeoutMs: 20_000 }));
    equal(again, { status: 'renewed', backend: first.backend }, 'the same registration once more');
    ok((await detailOf(registry)).lastHeartbeatAt >= before - resolution(fixture), 'a registration is a heartbeat');
    await leaseIs(fixture, 1, 20_000, 'a shorter lease by a later registration');
    await registry.register(sample(1, { weight: 2 }));
    await leaseIs(fixture, 1, 60_000, 'a longer lease by a registration that changes something');
  },

  async 'leases: registering an expired backend that nobody has removed renews the same life'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const first = await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture), inFlightRequests: 4 }));
    await outlive(fixture);
    const again = await registry.register(sample());
    equal(again, { status: 'renewed', backend: first.backend }, 'it is back as it was');
  },

  async 'leases: an expired backend stays listed as expired and not healthy until it is removed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const heartbeatTimeoutMs = shortLease(fixture);
    await registry.registerAll([sample(1, { heartbeatTimeoutMs }), sample(2, { heartbeatTimeoutMs }), sample(3)]);
    await registry.drain(sample(2));
    await outlive(fixture);
    await outlive(fixture);
    equal(
      (await registry.listBackends()).map(({ id, status, health }) => [id, status, health]),
      [
        [idOf(1), 'expired', false],
        [idOf(2), 'expired', false],
        [idOf(3), 'healthy', true],
      ],
      'expired comes before draining',
    );
    const byStatus = async (status: 'expired' | 'healthy' | 'draining') =>
      (await registry.listBackends({ status })).map(({ id }) => id);
    equal(await byStatus('expired'), [idOf(1), idOf(2)], 'those that expired are asked for');
    equal(await byStatus('healthy'), [idOf(3)], 'those that are healthy are asked for');
    equal(await byStatus('draining'), [], 'one that expired while it drained is expired');
    const { status, health, expiresInMs } = await detailOf(registry);
    equal([status, health, expiresInMs], ['expired', false, 0], 'nothing is left of its lease, and never less');
  },

  async 'leases: a report about an expired backend is kept and does not revive it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture), health: false }));
    await outlive(fixture);
    equal(await registry.updateBackendHealth(sample(), true), { status: 'updated' }, 'health of an expired backend');
    equal(await registry.updateBackendMetrics(sample(), { inFlightRequests: 5 }), { status: 'updated' }, 'its metrics');
    equal(await registry.drain(sample()), { status: 'updated' }, 'its drain');
    const expired = await detailOf(registry);
    equal(
      [expired.status, expired.health, expired.expiresInMs, expired.inFlightRequests],
      ['expired', false, 0, 5],
      'it stays expired',
    );
    await registry.heartbeat(sample());
    const back = await detailOf(registry);
    equal(
      [back.status, back.health, back.inFlightRequests],
      ['draining', true, 5],
      'it is back with what was reported',
    );
  },
};

/** A backend that is registered anew whenever somebody wants to know the time. */
const PROBE = 90;

/** The time of the store: that at which it says a new life begins. */
async function storeTime(registry: BackendRegistry): Promise<number> {
  const { backend } = await registry.register(sample(PROBE, { incarnation: crypto.randomUUID() }));
  return backend.registeredAt;
}

async function detailOf(registry: BackendRegistry, n = 1): Promise<BackendDetail> {
  return (await registry.getBackend(sample(n))) ?? fail(`${idOf(n)} must be registered`);
}

/** The status of the first backend, whose lease ends at a known time: every reader must be right about it, by the clock of the store. */
async function statusAt(fixture: ConformanceFixture, end: number): Promise<string> {
  const { registry } = fixture;
  const exact = resolution(fixture);
  const before = await storeTime(registry);
  const detail = await detailOf(registry);
  const listed = (await registry.listBackends()).find(({ id }) => id === idOf()) ?? fail('it must be listed');
  const after = await storeTime(registry);
  for (const { status, health } of [detail, listed]) {
    equal(health, status === 'healthy', `a backend is healthy exactly while its lease lasts (${status})`);
    if (status === 'expired') ok(after >= end - exact, `it is expired ${end - after} ms before the end of its lease`);
    else ok(before < end + exact, `it is ${status} ${before - end} ms after the end of its lease`);
  }
  const [least, most] = [Math.max(0, end - after) - exact, Math.max(0, end - before) + exact];
  ok(
    detail.expiresInMs >= least && detail.expiresInMs <= most,
    `between ${least} and ${most} ms of its lease are left, and it says ${detail.expiresInMs}`,
  );
  return detail.status;
}

/** The length of the lease given last. Its end is too far away to be met here. */
async function leaseIs(fixture: ConformanceFixture, n: number, leaseMs: number, message: string): Promise<void> {
  const before = await storeTime(fixture.registry);
  const { lastHeartbeatAt, expiresInMs } = await detailOf(fixture.registry, n);
  const after = await storeTime(fixture.registry);
  const least = before - lastHeartbeatAt + expiresInMs - resolution(fixture);
  const most = after - lastHeartbeatAt + expiresInMs + resolution(fixture);
  ok(
    least <= leaseMs && leaseMs <= most,
    `${message}: it lasts ${leaseMs} ms, and it is told to last ${least} to ${most}`,
  );
}

/** What may still arrive of a backend that was removed. */
async function lateWrites(registry: BackendRegistry, incarnation: string): Promise<void> {
  for (const ref of [sample(), sample(1, { incarnation })]) {
    const answers = {
      heartbeat: await registry.heartbeat(ref),
      heartbeatAll: (await registry.heartbeatAll([ref]))[0],
      health: await registry.updateBackendHealth(ref, true),
      metrics: await registry.updateBackendMetrics(ref, { inFlightRequests: 1 }),
      drain: await registry.drain(ref),
      undrain: await registry.drain(ref, false),
      unregister: await registry.unregister(ref),
    };
    for (const [write, answer] of Object.entries(answers)) equal(answer, { status: 'unknown' }, `a late ${write}`);
  }
}

async function staysGone(registry: BackendRegistry, watcher: Watcher): Promise<void> {
  equal(await registry.listBackends(), [], 'nobody is listed');
  equal(await registry.getBackend(sample()), null, 'nobody is there to be asked for');
  equal((await registry.cleanupExpiredBackends()).nextExpiryInMs, null, 'nobody has a lease');
  const seen = watcher.events.length;
  await registry.register(sample(2));
  await watcher.until((events) => events.length > seen, 'the backend that came after');
  const next = watcher.events.at(seen);
  equal(next?.type === 'registered' && next.backend.id, idOf(2), 'no late write is told to a watcher');
}
