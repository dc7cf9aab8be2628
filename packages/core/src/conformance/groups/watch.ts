/** Rules 7 to 9: a watcher is told everything once, and never anything that is not so. */
import type { Backend, BackendChange, BackendRegistry, RegistryEvent, WatchOptions } from '../../contract.ts';
import { RegistryError } from '../../index.ts';
import { ConformanceError, equal, eventually, fail, ok, pause, rejects, within } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import {
  cleanAll,
  DEADLINE_MS,
  elapse,
  fault,
  idOf,
  impatient,
  outlive,
  resolution,
  sample,
  shortLease,
  Watcher,
} from '../tools.ts';

export const watching = {
  async 'watch: the first event is a snapshot, also of an empty registry'(fixture: ConformanceFixture): Promise<void> {
    await using watcher = await Watcher.started(fixture.registry);
    const [first] = watcher.events;
    ok(first?.type === 'snapshot', `the first event must be a snapshot, not ${first?.type}`);
    equal([first.cause, first.backends], ['initial', []], 'nobody is registered');
    ok(/^\d+$/.test(first.version), `a version is decimal digits, not ${first.version}`);
    ok(first.epoch.length > 0, 'the epoch must have a name');
  },

  async 'watch: the first snapshot is what the registry lists'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([
      sample(4, { heartbeatTimeoutMs: shortLease(fixture) }),
      sample(3),
      sample(2, { health: false, zone: 'a', metadata: { k: 'v' }, inFlightRequests: 2 }),
      sample(1, { weight: 2 }),
      sample(5),
    ]);
    await registry.drain(sample(3));
    await registry.unregister(sample(5));
    await outlive(fixture);
    const listed = await registry.listBackends();
    equal(
      listed.map(({ status }) => status),
      ['healthy', 'unhealthy', 'draining', 'expired'],
      'one of each status is listed',
    );
    for (const handle of [registry, await fixture.second()]) {
      await using watcher = await Watcher.started(handle);
      const [first] = watcher.of('snapshot');
      equal([first?.cause, first?.backends], ['initial', listed], 'the snapshot');
      for (const { id, version } of listed)
        ok(BigInt(first?.version ?? 0) >= BigInt(version), `a snapshot has the version of what it shows of ${id}`);
      ok(first?.backends.every(Object.isFrozen), 'what is told is frozen');
    }
  },

  async 'watch: tells what was registered, what was updated and what left'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using watcher = await Watcher.started(registry);
    const registered = await registry.register(sample(1, { zone: 'a' }));
    await watcher.until(() => watcher.of('registered').length === 1, 'the registration');
    await registry.updateBackendHealth(sample(), false);
    await watcher.until(() => watcher.of('updated').length === 1, 'the update');
    const [updated] = await registry.listBackends();
    await registry.unregister(sample());
    await watcher.until(() => watcher.of('removed').length === 1, 'the removal');
    await mark(registry, watcher);
    equal(
      about(watcher).map(withoutPlace),
      [
        { type: 'registered', backend: registered.backend },
        { type: 'updated', backend: updated, previous: registered.backend, changed: ['health'] },
        { type: 'removed', backend: updated, reason: 'unregistered' },
      ],
      'each is told once, with what it was and what it is',
    );
    const versions = about(watcher).map(({ version }) => BigInt(version));
    ok(
      versions.every((version, at) => at === 0 || version > (versions[at - 1] ?? version)),
      `each change has a newer version than the one before: ${versions}`,
    );
  },

  async 'watch: says exactly what has changed'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life' }));
    await using watcher = await Watcher.started(registry);
    const described = { weight: 2, zone: 'a', metadata: { k: 'v' } };
    const steps: readonly (readonly [string, () => Promise<unknown>, readonly BackendChange[]])[] = [
      ['a weight', () => registry.register(sample(1, { weight: 2 })), ['registration']],
      ['a zone', () => registry.register(sample(1, { weight: 2, zone: 'a' })), ['registration']],
      ['metadata', () => registry.register(sample(1, described)), ['registration']],
      ['bad health', () => registry.updateBackendHealth(sample(), false), ['health']],
      ['good health', () => registry.updateBackendHealth(sample(), true), ['health']],
      ['bad health by a registration', () => registry.register(sample(1, { ...described, health: false })), ['health']],
      ['a drain', () => registry.drain(sample()), ['drain']],
      ['the end of a drain', () => registry.drain(sample(), false), ['drain']],
      [
        'everything that a registration can change',
        () => registry.register(sample(1, { health: true, inFlightRequests: 3 })),
        ['health', 'metrics', 'registration'],
      ],
      [
        'the end of its lease',
        async () => {
          await registry.heartbeat(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
          await outlive(fixture);
        },
        ['expiry'],
      ],
      ['a late heartbeat', () => registry.heartbeat(sample()), ['expiry']],
    ];
    for (const [what, write, changed] of steps) {
      const seen = watcher.events.length;
      await write();
      await watcher.until((events) => events.length > seen, what);
      const event = watcher.events[seen];
      equal(
        event?.type === 'updated' ? [...event.changed].sort() : event?.type,
        changed,
        `what has changed by ${what}`,
      );
    }
    await mark(registry, watcher);
    equal(about(watcher).length, steps.length, 'each change is told once');
  },

  async 'watch: every way out is one removed with its reason, for each of several watchers'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const [, , replaced] = await registry.registerAll([
      sample(1),
      sample(2, { heartbeatTimeoutMs: shortLease(fixture) }),
      sample(3, { incarnation: 'first' }),
    ]);
    await using one = await Watcher.started(registry);
    await using two = await Watcher.started(registry, { metrics: true });
    await using three = await Watcher.started(other);
    await using four = await Watcher.started(other, { metrics: true });
    await registry.unregister(sample(1));
    await outlive(fixture);
    await other.cleanupExpiredBackends();
    const replacing = await other.register(sample(3, { incarnation: 'second' }));
    await mark(registry, one, two, three, four);
    for (const watcher of [one, two, three, four]) {
      const left = watcher.of('removed').map(({ backend, reason }) => [backend.id, reason]);
      equal(
        left,
        [
          [idOf(1), 'unregistered'],
          [idOf(2), 'expired'],
          [idOf(3), 'replaced'],
        ],
        'three ways out',
      );
      const [, expired] = watcher.of('removed');
      equal(expired?.backend.status, 'expired', 'what is removed because it expired has the status expired');
      equal(
        about(watcher, 3).map(({ type, backend }) => [type, backend]),
        [
          ['removed', replaced?.backend],
          ['registered', replacing.backend],
        ],
        'the old life leaves, then the new one comes',
      );
      equal(ids(watcher.state.values()), [idOf(3), idOf(MARK)], 'who is left');
    }
  },

  async 'watch: a lease that ends is told though nobody cleans up, and so is coming back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using here = await Watcher.started(registry);
    await using there = await Watcher.started(await fixture.second());
    const { backend: healthy } = await registry.register(sample(1, { weight: 2 }));
    // Both have seen it alive, however late they are.
    for (const watcher of [here, there]) await watcher.until(() => about(watcher).length === 1, 'the registration');
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    for (const watcher of [here, there]) await watcher.until(() => about(watcher).length === 2, 'the end of the lease');
    await registry.heartbeat(sample());
    for (const watcher of [here, there]) {
      await watcher.until(() => about(watcher).length === 3, 'the late heartbeat');
      await mark(registry, watcher);
      const expired = { ...healthy, health: false, status: 'expired' };
      equal(
        about(watcher).map(withoutPlace),
        [
          { type: 'registered', backend: healthy },
          { type: 'updated', backend: expired, previous: healthy, changed: ['expiry'] },
          { type: 'updated', backend: healthy, previous: expired, changed: ['expiry'] },
        ],
        'each is told once',
      );
    }
  },

  async 'watch: heartbeats and writes that change nothing make no event and no version'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const written = sample(1, { health: false, weight: 2, zone: 'a', metadata: { k: 'v' }, inFlightRequests: 3 });
    await registry.register(written);
    await registry.drain(sample());
    const before = await registry.listBackends();
    await using plain = await Watcher.started(registry);
    await using full = await Watcher.started(await fixture.second(), { metrics: true });
    await elapse(fixture, 5); // so that a time which must not change would
    equal((await registry.heartbeat(sample())).status, 'renewed', 'a heartbeat');
    equal((await registry.heartbeatAll([sample()]))[0]?.status, 'renewed', 'a heartbeat of heartbeatAll');
    equal((await registry.register(written)).status, 'renewed', 'the same registration');
    equal((await registry.registerAll([written]))[0]?.status, 'renewed', 'the same registration of registerAll');
    equal((await registry.updateBackendHealth(sample(), false)).status, 'unchanged', 'the same health');
    equal(
      (await registry.updateBackendMetrics(sample(), { inFlightRequests: 3 })).status,
      'unchanged',
      'the same load',
    );
    equal((await registry.drain(sample())).status, 'unchanged', 'the same drain');
    equal((await registry.unregister(sample(2))).status, 'unknown', 'a removal of nobody');
    equal((await registry.cleanupExpiredBackends()).removed, [], 'a cleanup of nobody');
    equal(await registry.listBackends(), before, 'no field and no version has changed');
    await mark(registry, plain, full);
    for (const watcher of [plain, full]) {
      equal(
        watcher.events.map(({ type }) => type),
        ['snapshot', 'registered'],
        'the only change is the backend that came last',
      );
    }
  },

  async 'watch: metrics alone are told only to those who ask for them'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    await using plain = await Watcher.started(registry);
    await using asked = await Watcher.started(registry, { metrics: true });
    await elapse(fixture, 5); // so that the time of the metrics is another
    await registry.updateBackendMetrics(sample(), { inFlightRequests: 4, rifAvgLatency: 1.5 });
    await asked.until(() => about(asked).length > 0, 'the metrics');
    const [loaded] = await registry.listBackends();
    ok(loaded?.metricsUpdatedAt != null && loaded.metricsUpdatedAt > backend.registeredAt, 'metrics have their time');
    await mark(registry, plain, asked);
    equal(about(plain), [], 'who has not asked is told nothing');
    equal(
      about(asked).map(({ version: _, ...event }) => event),
      [{ type: 'updated', backend: loaded, previous: backend, changed: ['metrics'] }],
      'who has asked is told once',
    );
    await registry.updateBackendHealth(sample(), false);
    const [ill] = await registry.listBackends();
    for (const watcher of [plain, asked]) {
      await watcher.until(() => watcher.state.get(idOf())?.health === false, 'the health');
    }
    const [told] = plain.of('updated');
    equal(
      [told?.backend, told?.previous, [...(told?.changed ?? [])].sort()],
      [ill, backend, ['health', 'metrics']],
      'metrics ride along with another change',
    );
    equal(asked.of('updated').at(-1)?.changed, ['health'], 'who knows the metrics is told only what is new');
  },

  async 'watch: what changes is told at once where the store pushes, metrics aside'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const pushes = registry.capabilities.watch === 'push';
    // Where the store pushes, this watcher would look again after a minute: long after the case has failed.
    const other = await fixture.second();
    await using watcher = await Watcher.started(other, { pollIntervalMs: pushes ? 60_000 : 20, metrics: true });
    await using poller = await Watcher.started(registry, { metrics: true });
    const told = (count: number, what: string) => watcher.until(() => about(watcher).length === count, what);
    await registry.register(sample(1, { incarnation: 'first' }));
    await told(1, 'a registration');
    await registry.updateBackendHealth(sample(), false);
    await told(2, 'health');
    await registry.drain(sample());
    await told(3, 'a drain');
    await registry.register(sample(1, { weight: 2 }));
    await told(4, 'another weight');
    await registry.register(sample(1, { incarnation: 'second' }));
    await told(6, 'another life');
    await registry.unregister(sample());
    await told(7, 'a removal');
    await registry.registerAll([sample(1)]);
    await told(8, 'a registration of registerAll');
    for (const inFlightRequests of [1, 2]) {
      await registry.updateBackendMetrics(sample(), { inFlightRequests });
      await poller.until(() => poller.state.get(idOf())?.inFlightRequests === inFlightRequests, 'metrics with a look');
    }
    await mark(registry, watcher);
    if (pushes) {
      const rung = about(watcher).filter(({ backend }) => backend.inFlightRequests === 1);
      equal(rung, [], 'metrics ring no bell: they were overtaken before this watcher looked');
    }
    await registry.register(sample(2, { heartbeatTimeoutMs: shortLease(fixture) }));
    await watcher.until(() => about(watcher, 2).length === 1, 'a short lease');
    await outlive(fixture);
    await registry.cleanupExpiredBackends();
    await watcher.until(() => about(watcher, 2).at(-1)?.type === 'removed', 'a removal by a cleanup');
  },

  async 'watch: a lease that a heartbeat or a registration shortens is told when it ends, where the store pushes'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Where the clock is moved by hand, the timers of a watcher are not.
    const heartbeatTimeoutMs = 25 * Math.max(10, resolution(fixture));
    const pollIntervalMs = registry.capabilities.watch === 'push' ? 120_000 : 20;
    const hasEnded = (n: number) => about(watcher, n).at(-1)?.backend.status === 'expired';
    const backends = [1, 2, 3, 4].map((n) => sample(n, { heartbeatTimeoutMs: 90_000 }));
    await registry.registerAll(backends);
    await using watcher = await Watcher.started(await fixture.second(), { pollIntervalMs });
    await registry.heartbeat({ ...sample(1), heartbeatTimeoutMs });
    await elapse(fixture, heartbeatTimeoutMs);
    await watcher.until(() => hasEnded(1), 'the end of a lease that a heartbeat has shortened');
    const { status } = await registry.register(sample(2, { heartbeatTimeoutMs }));
    equal(status, 'renewed', 'a registration with a shorter lease');
    await elapse(fixture, heartbeatTimeoutMs);
    await watcher.until(() => hasEnded(2), 'the end of a lease that a registration has shortened');
    await registry.heartbeatAll([sample(4), { ...sample(3), heartbeatTimeoutMs }]);
    await elapse(fixture, heartbeatTimeoutMs);
    await watcher.until(() => hasEnded(3), 'the end of a lease that was shortened beside one that was not');
  },

  async 'watch: what a lease becomes is told at once also where a change follows it at once, where the store pushes'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const pollIntervalMs = registry.capabilities.watch === 'push' ? 120_000 : 20;
    const [lasting, short] = [{ heartbeatTimeoutMs: 90_000 }, { heartbeatTimeoutMs: shortLease(fixture) }];
    await registry.registerAll([sample(1, short), sample(2, lasting)]);
    await outlive(fixture);
    await using watcher = await Watcher.started(await fixture.second(), { pollIntervalMs });
    // The change is told with its document, the lease by a bell alone.
    await Promise.all([registry.heartbeat({ ...sample(1), ...lasting }), registry.drain(sample(2))]);
    await watcher.until(() => about(watcher, 2).length === 1, 'a drain');
    await watcher.until(() => about(watcher, 1).at(-1)?.backend.status === 'healthy', 'the return of one that expired');
  },

  async 'watch: one that does not listen hears of a change with its poll, and not before'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using deaf = await Watcher.started(registry, { push: false, pollIntervalMs: 60_000 });
    await using polls = await Watcher.started(registry, { push: false, pollIntervalMs: 20 });
    await registry.register(sample());
    await polls.until(() => about(polls).length === 1, 'a registration');
    await registry.drain(sample());
    await polls.until(() => about(polls).length === 2, 'a drain');
    equal(about(deaf), [], 'its poll is a minute away, and nothing else tells it');
  },

  async 'watch: what happens while the consumer does not read is conflated into the newest state'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    const weights = 50;
    const { told } = await unread(registry, async () => {
      for (let weight = 2; weight <= weights; weight += 1) await registry.register(sample(1, { weight }));
      await registry.updateBackendHealth(sample(), false);
      await registry.drain(sample());
    });
    const updates = told.filter((event) => event.type === 'updated');
    equal(updates.length, told.length, 'it was there all the time');
    // One look may have been under way already.
    ok(updates.length >= 1 && updates.length <= 2, `51 changes cost one or two events, not ${updates.length}`);
    equal(updates[0]?.previous, backend, 'what it was');
    equal(updates.at(-1)?.backend, (await registry.listBackends())[0], 'what it is');
    const changed = new Set(updates.flatMap((event) => event.changed));
    equal([...changed].sort(), ['drain', 'health', 'registration'], 'everything that has changed');
  },

  async 'watch: who comes and goes while the consumer does not read is not told'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { told } = await unread(registry, async () => {
      await registry.register(sample());
      await registry.unregister(sample());
    });
    equal(told, [], 'nothing is different');
  },

  async 'watch: who leaves and comes back as another life while the consumer does not read was replaced'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const first = await registry.register(sample(1, { incarnation: 'first' }));
    const { told } = await unread(registry, async () => {
      await registry.unregister(sample());
      await registry.register(sample(1, { incarnation: 'second', weight: 2 }));
      await registry.register(sample(1, { incarnation: 'third', weight: 3 }));
    });
    const [third] = await registry.listBackends();
    equal(
      told.map((event) => [event.type, event.backend, 'reason' in event ? event.reason : undefined]),
      [
        ['removed', first.backend, 'replaced'],
        ['registered', third, undefined],
      ],
      'the life that was told leaves, the newest one comes',
    );
  },

  async 'watch: who leaves and comes back as the same life while the consumer does not read is told as it is'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life', zone: 'a', health: false }));
    const { snapshot, told } = await unread(registry, async () => {
      await registry.unregister(sample());
      await elapse(fixture, 5); // so that it is registered at another time
      await registry.register(sample(1, { incarnation: 'life', zone: 'b' }));
    });
    equal(
      addUp([snapshot, ...told]),
      withoutVersions(await registry.listBackends()),
      'the events add up to what is there',
    );
    ok(told.length <= 2, `it is told once, not as ${told.map(({ type }) => type)}`);
  },

  async 'watch: who leaves and comes back unchanged while the consumer does not read is told as it is'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life' }));
    const { snapshot, told } = await unread(registry, async () => {
      await registry.unregister(sample());
      await elapse(fixture, 5); // so that it is registered at another time
      await registry.register(sample(1, { incarnation: 'life' }));
    });
    equal(
      addUp([snapshot, ...told]),
      withoutVersions(await registry.listBackends()),
      'the events add up to what is there',
    );
    ok(told.length <= 2, `it is told once, not as ${told.map(({ type }) => type)}`);
  },

  async 'watch: who expires and is removed while the consumer does not read was removed as expired'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    const { told } = await unread(registry, async () => {
      await outlive(fixture);
      await registry.cleanupExpiredBackends();
    });
    const { version: _, ...last } = told.at(-1) ?? fail('it must be told');
    equal(
      last,
      { type: 'removed', backend: { ...backend, health: false, status: 'expired' }, reason: 'expired' },
      'it is expired where that is the reason',
    );
    equal(told.filter(({ type }) => type === 'removed').length, 1, 'it is removed once');
  },

  async 'watch: who has missed more than a store remembers is told what is so all the same'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const registry = await fixture.second({ commandTimeoutMs: 20_000 });
    await registry.registerAll([sample(1), sample(2)]);
    const abort = new AbortController();
    const events = iterate(registry, { pollIntervalMs: 20, signal: abort.signal });
    try {
      const told: RegistryEvent[] = [(await events.next()).value ?? fail('there must be a first event')];
      await registry.unregister(sample(1));
      // A store remembers ten thousand of those who have left.
      for (let from = 1_000; from < 12_000; from += 1_000) {
        const some = Array.from({ length: 1_000 }, (_, n) => sample(from + n, { heartbeatTimeoutMs: 1 }));
        await registry.registerAll(some.map((backend) => ({ ...backend, url: 'http://gone.example.com' })));
      }
      await elapse(fixture, 2);
      await cleanAll(registry);
      await registry.register(sample(MARK));
      const listed = await registry.listBackends();
      equal(ids(listed), [idOf(2), idOf(MARK)].sort(), 'who is left');
      const isTold = () => addUp(told).length === 1 && told.some((event) => JSON.stringify(event).includes(idOf(MARK)));
      while (!isTold()) {
        const { value } = await within(5_000, events.next(), `the next event, after ${told.length}`);
        told.push(value ?? fail('it must not end'));
      }
      equal(addUp(told), withoutVersions(listed), 'the events add up to what is there');
    } finally {
      abort.abort();
    }
  },

  async 'watch: what cannot be seen of an expired backend is told when it comes back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample());
    await using watcher = await Watcher.started(registry);
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    await watcher.until(() => about(watcher).length === 1, 'the end of the lease');
    await registry.updateBackendHealth(sample(), false);
    await registry.drain(sample());
    await mark(registry, watcher);
    equal(about(watcher).length, 1, 'it is expired, whatever is reported about it');
    await registry.heartbeat(sample());
    await watcher.until(() => about(watcher).length === 2, 'the late heartbeat');
    const [, back] = watcher.of('updated');
    equal([back?.backend.status, back?.backend.health], ['draining', false], 'it is back with what was reported');
    ok(back?.changed.includes('expiry'), 'it came back in time');
  },

  async 'watch: versions never go back, whoever writes'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using watcher = await Watcher.started(other, { metrics: true });
    let newest = 0n;
    for (let round = 0; round < 10; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [registry, other] : [other, registry];
      await writer.register(sample(1, { weight: round }));
      await writer.updateBackendMetrics(sample(), { inFlightRequests: round + 1 });
      await reader.updateBackendHealth(sample(), round % 2 === 1);
      const version = BigInt((await reader.listBackends())[0]?.version ?? 0);
      ok(version > newest, `a change has a newer version: ${version} after ${newest}`);
      newest = version;
      if (round % 3 === 2) await writer.unregister(sample());
    }
    await mark(registry, watcher);
    const versions = watcher.events.flatMap((event) => ('version' in event ? [BigInt(event.version)] : []));
    ok(
      versions.every((version, at) => at === 0 || version >= (versions[at - 1] ?? 0n)),
      `the versions told must not go back: ${versions}`,
    );
    ok((versions.at(-1) ?? 0n) > newest, 'the last change is the newest');
  },

  async 'watch: a signal that has aborted already ends it without an error'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const events = iterate(fixture.registry, { signal: AbortSignal.abort() });
    equal(await within(2_000, events.next(), 'the end'), { done: true, value: undefined }, 'there is no event');
  },

  async 'watch: nothing is told after it was ended, whatever it had still to tell'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const stop = new AbortController();
    const events: RegistryEvent[] = [];
    for await (const event of registry.watch({ signal: stop.signal, pollIntervalMs: 20 })) {
      events.push(event);
      // While this loop does something else, more happens than one event: they come together.
      if (event.type === 'snapshot') await registry.registerAll([1, 2, 3, 4, 5].map((n) => sample(n)));
      else stop.abort();
    }
    equal(
      events.map(({ type }) => type),
      ['snapshot', 'registered'],
      'the event in which it was ended is the last one',
    );
  },

  async 'watch: a signal that aborts while it waits ends it without an error'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const stop = new AbortController();
    const events = iterate(fixture.registry, { signal: stop.signal, pollIntervalMs: 60_000 });
    equal((await events.next()).value?.type, 'snapshot', 'the first event');
    const next = events.next();
    stop.abort();
    equal(await within(2_000, next, 'the end'), { done: true, value: undefined }, 'there is no more event');
  },

  async 'watch: leaving the loop ends it, and two loops over one watch are independent'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const watch = registry.watch({ pollIntervalMs: 20 });
    const stays = watch[Symbol.asyncIterator]();
    equal((await stays.next()).value?.type, 'snapshot', 'the first event of the first loop');
    await registry.register(sample(1));
    for await (const event of watch) {
      equal(
        [event.type, 'backends' in event && event.backends.length],
        ['snapshot', 1],
        'the first event of the second',
      );
      break;
    }
    equal((await within(5_000, stays.next(), 'the next event')).value?.type, 'registered', 'the first loop goes on');
    await registry.register(sample(2));
    const { value } = await within(5_000, stays.next(), 'the next event');
    equal(value?.type === 'registered' && value.backend.id, idOf(2), 'the first loop goes on after the second ended');
    await within(2_000, ended(stays), 'leaving');
  },

  async 'watch: it can be left while it waits for an event'(fixture: ConformanceFixture): Promise<void> {
    const events = iterate(fixture.registry, { pollIntervalMs: 60_000 });
    await events.next();
    const next = events.next();
    await within(2_000, ended(events), 'leaving');
    equal(await within(2_000, next, 'the end'), { done: true, value: undefined }, 'who waits is told the end');
    equal((await events.next()).done, true, 'it stays at its end');
  },

  async 'watch: a poll interval out of range is refused at the first event'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    for (const pollIntervalMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const events = iterate(fixture.registry, { pollIntervalMs });
      const error = await rejects(events.next(), 'CONFIGURATION', `a poll interval of ${pollIntervalMs}`);
      ok(error.message.includes('pollIntervalMs'), `the message must name the option: ${error.message}`);
    }
  },

  async 'watch: closing the registry ends it without an error'(fixture: ConformanceFixture): Promise<void> {
    const handle = await fixture.second();
    const watcher = await Watcher.started(handle, { pollIntervalMs: 60_000 });
    await handle.close();
    await eventually(() => ok(watcher.ended, 'it must end'));
    equal(watcher.error, undefined, 'it ends without an error');
    await rejects(iterate(handle).next(), 'CLOSED', 'a watch of a closed registry');
  },

  async 'watch: after many writes at once from two handles every watcher equals the list'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using one = await Watcher.started(registry);
    await using two = await Watcher.started(registry, { metrics: true });
    await using three = await Watcher.started(other);
    await using four = await Watcher.started(other, { metrics: true });
    const seed = Math.floor(Math.random() * 2 ** 32);
    try {
      await burst(fixture, [registry, other], seed);
      for (const watcher of [one, three]) await watcher.settled(registry);
      for (const watcher of [two, four]) await watcher.settled(other, { metrics: true });
    } catch (error) {
      throw new ConformanceError(`with the seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  },

  async 'watch: a store that lost its data is a reset with what has come back so far'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2)]);
    await using watcher = await Watcher.started(registry);
    await fault(fixture, 'restartEmpty')();
    await watcher.until(() => watcher.of('snapshot').length === 2, 'the reset');
    const [before, after] = watcher.of('snapshot');
    equal([after?.cause, after?.backends], ['reset', []], 'nothing has come back yet');
    ok(before?.epoch !== after?.epoch, 'it is another life of the data');
    await eventually(() => registry.register(sample(2)));
    await watcher.until(() => watcher.of('registered').length > 0, 'the first that comes back');
    await mark(registry, watcher);
    equal(
      watcher.events.filter(({ type }) => type !== 'stale' && type !== 'fresh').map(({ type }) => type),
      ['snapshot', 'snapshot', 'registered', 'registered'],
      'a reset removes nobody, and tells each that comes back',
    );
    await watcher.settled(registry);
  },

  async 'watch: a store that is down is told once, and what was missed before it is fresh again'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    const { backend } = await registry.register(sample());
    await using watcher = await Watcher.started(handle);
    const leaseMs = Math.min(8 * shortLease(fixture), 40_000); // in real time, what goes down does so before this is over
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: leaseMs }));
    const up = await fault(fixture, 'down')();
    await watcher.until(() => watcher.of('stale').length > 0, 'that the store is down');
    await elapse(fixture, leaseMs);
    await pause(200); // a watcher that polls every 20 ms has looked several times meanwhile
    await up();
    await watcher.until(() => watcher.of('fresh').length > 0, 'that the store is back');
    await mark(registry, watcher);
    equal(
      watcher.events.map(({ type }) => type),
      ['snapshot', 'stale', 'updated', 'fresh', 'registered'],
      'what was missed is told before fresh',
    );
    const [stale] = watcher.of('stale');
    ok(RegistryError.is(stale?.error), `it must say why: ${stale?.error}`);
    ok(['UNAVAILABLE', 'TIMEOUT'].includes(stale.error.code), `the store is down, not ${stale.error.code}`);
    const { lastHeartbeatAt = 0 } = (await registry.getBackend(sample(MARK))) ?? {};
    ok(
      stale.since >= backend.registeredAt - resolution(fixture) && stale.since <= lastHeartbeatAt - leaseMs / 2,
      `the store answered between ${backend.registeredAt} and long before ${lastHeartbeatAt}, not at ${stale.since}`,
    );
    equal(watcher.of('updated')[0]?.changed, ['expiry'], 'the lease ended while the store was down');
    equal(watcher.error, undefined, 'a watch does not reject for a store that goes down');
    await watcher.settled(registry);
  },

  async 'watch: going down twice is stale twice, and fresh after each'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await using watcher = await Watcher.started(handle);
    for (const round of [1, 2]) {
      await elapse(fixture, 50);
      // Seen at a later time than all before.
      await mark(registry, watcher);
      const up = await fault(fixture, 'down')();
      await watcher.until(() => watcher.of('stale').length === round, 'that the store is down');
      await up();
      await watcher.until(() => watcher.of('fresh').length === round, 'that the store is back');
    }
    const [first, second] = watcher.of('stale').map(({ since }) => since);
    ok(Number(second) > Number(first), `the store has answered between the two outages: ${first}, ${second}`);
    const types = watcher.events.filter((event) => !('backend' in event)).map(({ type }) => type);
    equal(types, ['snapshot', 'stale', 'fresh', 'stale', 'fresh'], 'nothing else has happened');
  },

  async 'watch: it rejects if the store is down at the first look'(fixture: ConformanceFixture): Promise<void> {
    const handle = await impatient(fixture, DEADLINE_MS);
    const up = await fault(fixture, 'down')();
    const first = iterate(handle).next();
    await rejects(
      within(5_000, first, 'the first look'),
      ['UNAVAILABLE', 'TIMEOUT'],
      'a first look at a store that is down',
    );
    await up();
    await eventually(() => handle.ping());
    await using watcher = await Watcher.started(handle);
    equal(watcher.of('snapshot').length, 1, 'another watch of the same handle works');
  },

  async 'watch: it can be left while the store is down'(fixture: ConformanceFixture): Promise<void> {
    const handle = await impatient(fixture, DEADLINE_MS);
    const events = iterate(handle, { pollIntervalMs: 20 });
    await events.next();
    const up = await fault(fixture, 'down')();
    equal((await within(5_000, events.next(), 'the next event')).value?.type, 'stale', 'the store is down');
    const next = events.next();
    await within(2_000, ended(events), 'leaving');
    equal((await within(2_000, next, 'the end')).done, true, 'it ends without an error');
    await up();
  },

  async 'watch: while the store is down a signal ends it without an error, and so does closing the registry'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const handle = await impatient(fixture, DEADLINE_MS);
    const abort = new AbortController();
    const aborted = iterate(handle, { pollIntervalMs: 20, signal: abort.signal });
    const closed = iterate(handle, { pollIntervalMs: 20 });
    for (const events of [aborted, closed]) await events.next();
    const up = await fault(fixture, 'down')();
    for (const events of [aborted, closed])
      equal((await within(5_000, events.next(), 'the next event')).value?.type, 'stale', 'the store is down');
    const [first, second] = [aborted, closed].map((events) =>
      events.next().then(
        ({ done }) => (done ? 'an end' : 'an event'),
        (error: unknown) => `an error: ${error}`,
      ),
    );
    abort.abort();
    equal(await within(2_000, first ?? fail('none'), 'the signal'), 'an end', 'after a signal comes');
    await within(5_000, handle.close(), 'closing');
    equal(await within(2_000, second ?? fail('none'), 'the end'), 'an end', 'after closing the registry comes');
    await up();
  },

  async 'watch: a store that does not answer is stale after the deadline, and fresh when it answers'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await registry.register(sample(1));
    await using watcher = await Watcher.started(handle);
    const thaw = await fault(fixture, 'freeze')();
    await watcher.until(() => watcher.of('stale').length > 0, 'that the store does not answer');
    equal(watcher.of('stale')[0]?.error.code, 'TIMEOUT', 'no answer within the deadline');
    await thaw();
    await watcher.until(() => watcher.of('fresh').length > 0, 'that the store answers');
    await eventually(() => registry.register(sample(2)));
    await watcher.until(() => watcher.state.has(idOf(2)), 'a change after that');
    equal(
      watcher.events.filter(({ type }) => type !== 'stale' && type !== 'fresh').map(({ type }) => type),
      ['snapshot', 'registered'],
      'nothing is doubled or missed',
    );
    await watcher.settled(registry);
  },

  async 'watch: connections that are cut lose and double nothing'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using here = await Watcher.started(registry);
    await using there = await Watcher.started(other);
    const drop = fault(fixture, 'dropConnection');
    for (let n = 1; n <= 5; n += 1) {
      await eventually(() => registry.register(sample(n, { incarnation: 'life' })));
      await drop();
      await eventually(() => other.updateBackendHealth(sample(n), false));
      // Both have seen it, or else its coming and going would be conflated into nothing.
      for (const watcher of [here, there])
        await watcher.until(() => watcher.state.get(idOf(n))?.health === false, `number ${n}`);
    }
    await eventually(() => registry.unregister(sample(1)));
    await eventually(async () => {
      if (await registry.getBackend(sample(MARK))) return;
      await registry.register(sample(MARK));
    });
    for (const watcher of [here, there]) {
      await watcher.until(() => watcher.state.has(idOf(MARK)), 'the last backend');
      await watcher.settled(registry);
      equal(watcher.of('removed').length, 1, 'one has left');
      equal(
        ids(watcher.of('registered').map(({ backend }) => backend)),
        [1, 2, 3, 4, 5, MARK].map(idOf),
        'each came once',
      );
    }
  },
};

export const watchNeeds: Readonly<Partial<Record<keyof typeof watching, readonly ConformanceNeed[]>>> = {
  'watch: a store that lost its data is a reset with what has come back so far': ['faults.restartEmpty'],
  'watch: a store that is down is told once, and what was missed before it is fresh again': ['faults.down'],
  'watch: going down twice is stale twice, and fresh after each': ['faults.down'],
  'watch: it rejects if the store is down at the first look': ['faults.down'],
  'watch: it can be left while the store is down': ['faults.down'],
  'watch: while the store is down a signal ends it without an error, and so does closing the registry': ['faults.down'],
  'watch: a store that does not answer is stale after the deadline, and fresh when it answers': ['faults.freeze'],
  'watch: connections that are cut lose and double nothing': ['faults.dropConnection'],
};

type ChangeEvent = Extract<RegistryEvent, { readonly backend: Backend }>;

/** The number of a backend that comes last: a watcher who was told of it was told of everything before. */
const MARK = 99;

async function mark(registry: BackendRegistry, ...watchers: readonly Watcher[]): Promise<void> {
  await registry.register(sample(MARK, { incarnation: crypto.randomUUID() }));
  const [{ version = '' } = {}] = (await registry.listBackends()).filter(({ id }) => id === idOf(MARK));
  for (const watcher of watchers) {
    await watcher.until(() => watcher.state.get(idOf(MARK))?.version === version, 'the last backend');
  }
}

/** What an event says, its place in the history aside. */
function withoutPlace({ version: _, ...event }: ChangeEvent): Omit<ChangeEvent, 'version' | 'epoch'> {
  const { epoch: _epoch, ...rest }: typeof event & { epoch?: string } = event;
  return rest;
}

/** What a watcher was told about one backend. */
function about(watcher: Watcher, n = 1): ChangeEvent[] {
  return watcher.events.filter((event): event is ChangeEvent => 'backend' in event && event.backend.id === idOf(n));
}

function ids(backends: Iterable<Backend>): string[] {
  return Array.from(backends, ({ id }) => id).sort();
}

function iterate(registry: BackendRegistry, options?: WatchOptions): AsyncIterator<RegistryEvent> {
  return registry.watch(options)[Symbol.asyncIterator]();
}

/** Leaves a loop, as `break` does. */
async function ended(events: AsyncIterator<RegistryEvent>): Promise<void> {
  equal((await events.return?.())?.done, true, 'leaving it ends it');
}

/** What a consumer is told who takes the first event, and reads on only after something has happened. */
async function unread(
  registry: BackendRegistry,
  happen: () => Promise<void>,
): Promise<{ snapshot: RegistryEvent; told: ChangeEvent[] }> {
  const events = iterate(registry, { pollIntervalMs: 20 });
  try {
    const snapshot = (await events.next()).value ?? fail('there must be a first event');
    await happen();
    await registry.register(sample(MARK));
    // Now its handle has seen all of it; what it was told over another connection may stop in between.
    await registry.listBackends();
    for (const told: ChangeEvent[] = []; ; ) {
      const { value } = await within(5_000, events.next(), 'the next event');
      ok(value !== undefined && 'backend' in value, `nothing but changes has happened, and it was told ${value?.type}`);
      if (value.backend.id === idOf(MARK)) return { snapshot, told };
      told.push(value);
    }
  } finally {
    await events.return?.();
  }
}

/** What is there after these events, and the last backend. */
function addUp(told: readonly RegistryEvent[]): unknown[] {
  const state = new Map<string, Backend>();
  for (const event of told) {
    if (event.type === 'snapshot') {
      state.clear();
      for (const backend of event.backends) state.set(backend.id, backend);
    } else if (event.type === 'removed') state.delete(event.backend.id);
    else if ('backend' in event) state.set(event.backend.id, event.backend);
  }
  return withoutVersions([...state.values()]);
}

function withoutVersions(backends: readonly Backend[]): unknown[] {
  return backends.filter(({ id }) => id !== idOf(MARK)).map(({ version: _, ...backend }) => backend);
}

/** Many random writes to few backends, ten at a time, from every handle. */
async function burst(fixture: ConformanceFixture, handles: readonly BackendRegistry[], seed: number): Promise<void> {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const write = (): Promise<unknown> => {
    const registry = handles[below(handles.length)] ?? fixture.registry;
    const n = 1 + below(6);
    const lease = below(2) === 0 ? {} : { heartbeatTimeoutMs: shortLease(fixture) / 5 };
    switch (below(9)) {
      case 0:
        return registry.register(sample(n, { weight: below(3), inFlightRequests: below(3), ...lease }));
      case 1:
        return registry.register(sample(n, { incarnation: `life ${below(3)}`, ...lease }));
      case 2:
        return registry.heartbeat(sample(n, lease));
      case 3:
        return registry.updateBackendHealth(sample(n), below(2) === 0);
      case 4:
        return registry.updateBackendMetrics(sample(n), { inFlightRequests: below(9), rifAvgLatency: below(9) });
      case 5:
        return registry.drain(sample(n), below(2) === 0);
      case 6:
        return registry.unregister(sample(n));
      case 7:
        return registry.cleanupExpiredBackends({ limit: 1 + below(3) });
      default:
        return registry.registerAll([sample(1 + below(6), lease), sample(1 + below(6))]);
    }
  };
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 10 }, write));
    if (round % 4 === 3) await elapse(fixture, shortLease(fixture) / 5);
  }
}
