/** `announce`: one backend stays registered, with its newest data, until it leaves in good order. */
import type { Backend, BackendDetail, BackendRegistration, BackendRegistry } from '../../contract.ts';
import {
  type AnnouncementState,
  type AnnouncementUpdate,
  type AnnounceOptions,
  announce,
  RegistryError,
  type RegistryErrorCode,
} from '../../index.ts';
import { equal, eventually, fail, ok, pause, rejects, within } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import { DEADLINE_MS, elapse, fault, idOf, outlive, resolution, sample, shortLease, Watcher } from '../tools.ts';

export const announcing = {
  async 'announce: registers the backend, and says what the registry took'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const states: AnnouncementState[] = [];
    const given = sample(1, { weight: 2, zone: 'a', metadata: { k: 'v' }, inFlightRequests: 3, incarnation: 'life' });
    await using announcement = announce(registry, given, { ...brisk, onState: (state) => states.push(state) });
    equal([announcement.state, announcement.backend], ['starting', null], 'nothing has been answered yet');
    await within(5_000, announcement.ready, 'the registration');
    equal([announcement.state, announcement.incarnation], ['registered', 'life'], 'it is registered as this life');
    const listed = await registry.listBackends();
    equal([announcement.backend], listed, 'what the registry took is what it lists');
    const [backend] = listed;
    equal(
      [backend?.id, backend?.weight, backend?.zone, backend?.metadata, backend?.inFlightRequests, backend?.incarnation],
      [idOf(), 2, 'a', { k: 'v' }, 3, 'life'],
      'everything given is there',
    );
    equal(states, ['registered'], 'each new state is told');
  },

  async 'announce: of a backend that was read as expired, the health that is updated later counts'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture), weight: 2 }));
    await outlive(fixture);
    const read = await detailOf(registry);
    equal(read.status, 'expired', 'it is read');
    await using announcement = announce(registry, read, brisk);
    await within(5_000, announcement.ready, 'the registration');
    equal((await detailOf(registry)).status, 'healthy', 'what was reported of it before');
    await announcement.update({ weight: 3 });
    equal((await detailOf(registry)).status, 'healthy', 'an update of something else says nothing of its health');
    await announcement.update({ health: false });
    // Whatever is told with a registration has the health too.
    await announcement.update({ weight: 4 });
    equal([(await detailOf(registry)).weight, (await detailOf(registry)).status], [4, 'unhealthy'], 'the update');
    await registry.unregister(sample());
    await eventually(async () => equal((await detailOf(registry)).status, 'unhealthy', 'registered again'));
  },

  async 'announce: gives each life a name of its own'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const names: string[] = [];
    for (let life = 0; life < 2; life += 1) {
      const announcement = announce(registry, sample(), brisk);
      await within(5_000, announcement.ready, 'the registration');
      names.push(announcement.incarnation);
      equal(
        (await detailOf(registry)).incarnation,
        announcement.incarnation,
        'the registry knows this life by its name',
      );
      await announcement.close();
    }
    ok(names[0] !== names[1] && !names.includes(''), `two lives have two names: ${names}`);
  },

  async 'announce: its heartbeats keep the backend alive for many leases'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    // In real time, many heartbeats fit into one lease, so that a slow machine misses none of these leases, nor one that stands still for seconds.
    const heartbeatTimeoutMs = 4 * shortLease(fixture);
    await using watcher = await Watcher.started(registry);
    await using announcement = announce(registry, sample(1, { heartbeatTimeoutMs }), brisk);
    await within(5_000, announcement.ready, 'the registration');
    for (let part = 0; part < 5; part += 1) {
      const { lastHeartbeatAt } = await detailOf(registry);
      const later = lastHeartbeatAt + heartbeatTimeoutMs * 0.4;
      await elapse(fixture, heartbeatTimeoutMs * 0.4);
      await eventually(async () => {
        const detail = await detailOf(registry);
        ok(detail.lastHeartbeatAt >= later - resolution(fixture), 'the next heartbeat must come');
        equal(detail.status, 'healthy', 'it is alive');
        ok(
          detail.expiresInMs <= heartbeatTimeoutMs,
          `a heartbeat lasts as long as the backend said: ${detail.expiresInMs}`,
        );
      });
    }
    await mark(registry, watcher);
    equal(told(watcher), ['registered'], 'it has not been away, and heartbeats are not told');
  },

  async 'announce: what is updated reaches the registry'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using announcement = announce(registry, sample(1, { zone: 'a', metadata: { k: 'v' } }), brisk);
    await within(5_000, announcement.ready, 'the registration');
    const steps: readonly (readonly [AnnouncementUpdate, Partial<Backend>])[] = [
      [{ health: false }, { health: false, status: 'unhealthy' }],
      [{ inFlightRequests: 3 }, { inFlightRequests: 3, rifAvgLatency: 0 }],
      [
        { rifAvgLatency: 1.5, overallAvgLatency: 2.5 },
        { inFlightRequests: 3, rifAvgLatency: 1.5, overallAvgLatency: 2.5 },
      ],
      [{ weight: 5 }, { weight: 5, zone: 'a', metadata: { k: 'v' }, health: false, inFlightRequests: 3 }],
      [{ zone: 'b' }, { weight: 5, zone: 'b', metadata: { k: 'v' } }],
      [{ zone: null }, { weight: 5, zone: null }],
      [{ metadata: { l: 'w' } }, { metadata: { l: 'w' }, weight: 5 }],
      [
        { health: true, weight: 1, inFlightRequests: 0 },
        { health: true, status: 'healthy', weight: 1, inFlightRequests: 0 },
      ],
    ];
    for (const [change, expected] of steps) {
      await within(5_000, announcement.update(change), `the update ${JSON.stringify(change)}`);
      const detail = await detailOf(other);
      equal(
        Object.fromEntries(Object.keys(expected).map((field) => [field, detail[field as keyof Backend]])),
        expected,
        `when the update ${JSON.stringify(change)} resolves, every reader sees it`,
      );
      equal(detail.incarnation, announcement.incarnation, 'it is the same life');
    }
  },

  async 'announce: an update resolves only when the registry has it, also in the midst of others'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using announcement = announce(registry, sample(), brisk);
    await within(5_000, announcement.ready, 'the registration');
    const seen: Promise<void>[] = [];
    for (let amount = 1; amount <= 20; amount += 1) {
      const change = amount % 2 === 0 ? { weight: amount } : { inFlightRequests: amount };
      const update = announcement.update(change).then(async () => {
        const { weight, inFlightRequests } = await detailOf(registry);
        if (amount % 2 === 0) ok(weight >= amount, `the weight ${amount} must be there, not ${weight}`);
        else ok(inFlightRequests >= amount, `the load ${amount} must be there, not ${inFlightRequests}`);
      });
      seen.push(within(5_000, update, `the update to ${amount}`));
      if (amount % 3 === 0)
        await registry.ping(); // so that some come while others are under way
      else await Promise.resolve();
    }
    await Promise.all(seen);
    const { weight, inFlightRequests } = await detailOf(registry);
    equal([weight, inFlightRequests], [20, 19], 'the last of each is there');
  },

  async 'announce: an update that failed is tried again'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    let failures = 0;
    const handle = new Proxy(registry, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (failures === 0 || name === 'heartbeat') return Reflect.apply(member, target, args);
          failures -= 1;
          return Promise.reject(new RegistryError('UNAVAILABLE', `the call ${String(name)} fails for once`));
        };
      },
    });
    await using announcement = announce(handle, sample(), brisk);
    await within(5_000, announcement.ready, 'the registration');
    const changes: readonly AnnouncementUpdate[] = [{ weight: 3 }, { health: false }, { rifAvgLatency: 2 }];
    for (const change of changes) {
      failures = 1;
      await within(5_000, announcement.update(change), `the update ${JSON.stringify(change)}`);
      equal(failures, 0, 'the first attempt has failed');
    }
    const { weight, health, rifAvgLatency } = await detailOf(registry);
    equal([weight, health, rifAvgLatency], [3, false, 2], 'each has arrived');
  },

  async 'announce: an update with a wrong field is refused at once, and changes nothing'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using announcement = announce(registry, sample(1, { weight: 2 }), brisk);
    await within(5_000, announcement.ready, 'the registration');
    const before = await registry.listBackends();
    const wrong: readonly AnnouncementUpdate[] = [
      { weight: -1, zone: 'b' },
      { inFlightRequests: Number.NaN, health: false },
      { rifAvgLatency: -1 },
      { health: 'yes' as never },
      { metadata: { k: 1 as never } },
      { zone: '\ud800' },
    ];
    for (const change of wrong) {
      throwsCode(() => announcement.update(change), 'INVALID_BACKEND', Object.keys(change).join());
    }
    await beats(fixture, registry);
    equal(await registry.listBackends(), before, 'nothing of it has reached the registry');
    await announcement.update({ overallAvgLatency: 4 });
    const [backend] = await registry.listBackends();
    equal(
      { ...backend, overallAvgLatency: 0, metricsUpdatedAt: null, version: '' },
      { ...before[0], version: '' },
      'nothing of it comes along with the next update',
    );
  },

  async 'announce: leaves alone what others say about the backend'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using announcement = announce(registry, sample(1, { health: true, inFlightRequests: 1 }), brisk);
    await within(5_000, announcement.ready, 'the registration');
    const operator = await fixture.second();
    await operator.drain(sample());
    await operator.updateBackendHealth(sample(), false);
    await operator.updateBackendMetrics(sample(), { inFlightRequests: 9 });
    const before = await registry.listBackends();
    for (let beat = 0; beat < 3; beat += 1) await beats(fixture, registry);
    equal(await registry.listBackends(), before, 'heartbeats change nothing');
  },

  async 'announce: registers again with its newest data when an operator has removed it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using watcher = await Watcher.started(registry);
    await using announcement = announce(registry, sample(1, { zone: 'a' }), brisk);
    await within(5_000, announcement.ready, 'the registration');
    await announcement.update({ weight: 7, health: false, inFlightRequests: 3 });
    await registry.unregister(sample());
    const backend = await eventually(() => detailOf(registry));
    equal(
      [backend.weight, backend.zone, backend.health, backend.inFlightRequests, backend.incarnation],
      [7, 'a', false, 3, announcement.incarnation],
      'the same life is back, with what was announced last',
    );
    await watcher.settled(registry);
    await eventually(() => equal(announcement.state, 'registered', 'it is registered'));
  },

  async 'announce: closing it drains, then unregisters'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const states: AnnouncementState[] = [];
    const announcement = announce(registry, sample(), {
      heartbeatIntervalMs: 20,
      drainNoticeMs: 500, // time enough for a watcher that polls every 20 ms
      onState: (state) => states.push(state),
    });
    await within(5_000, announcement.ready, 'the registration');
    await using watcher = await Watcher.started(registry);
    await within(5_000, announcement.close(), 'closing');
    equal(await registry.listBackends(), [], 'it has left');
    await mark(registry, watcher);
    equal(told(watcher), ['updated', 'removed'], 'watchers see it drain before it leaves');
    equal(watcher.of('updated')[0]?.backend.status, 'draining', 'proxies are asked to send nothing new');
    equal(watcher.of('removed')[0]?.reason, 'unregistered', 'it leaves by its own will');
    equal(states, ['registered', 'draining', 'closed'], 'each new state is told');
    await within(2_000, announcement.close(), 'closing twice');
    await rejects(announcement.update({ weight: 2 }), 'CLOSED', 'an update of what was closed');
    equal(await registry.getBackend(sample()), null, 'nobody comes back');
  },

  async 'announce: closing it right away leaves nothing behind'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const announcement = announce(registry, sample(), brisk);
    await within(5_000, announcement.close(), 'closing');
    equal(await registry.listBackends(), [], 'nobody is left');
    equal(announcement.state, 'closed', 'it was closed');
  },

  async 'announce: a drain waits until nothing is in flight, while heartbeats go on'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    let inFlight = 2;
    let asked = 0;
    await using announcement = announce(registry, sample(), {
      ...brisk,
      inFlight: () => {
        asked += 1;
        return inFlight;
      },
    });
    await within(5_000, announcement.ready, 'the registration');
    let drained = false;
    const draining = announcement.drain({ deadlineMs: 60_000 }).then(() => {
      drained = true;
    });
    await eventually(async () => equal((await detailOf(registry)).status, 'draining', 'proxies must be asked'));
    await eventually(() => ok(asked >= 3, 'it must look again and again'));
    equal(drained, false, 'two requests are in flight');
    await beats(fixture, registry);
    inFlight = 1;
    const before = asked;
    await eventually(() => ok(asked >= before + 3, 'it must look again and again'));
    equal([drained, announcement.state], [false, 'draining'], 'one request is in flight');
    inFlight = 0;
    await within(2_000, draining, 'the drain');
    equal((await detailOf(registry)).status, 'draining', 'it is still registered');
  },

  async 'announce: a drain ends at its deadline, whatever is in flight'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using watcher = await Watcher.started(registry);
    const announcement = announce(registry, sample(), { ...brisk, inFlight: () => 1, drainDeadlineMs: 150 });
    await within(5_000, announcement.ready, 'the registration');
    const begin = performance.now();
    await within(3_000, announcement.drain(), 'the drain');
    const tookMs = performance.now() - begin;
    ok(tookMs >= 140, `it must wait for what is in flight, and took ${tookMs} ms`); // 10: of the timers
    await within(3_000, announcement.close(), 'closing');
    await mark(registry, watcher);
    equal(told(watcher).at(-1), 'removed', 'it has left');
  },

  async 'announce: closing with a deadline of 0 ends a drain that is under way'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Without the second deadline it would wait ten minutes for the request in flight.
    const options = { ...brisk, drainNoticeMs: 600_000, drainDeadlineMs: 600_000, inFlight: () => 1 };
    const announcement = announce(registry, sample(), options);
    await announcement.ready;
    const draining = announcement.drain();
    await within(5_000, announcement.close({ deadlineMs: 0 }), 'closing at once');
    await within(5_000, draining, 'the drain ends too');
    equal(await registry.getBackend(sample()), null, 'it is unregistered');
  },

  async 'announce: callbacks that throw do no harm'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const boom = () => {
      throw new Error('a bug in a callback');
    };
    const announcement = announce(registry, sample(), { ...brisk, onState: boom, onError: boom, inFlight: boom });
    await announcement.ready;
    await within(5_000, announcement.close(), 'closing');
    equal(announcement.state, 'closed', 'it is closed');
    equal(await registry.getBackend(sample()), null, 'it is unregistered');
  },

  async 'announce: one whose registration was lost on the way does not take the place of a newer life'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    let lost = false;
    // The reply of its first registration is lost, and before it tries again, another process registers the address.
    const unlucky = new Proxy(registry, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== 'register') return typeof value === 'function' ? value.bind(target) : value;
        return async (backend: BackendRegistration) => {
          const result = await target.register(backend);
          if (lost) return result;
          lost = true;
          await other.register(sample(1, { incarnation: 'newer' }));
          throw new RegistryError('UNAVAILABLE', 'the reply was lost on the way');
        };
      },
    });
    const announcement = announce(unlucky, sample(1, { incarnation: 'older' }), brisk);
    await eventually(() => equal(announcement.state, 'superseded', 'it gives way'));
    equal((await registry.getBackend(sample()))?.incarnation, 'newer', 'the newer life stays');
    await announcement.close();
  },

  async 'announce: a drain gives proxies time to notice'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using announcement = announce(registry, sample(), { ...brisk, drainNoticeMs: 200, inFlight: () => 0 });
    await within(5_000, announcement.ready, 'the registration');
    const begin = performance.now();
    await within(3_000, announcement.drain(), 'the drain');
    const tookMs = performance.now() - begin;
    ok(tookMs >= 190, `it must wait for 200 ms though nothing is in flight, and took ${tookMs}`); // 10: of the timers
    equal((await detailOf(registry)).status, 'draining', 'proxies were asked');
  },

  async 'announce: one that is superseded by another life stops, and leaves that life alone'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const errors: RegistryError[] = [];
    const announcement = announce(registry, sample(1, { weight: 2 }), {
      ...brisk,
      onError: (error) => errors.push(error),
    });
    await within(5_000, announcement.ready, 'the registration');
    await using watcher = await Watcher.started(registry);
    const other = await fixture.second();
    await other.register(sample(1, { incarnation: 'another life' }));
    const before = await other.listBackends();
    await eventually(() => equal(announcement.state, 'superseded', 'another life is registered'));
    equal(
      errors.map(({ code }) => code),
      ['REFUSED'],
      'it is told why, once',
    );
    await rejects(announcement.update({ weight: 3 }), 'CLOSED', 'an update of what has stopped');
    await within(3_000, announcement.drain(), 'a drain of what has stopped');
    await within(3_000, announcement.close(), 'closing');
    equal(announcement.state, 'superseded', 'it stays so');
    equal(await other.listBackends(), before, 'the other life is as it was');
    await mark(registry, watcher);
    equal(told(watcher), ['removed', 'registered'], 'nobody fights');
  },

  async 'announce: one whose predecessor registers again stops, and leaves it alone'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const predecessor = sample(1, { incarnation: 'predecessor' });
    await registry.register(predecessor);
    const announcement = announce(registry, sample(), brisk);
    await within(5_000, announcement.ready, 'the registration');
    await registry.register(predecessor);
    const before = await registry.listBackends();
    await eventually(() => equal(announcement.state, 'superseded', 'it gives way'));
    await announcement.close();
    equal(await registry.listBackends(), before, 'the predecessor is as it was');
  },

  async 'announce: an update after another life came does not take its place'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // No heartbeat comes between, so that the update is the first to meet the other life.
    const announcement = announce(registry, sample(), { ...brisk, heartbeatIntervalMs: 40_000 });
    await within(5_000, announcement.ready, 'the registration');
    await registry.register(sample(1, { incarnation: 'another life' }));
    const before = await registry.listBackends();
    await rejects(
      within(5_000, announcement.update({ weight: 3, health: false }), 'the update'),
      'REFUSED',
      'an update',
    );
    equal(announcement.state, 'superseded', 'another life is registered');
    await within(3_000, announcement.close(), 'closing');
    equal(await registry.listBackends(), before, 'the other life is as it was');
  },

  async 'announce: closing it after its registry was closed does not fail'(fixture: ConformanceFixture): Promise<void> {
    for (const waits of [false, true]) {
      const handle = await fixture.second();
      const announcement = announce(handle, sample(), brisk);
      await within(5_000, announcement.ready, 'the registration');
      await handle.close();
      if (waits) await eventually(() => equal(announcement.state, 'failed', 'its registry is closed'));
      await within(3_000, announcement.close(), 'closing');
      ok(['failed', 'closed'].includes(announcement.state), `it has ended, and is ${announcement.state}`);
      equal((await fixture.registry.getBackend(sample()))?.id, idOf(), 'the lease of the backend ends by itself');
    }
  },

  async 'announce: what can never be registered is refused'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const leaseMs = registry.capabilities.heartbeatTimeoutMs;
    const wrong: readonly AnnounceOptions[] = [
      { heartbeatIntervalMs: 0 },
      { heartbeatIntervalMs: Number.NaN },
      { heartbeatIntervalMs: leaseMs },
      { drainDeadlineMs: -1 },
      { drainNoticeMs: Number.NaN },
    ];
    for (const options of wrong) {
      throwsCode(() => announce(registry, sample(), options), 'CONFIGURATION', Object.keys(options).join());
    }
    throwsCode(
      () => announce(registry, sample(1, { heartbeatTimeoutMs: 20 }), brisk),
      'CONFIGURATION',
      'a lease too short',
    );
    throwsCode(() => announce(registry, sample(1, { weight: -1 })), 'INVALID_BACKEND', 'a weight of -1');
    throwsCode(() => announce(registry, { url: 'http://user:secret@h' }), 'INVALID_BACKEND', 'credentials');
    equal(await registry.listBackends(), [], 'nobody was registered');
    const errors: RegistryError[] = [];
    await using announcement = announce(registry, { url: 'gopher://h:70' }, { onError: (error) => errors.push(error) });
    await rejects(within(5_000, announcement.ready, 'ready'), 'INVALID_BACKEND', 'a scheme that this registry refuses');
    equal([announcement.state, errors.length], ['failed', 1], 'it has stopped for good, and said so');
  },

  async 'announce: registers again with its newest data when the store has lost it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using announcement = announce(registry, sample(1, { zone: 'a', weight: 2 }), brisk);
    await within(5_000, announcement.ready, 'the registration');
    await announcement.update({ weight: 7, health: false, inFlightRequests: 3 });
    await announcement.update({ metadata: { k: 'v' }, overallAvgLatency: 5 });
    await fault(fixture, 'restartEmpty')();
    const backend = await eventually(() => detailOf(registry));
    equal(
      [backend.weight, backend.zone, backend.health, backend.metadata, backend.incarnation],
      [7, 'a', false, { k: 'v' }, announcement.incarnation],
      'the same life is back as it was announced last',
    );
    equal([backend.inFlightRequests, backend.overallAvgLatency], [3, 5], 'so are its metrics');
  },

  async 'announce: one that drains drains again after the store has lost it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using announcement = announce(registry, sample(), brisk);
    await within(5_000, announcement.ready, 'the registration');
    await within(5_000, announcement.drain(), 'the drain');
    await fault(fixture, 'restartEmpty')();
    await eventually(async () => equal((await detailOf(registry)).status, 'draining', 'it must still be draining'));
  },

  async 'announce: one that starts while the store is down registers when it is back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await fixture.second({ commandTimeoutMs: DEADLINE_MS });
    const up = await fault(fixture, 'down')();
    const errors: RegistryError[] = [];
    await using announcement = announce(handle, sample(), { ...brisk, onError: (error) => errors.push(error) });
    let ready = false;
    announcement.ready.then(
      () => {
        ready = true;
      },
      () => undefined,
    );
    await eventually(() => ok(errors.length >= 2, 'each failed call must be told'));
    equal([ready, announcement.state, announcement.backend], [false, 'unreachable', null], 'it is not registered');
    for (const error of errors) {
      ok(RegistryError.is(error) && ['UNAVAILABLE', 'TIMEOUT'].includes(error.code), `it is told ${error}`);
    }
    await up();
    await within(10_000, announcement.ready, 'the registration');
    equal(announcement.state, 'registered', 'the store is back');
    equal((await detailOf(registry)).incarnation, announcement.incarnation, 'it is registered');
  },

  async 'announce: of updates while the store is down, the latest wins when it is back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await fixture.second({ commandTimeoutMs: DEADLINE_MS });
    await using announcement = announce(handle, sample(), brisk);
    await within(5_000, announcement.ready, 'the registration');
    const up = await fault(fixture, 'down')();
    await eventually(() => equal(announcement.state, 'unreachable', 'the store is down'));
    const updates = [
      announcement.update({ weight: 2, inFlightRequests: 1 }),
      announcement.update({ health: false, inFlightRequests: 2 }),
      announcement.update({ weight: 3 }),
    ];
    await up();
    await within(10_000, Promise.all(updates), 'the updates');
    const { weight, health, inFlightRequests } = await detailOf(registry);
    equal([weight, health, inFlightRequests], [3, false, 2], 'the newest of each');
    await eventually(() => equal(announcement.state, 'registered', 'the store is back'));
  },

  async 'announce: what is reported while the store is down arrives when it is back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await fixture.second({ commandTimeoutMs: DEADLINE_MS });
    await using announcement = announce(handle, sample(1, { zone: 'a' }), { ...brisk, inFlight: () => 0 });
    await within(5_000, announcement.ready, 'the registration');
    // Each alone, for a registration would carry the others along.
    const reports: readonly (readonly [string, () => Promise<void>, (detail: BackendDetail) => boolean])[] = [
      ['health', () => announcement.update({ health: false }), ({ health }) => !health],
      ['metrics', () => announcement.update({ overallAvgLatency: 5 }), (detail) => detail.overallAvgLatency === 5],
      ['a drain', () => announcement.drain({ deadlineMs: 60_000 }), ({ status }) => status === 'draining'],
    ];
    for (const [what, report, arrived] of reports) {
      const up = await fault(fixture, 'down')();
      await eventually(() => equal(announcement.state, 'unreachable', 'the store is down'));
      let failed = false;
      const reported = report().catch(() => {
        failed = true;
      });
      await rejects(handle.ping(), ['UNAVAILABLE', 'TIMEOUT'], 'the store is down');
      await pause(150); // time enough to try it once in vain
      await up();
      await within(10_000, reported, what);
      equal(failed, false, `${what} is late, and no failure`);
      ok(arrived(await detailOf(registry)), `when ${what} resolves, it has arrived`);
    }
    equal((await detailOf(registry)).zone, 'a', 'nothing else has changed');
  },

  async 'announce: closing it while the store is down does not fail'(fixture: ConformanceFixture): Promise<void> {
    const handle = await fixture.second({ commandTimeoutMs: 300 });
    const errors: RegistryError[] = [];
    const announcement = announce(handle, sample(), {
      ...brisk,
      drainDeadlineMs: 100,
      onError: (error) => errors.push(error),
    });
    await within(5_000, announcement.ready, 'the registration');
    const up = await fault(fixture, 'down')();
    await within(5_000, announcement.close(), 'closing');
    equal(announcement.state, 'closed', 'it has ended');
    ok(errors.length > 0, 'it must say that it could not unregister');
    await up();
  },

  async 'announce: makes one call at a time, also while the store does not answer'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const calls = { underWay: 0, most: 0, all: 0 };
    const handle = counted(await fixture.second({ commandTimeoutMs: 200 }), calls);
    const errors: RegistryError[] = [];
    await using announcement = announce(handle, sample(), { ...brisk, onError: (error) => errors.push(error) });
    await within(5_000, announcement.ready, 'the registration');
    const thaw = await fault(fixture, 'freeze')();
    // What failed while the handle was connecting is another matter.
    errors.length = 0;
    const before = calls.all;
    const updates = [announcement.update({ weight: 2 }), announcement.update({ health: false })];
    await eventually(() => ok(errors.length >= 3, 'calls must time out'));
    // One may have been answered just before, and one is under way.
    ok(
      calls.all - before <= errors.length + 2,
      `${calls.all - before} calls were made while ${errors.length} timed out`,
    );
    await thaw();
    await within(10_000, Promise.all(updates), 'the updates');
    equal(calls.most, 1, 'never is more than one call under way');
    for (const error of errors) ok(RegistryError.is(error, 'TIMEOUT'), `no answer is TIMEOUT, not ${error}`);
    const { weight, health } = await detailOf(registry);
    equal([weight, health], [2, false], 'what was announced last');
  },
};

export const announceNeeds: Readonly<Partial<Record<keyof typeof announcing, readonly ConformanceNeed[]>>> = {
  'announce: registers again with its newest data when the store has lost it': ['faults.restartEmpty'],
  'announce: one that drains drains again after the store has lost it': ['faults.restartEmpty'],
  'announce: one that starts while the store is down registers when it is back': ['faults.down'],
  'announce: of updates while the store is down, the latest wins when it is back': ['faults.down'],
  'announce: what is reported while the store is down arrives when it is back': ['faults.down'],
  'announce: closing it while the store is down does not fail': ['faults.down'],
  'announce: makes one call at a time, also while the store does not answer': ['faults.freeze'],
};

/** Heartbeats so often that a case need not wait for them, and a drain that does not wait for proxies. */
const brisk = { heartbeatIntervalMs: 20, drainNoticeMs: 0 } as const;

async function detailOf(registry: BackendRegistry): Promise<BackendDetail> {
  return (await registry.getBackend(sample())) ?? fail(`${idOf()} must be registered`);
}

/** Waits for the next heartbeat. */
async function beats(fixture: ConformanceFixture, registry: BackendRegistry): Promise<void> {
  const { lastHeartbeatAt } = await detailOf(registry);
  await elapse(fixture, 1); // so that the next one is told apart
  await eventually(async () =>
    ok((await detailOf(registry)).lastHeartbeatAt > lastHeartbeatAt, 'a heartbeat must come'),
  );
}

/** Waits until a watcher was told everything so far. */
async function mark(registry: BackendRegistry, watcher: Watcher): Promise<void> {
  await registry.register(sample(99));
  await watcher.until(() => watcher.state.has(idOf(99)), 'the last backend');
}

/** The kinds of events about the backend. */
function told(watcher: Watcher): string[] {
  return watcher.events.flatMap((event) => ('backend' in event && event.backend.id === idOf() ? [event.type] : []));
}

interface Calls {
  underWay: number;
  most: number;
  all: number;
}

/** The same registry, with a count of its calls. */
function counted(registry: BackendRegistry, calls: Calls): BackendRegistry {
  return new Proxy(registry, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        calls.all += 1;
        calls.underWay += 1;
        calls.most = Math.max(calls.most, calls.underWay);
        try {
          return await Reflect.apply(member, target, args);
        } finally {
          calls.underWay -= 1;
        }
      };
    },
  });
}

function throwsCode(work: () => unknown, code: RegistryErrorCode, message: string): void {
  try {
    work();
  } catch (error) {
    ok(RegistryError.is(error, code), `${message}: it threw ${error}, not ${code}`);
    return;
  }
  fail(`${message}: it was accepted`);
}
