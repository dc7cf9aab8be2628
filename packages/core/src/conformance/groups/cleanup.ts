/** Cleanup: exactly what has expired leaves, once, whoever removes it; and `startCleanup`, which does it by itself. */
import type { Backend, BackendRegistry, CleanupResult, RegistryOptions } from '../../contract.ts';
import { type CleanupHold, RegistryError, type RegistryErrorCode, startCleanup } from '../../index.ts';
import { equal, eventually, fail, ok, rejects, within } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import { cleanAll, elapse, fault, idOf, outlive, putRaw, resolution, sample, shortLease, Watcher } from '../tools.ts';

export const cleanup = {
  async 'cleanup: removes exactly what has expired, in the order in which it expired, and returns it as it was'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const leaseMs = shortLease(fixture);
    // Expiry is in another order than the ids, and each end is a third of a lease or more after the one before.
    await registry.register(sample(3, { heartbeatTimeoutMs: leaseMs / 3, zone: 'a', metadata: { k: 'v' }, weight: 2 }));
    await registry.register(sample(1, { heartbeatTimeoutMs: (2 * leaseMs) / 3, inFlightRequests: 4, health: false }));
    await registry.register(sample(2, { heartbeatTimeoutMs: leaseMs }));
    await registry.register(sample(4));
    await registry.drain(sample(2));
    await outlive(fixture);
    const [first, second, third, fourth] = await registry.listBackends();
    const { removed, corrupt } = await registry.cleanupExpiredBackends();
    equal(removed, [third, first, second], 'those that expired, those that expired first before the others');
    equal(
      removed.map(({ status, health }) => [status, health]),
      Array(3).fill(['expired', false]),
      'as they were when they were removed',
    );
    equal(corrupt, [], 'no row was unreadable');
    equal(await registry.listBackends(), [fourth], 'the others stay as they are');
    equal(await registry.getBackend(sample(1)), null, 'what was removed is not there');
    equal((await registry.cleanupExpiredBackends()).removed, [], 'a second cleanup finds nothing to remove');
  },

  async 'cleanup: removes no more than its limit, those expired longest first'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const leaseMs = shortLease(fixture);
    for (const n of [5, 4, 3, 2, 1]) {
      await registry.register(sample(n, { heartbeatTimeoutMs: (leaseMs * (10 - n)) / 10 }));
    }
    await outlive(fixture);
    const rounds: { removed: string[]; nextExpiryInMs: number | null }[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { removed, nextExpiryInMs } = await registry.cleanupExpiredBackends({ limit: 2 });
      rounds.push({ removed: ids(removed), nextExpiryInMs });
    }
    equal(
      rounds,
      [
        { removed: [idOf(5), idOf(4)], nextExpiryInMs: 0 },
        { removed: [idOf(3), idOf(2)], nextExpiryInMs: 0 },
        { removed: [idOf(1)], nextExpiryInMs: null },
        { removed: [], nextExpiryInMs: null },
      ],
      'five in rounds of two: there is something to do at once while some are left',
    );
  },

  async 'cleanup: its limit counts rows that cannot be read too'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([
      ...[1, 2, 3].map((n) => sample(n)),
      ...[4, 5].map((n) => sample(n, { heartbeatTimeoutMs: shortLease(fixture) })),
    ]);
    for (const n of [1, 2, 3]) await putRaw(fixture, idOf(n), 'no JSON');
    await outlive(fixture);
    // A handle that has not read them yet.
    const other = await fixture.second();
    const rounds: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { removed, corrupt, nextExpiryInMs } = await other.cleanupExpiredBackends({ limit: 2 });
      rounds.push([removed.length + corrupt.length, nextExpiryInMs]);
    }
    const expected = [
      [2, 0],
      [2, 0],
      [1, null],
      [0, null],
    ];
    equal(rounds, expected, 'five in rounds of two: there is something to do at once while some are left');
  },

  async 'cleanup: of many that expired together each is seen, comes back or is removed, once'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const many = Array.from({ length: 5_000 }, (_, n) => sample(n + 1));
    await registry.registerAll(many);
    const other = await fixture.second();
    await using watcher = await Watcher.started(other);
    const beats = many.map((backend) => ({ ...backend, heartbeatTimeoutMs: shortLease(fixture) }));
    equal(
      (await registry.heartbeatAll(beats)).filter(({ status }) => status !== 'renewed'),
      [],
      'all are renewed',
    );
    await outlive(fixture);
    const expired = (backends: readonly Backend[]) => ids(backends.filter(({ status }) => status === 'expired'));
    const all = many.map((_, n) => idOf(n + 1)).sort();
    for (const handle of [registry, other]) equal(expired(await handle.listBackends()), all, 'all have expired');
    await watcher.until(() => expired([...watcher.state.values()]).length === all.length, 'the end of each lease');
    const back = many.slice(0, 300);
    await registry.heartbeatAll(back);
    const gone = many
      .slice(300)
      .map((_, n) => idOf(n + 301))
      .sort();
    for (const handle of [registry, other]) equal(expired(await handle.listBackends()), gone, 'some have come back');
    equal(ids(await cleanAll(other)).sort(), gone, 'the others are removed');
    equal(ids(await registry.listBackends()), back.map((_, n) => idOf(n + 1)).sort(), 'those that came back stay');
    await watcher.until(() => watcher.state.size === back.length, 'all removals');
    equal(watcher.of('removed').length, gone.length, 'each removal is told once');
  },

  async 'cleanup: says how long it is until the next lease ends'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    equal(
      await registry.cleanupExpiredBackends(),
      { removed: [], corrupt: [], nextExpiryInMs: null },
      'nobody is there',
    );
    await registry.register(sample(1));
    await nextIs(fixture, 1, 'the only lease');
    await registry.register(sample(2, { heartbeatTimeoutMs: 20_000 }));
    await nextIs(fixture, 2, 'a shorter lease');
    await elapse(fixture, 50); // so that less is left of every lease
    await nextIs(fixture, 2, 'the same lease some time later');
    await registry.heartbeat(sample(2, { heartbeatTimeoutMs: 90_000 }));
    await nextIs(fixture, 1, 'the other lease, after the shorter one was renewed for longer');
    await registry.heartbeat(sample(2, { heartbeatTimeoutMs: 30_000 }));
    await nextIs(fixture, 2, 'a lease that was renewed for less');
    await registry.unregister(sample(2));
    await nextIs(fixture, 1, 'the lease that is left');
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: 86_400_000 }));
    await nextIs(fixture, 1, 'a lease of a day');
    await registry.unregister(sample(1));
    equal((await registry.cleanupExpiredBackends()).nextExpiryInMs, null, 'nobody is there any more');
  },

  async 'cleanup: several at once remove each backend once, and each watcher is told once'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
    await registry.registerAll(numbers.map((n) => sample(n, { heartbeatTimeoutMs: shortLease(fixture) })));
    await using here = await Watcher.started(registry);
    await using there = await Watcher.started(other);
    await outlive(fixture);
    const results = await Promise.all([
      registry.cleanupExpiredBackends({ limit: 3 }),
      other.cleanupExpiredBackends(),
      registry.cleanupExpiredBackends(),
      other.cleanupExpiredBackends({ limit: 7 }),
      registry.cleanupExpiredBackends(),
    ]);
    const expected = numbers.map(idOf).sort();
    equal(ids(results.flatMap(({ removed }) => removed)).sort(), expected, 'each is returned by one of them');
    await registry.register(sample(99));
    for (const watcher of [here, there]) {
      await watcher.until(
        () => ids(watcher.of('registered').map(({ backend }) => backend)).includes(idOf(99)),
        'the last',
      );
      const told = watcher.of('removed').map(({ backend, reason }) => `${backend.id} ${reason}`);
      equal(
        told.sort(),
        expected.map((id) => `${id} expired`),
        'each is told to each watcher once',
      );
    }
  },

  async 'cleanup: leaves a backend that came back in time'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const heartbeatTimeoutMs = shortLease(fixture);
    await registry.registerAll([1, 2, 3].map((n) => sample(n, { heartbeatTimeoutMs })));
    await outlive(fixture);
    await registry.heartbeat(sample(2));
    await registry.register(sample(3));
    equal(ids((await registry.cleanupExpiredBackends()).removed), [idOf(1)], 'only the one that did not come back');
    equal(
      (await registry.listBackends()).map(({ id, status }) => [id, status]),
      [
        [idOf(2), 'healthy'],
        [idOf(3), 'healthy'],
      ],
      'the others stay',
    );
  },

  async 'cleanup: obeys the lease that was given, not the timeout of the handle that cleans'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const brief = await fixture.second({ heartbeatTimeoutMs: shortLease(fixture) });
    await registry.register(sample(1));
    await brief.register(sample(2));
    await outlive(fixture);
    equal(ids((await brief.cleanupExpiredBackends()).removed), [idOf(2)], 'the lease of 60 seconds is not over');
    equal(ids(await registry.listBackends()), [idOf(1)], 'it stays listed');
  },

  async 'cleanup: nothing is left of what was removed when its address registers again'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const old = sample(1, { heartbeatTimeoutMs: shortLease(fixture), incarnation: 'life', zone: 'a', health: false });
    const first = await registry.register({ ...old, inFlightRequests: 3 });
    await registry.drain(sample());
    await outlive(fixture);
    await registry.cleanupExpiredBackends();
    const { status, backend } = await registry.register(sample(1, { incarnation: 'life' }));
    equal(status, 'registered', 'the address was absent');
    equal(
      [backend.status, backend.zone, backend.inFlightRequests, backend.metricsUpdatedAt],
      ['healthy', null, 0, null],
      'its state is that of a new backend',
    );
    ok(backend.registeredAt > first.backend.registeredAt, 'it was registered now');
    ok(BigInt(backend.version) > BigInt(first.backend.version), 'versions go on');
  },

  async 'cleanup: where nothing has expired it changes nothing and tells nobody'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2, { health: false })]);
    await registry.drain(sample(1));
    const before = await registry.listBackends();
    await using watcher = await Watcher.started(registry, { metrics: true });
    equal((await registry.cleanupExpiredBackends()).removed, [], 'unhealthy and draining are not expired');
    equal(await registry.listBackends(), before, 'nothing has changed');
    await registry.register(sample(3));
    await watcher.until((events) => events.length > 1, 'the last backend');
    equal(watcher.events[1]?.type, 'registered', 'the first event after the cleanup is that of the last backend');
  },

  async 'cleanup: a limit that is no whole number of at least 1 is refused, and nothing is removed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    for (const limit of [0, -1, 1.5, Number.NaN, '3' as never]) {
      const error = await rejects(registry.cleanupExpiredBackends({ limit }), 'CONFIGURATION', `a limit of ${limit}`);
      ok(error.message.includes('limit'), `the message must name the option: ${error.message}`);
    }
    equal(ids(await registry.listBackends()), [idOf(1)], 'what has expired is still there');
  },

  async 'cleanup: startCleanup removes by itself what expires, and reports it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1, { heartbeatTimeoutMs: shortLease(fixture) }), sample(2)]);
    const reports: CleanupResult[] = [];
    await using cleaner = startCleanup(await restless(fixture), { onRemoved: (result) => reports.push(result) });
    await within(5_000, cleaner.ready, 'the first run');
    equal(cleaner.state, 'running', 'it runs');
    await outlive(fixture);
    await eventually(async () => equal(ids(await registry.listBackends()), [idOf(2)], 'what has expired must go'));
    await eventually(() => ok(reports.length > 0, 'it must report what it removed'));
    equal(
      reports.flatMap(({ removed }) => removed.map(({ id, status }) => [id, status])),
      [[idOf(1), 'expired']],
      'it reports what it removed and nothing else',
    );
    await cleaner.close();
    equal(cleaner.state, 'closed', 'it was closed');
  },

  async 'cleanup: several startCleanup report each removal once in total, and each watcher is told once'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const expiring = [1, 2, 3, 4]; // less than half, so that nobody holds back
    const staying = [5, 6, 7, 8, 9];
    await registry.registerAll([
      ...expiring.map((n) => sample(n, { heartbeatTimeoutMs: shortLease(fixture) })),
      ...staying.map((n) => sample(n)),
    ]);
    await using watcher = await Watcher.started(registry);
    const reported: Backend[] = [];
    const onRemoved = ({ removed }: CleanupResult) => reported.push(...removed);
    await using one = startCleanup(await restless(fixture), { onRemoved, jitterMs: 0 });
    await using two = startCleanup(await restless(fixture), { onRemoved, jitterMs: 0 });
    await within(5_000, Promise.all([one.ready, two.ready]), 'the first runs');
    await outlive(fixture);
    await watcher.until(() => watcher.of('removed').length >= expiring.length, 'the removals');
    await registry.register(sample(99));
    await watcher.until(() => watcher.state.has(idOf(99)), 'the last backend');
    await Promise.all([one.close(), two.close()]);
    equal(ids(reported).sort(), expiring.map(idOf), 'each removal is reported by one of them');
    const told = watcher.of('removed').map(({ backend, reason }) => `${backend.id} ${reason}`);
    equal(
      told.sort(),
      expiring.map((n) => `${idOf(n)} expired`),
      'each removal is told once',
    );
  },

  async 'cleanup: startCleanup holds back when more than half of at least five expire, and lets go when they come back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registerExpired(fixture, { expired: 3, total: 5 });
    const holds: CleanupHold[] = [];
    const reports: CleanupResult[] = [];
    // Long enough for the heartbeats below to come in time on a slow machine; it looks ten times meanwhile.
    const holdMs = 4_000;
    await using cleaner = startCleanup(await restless(fixture), {
      holdMs,
      onHold: (hold) => holds.push(hold),
      onRemoved: (result) => reports.push(result),
    });
    await eventually(() => equal(cleaner.state, 'holding', 'so many at once must be held back'));
    equal((await registry.listBackends()).length, 5, 'nobody is removed meanwhile');
    await registry.heartbeatAll([sample(1), sample(2), sample(3)]);
    await eventually(() => equal(cleaner.state, 'running', 'there is nothing to hold back any more'));
    equal(holds, [{ expired: 3, total: 5, holdMs }], 'holding back is told once, with its numbers');
    equal(reports, [], 'nobody was removed');
    equal(
      (await registry.listBackends()).map(({ status }) => status),
      Array(5).fill('healthy'),
      'everybody is there',
    );
  },

  async 'cleanup: startCleanup removes what it has held back when the hold is over'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registerExpired(fixture, { expired: 5, total: 5 });
    const holdMs = 300;
    const heldAt: number[] = [];
    const removedAt: number[] = [];
    await using cleaner = startCleanup(await restless(fixture), {
      holdMs,
      onHold: () => heldAt.push(performance.now()),
      onRemoved: () => removedAt.push(performance.now()),
    });
    await within(5_000, cleaner.ready, 'a first run that holds back is a run');
    await eventually(async () => equal(await registry.listBackends(), [], 'they must go after the hold'));
    await eventually(() => equal(removedAt.length, 1, 'they are removed together'));
    equal(heldAt.length, 1, 'holding back is told once');
    const heldMs = (removedAt[0] ?? 0) - (heldAt[0] ?? 0);
    ok(heldMs >= holdMs - 10, `they must be held for ${holdMs} ms, and were for ${heldMs}`); // 10: of the two callbacks
  },

  async 'cleanup: startCleanup does not hold back fewer than five'(fixture: ConformanceFixture): Promise<void> {
    await registerExpired(fixture, { expired: 4, total: 4 });
    await removesAtOnce(fixture, []);
  },

  async 'cleanup: startCleanup does not hold back half'(fixture: ConformanceFixture): Promise<void> {
    await registerExpired(fixture, { expired: 3, total: 6 });
    await removesAtOnce(fixture, [idOf(4), idOf(5), idOf(6)]);
  },

  async 'cleanup: startCleanup does nothing more once it is closed'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const calls = { closed: 0, open: 0 };
    const closed = startCleanup(
      counted(await restless(fixture), () => {
        calls.closed += 1;
      }),
    );
    await within(5_000, closed.ready, 'the first run');
    await within(2_000, closed.close(), 'closing');
    equal(closed.state, 'closed', 'it was closed');
    const before = calls.closed;
    ok(before > 0, 'it has called the registry while it was open');
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    await using _open = startCleanup(
      counted(await restless(fixture), () => {
        calls.open += 1;
      }),
    );
    // Time enough for the other one, which has the same timeout: this one has run many times.
    await eventually(() => ok(calls.open >= 20, 'one that is open goes on'));
    equal(calls.closed, before, 'one that is closed calls nothing any more');
    await within(2_000, closed.close(), 'closing twice');
  },

  async 'cleanup: startCleanup ends when its registry is closed'(fixture: ConformanceFixture): Promise<void> {
    const handle = await restless(fixture);
    await using cleaner = startCleanup(handle);
    await within(5_000, cleaner.ready, 'the first run');
    await handle.close();
    await eventually(() => equal(cleaner.state, 'closed', 'its registry is closed'));
    await within(2_000, cleaner.close(), 'closing it after that');
  },

  async 'cleanup: startCleanup that is closed before its first run says so'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const cleaner = startCleanup(await restless(fixture));
    const closing = cleaner.close();
    await rejects(cleaner.ready, 'CLOSED', 'there was no first run');
    await within(3_000, closing, 'closing');
    equal(cleaner.state, 'closed', 'it was closed');
  },

  async 'cleanup: startCleanup refuses options out of range'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    for (const options of [{ holdMs: 0 }, { holdMs: -1 }, { holdMs: Number.NaN }, { jitterMs: -1 }]) {
      throwsCode(() => startCleanup(registry, options), 'CONFIGURATION', JSON.stringify(options));
    }
  },

  async 'cleanup: startCleanup reports a store that is down, and goes on when it is back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const errors: RegistryError[] = [];
    await using cleaner = startCleanup(await restless(fixture, IMPATIENT), { onError: (error) => errors.push(error) });
    await within(5_000, cleaner.ready, 'the first run');
    await registry.register(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
    const up = await fault(fixture, 'down')();
    await eventually(() => equal(cleaner.state, 'failing', 'the store is down'));
    await eventually(() => ok(errors.length > 1, 'it must try again'));
    for (const error of errors) {
      ok(RegistryError.is(error) && ['UNAVAILABLE', 'TIMEOUT'].includes(error.code), `it was told ${error}`);
    }
    await outlive(fixture);
    await up();
    await eventually(async () => equal(await registry.listBackends(), [], 'what expired meanwhile must go'));
    await eventually(() => equal(cleaner.state, 'running', 'the store is back'));
  },

  async 'cleanup: startCleanup holds back what expired while the store was down, however few they are'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const holds: CleanupHold[] = [];
    // Long enough for the heartbeat below to come in time on a slow machine; it looks ten times meanwhile.
    const holdMs = 4_000;
    await using cleaner = startCleanup(await restless(fixture, IMPATIENT), {
      holdMs,
      onHold: (hold) => holds.push(hold),
    });
    await within(2_000, cleaner.ready, 'the first run');
    const heartbeatTimeoutMs = 8 * shortLease(fixture); // so that none ends before the store is down
    await registry.registerAll([sample(1, { heartbeatTimeoutMs }), sample(2, { heartbeatTimeoutMs })]);
    const up = await fault(fixture, 'down')();
    await eventually(() => equal(cleaner.state, 'failing', 'the store is down'));
    await elapse(fixture, heartbeatTimeoutMs);
    await up();
    await eventually(() => equal(cleaner.state, 'holding', 'they could not send their heartbeats'));
    equal(holds, [{ expired: 2, total: 2, holdMs }], 'holding back is told once, with its numbers');
    equal((await registry.listBackends()).length, 2, 'nobody is removed meanwhile');
    await registry.heartbeatAll([sample(1), sample(2)]);
    await eventually(() => equal(cleaner.state, 'running', 'there is nothing to hold back any more'));
    equal((await registry.listBackends()).length, 2, 'everybody is there');
  },
};

export const cleanupNeeds: Readonly<Partial<Record<keyof typeof cleanup, readonly ConformanceNeed[]>>> = {
  'cleanup: its limit counts rows that cannot be read too': ['putRaw'],
  'cleanup: startCleanup reports a store that is down, and goes on when it is back': ['faults.down'],
  'cleanup: startCleanup holds back what expired while the store was down, however few they are': ['faults.down'],
};

function ids(backends: readonly Backend[]): string[] {
  return backends.map(({ id }) => id);
}

/**
 * A handle on which `startCleanup` looks every 20 ms, for where the clock of the store is moved by hand. It is connected: on a busy machine that alone can
 * take longer than a deadline, and who did not reach the store holds back.
 */
async function restless(fixture: ConformanceFixture, options: RegistryOptions = {}): Promise<BackendRegistry> {
  const handle = await fixture.second({ heartbeatTimeoutMs: 20, ...options });
  await eventually(() => handle.ping());
  return handle;
}

/** Deadline of a handle whose store goes down. */
const IMPATIENT = { commandTimeoutMs: 1_000 };

/** Backends 1 to `total`, of which the first have expired. */
async function registerExpired(
  fixture: ConformanceFixture,
  { expired, total }: { readonly expired: number; readonly total: number },
): Promise<void> {
  const numbers = Array.from({ length: total }, (_, n) => n + 1);
  await fixture.registry.registerAll(
    numbers.map((n) => sample(n, n <= expired ? { heartbeatTimeoutMs: shortLease(fixture) } : {})),
  );
  await outlive(fixture);
}

async function removesAtOnce(fixture: ConformanceFixture, left: readonly string[]): Promise<void> {
  const holds: CleanupHold[] = [];
  const holdMs = 600_000; // so long that what is held back is not removed while this case runs
  await using cleaner = startCleanup(await restless(fixture), { holdMs, onHold: (hold) => holds.push(hold) });
  await within(5_000, cleaner.ready, 'the first run');
  equal(ids(await fixture.registry.listBackends()), left, 'the first run removes them');
  equal([holds, cleaner.state], [[], 'running'], 'nothing is held back');
}

/** A cleanup must say what is left of the lease of this backend: less than it was before, more than it is after. */
async function nextIs(fixture: ConformanceFixture, n: number, message: string): Promise<void> {
  const { registry } = fixture;
  const left = async () => ((await registry.getBackend(sample(n))) ?? fail(`${idOf(n)} is there`)).expiresInMs;
  const before = await left();
  const { removed, nextExpiryInMs } = await registry.cleanupExpiredBackends();
  const after = await left();
  equal(removed, [], `${message}: it is not over`);
  ok(
    nextExpiryInMs !== null &&
      nextExpiryInMs <= before + resolution(fixture) &&
      nextExpiryInMs >= after - resolution(fixture),
    `${message}: ${before} to ${after} ms are left, and it says ${nextExpiryInMs}`,
  );
}

/** The same registry, with a count of its calls. */
function counted(registry: BackendRegistry, onCall: () => void): BackendRegistry {
  return new Proxy(registry, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        onCall();
        return Reflect.apply(member, target, args);
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
