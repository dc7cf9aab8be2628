/** Rule 6, and "safe to repeat": what a caller is told when the store fails, and what is there afterwards. */
import type { BackendDetail, BackendRegistry } from '../../contract.ts';
import { RegistryError } from '../../index.ts';
import { equal, eventually, fail, ok, rejects, within } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import { DEADLINE_MS, elapse, fault, idOf, impatient, outlive, sample, shortLease, Watcher } from '../tools.ts';

export const faults = {
  async 'faults: a store that is down fails every call within the deadline, and is never empty'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await registry.register(sample());
    const before = await handle.listBackends();
    const up = await fault(fixture, 'down')();
    const fails = (method: string, call: () => Promise<unknown>) => {
      const failed = rejects(call(), ['UNAVAILABLE', 'TIMEOUT'], `${method} while the store is down`);
      // The deadline, and as much again and more for a slow machine.
      return within(3 * DEADLINE_MS, failed, `${method} while the store is down`);
    };
    await Promise.all(harmless(handle).map(([method, call]) => fails(method, call)));
    // And each alone, when it has been down for longer than any call waits.
    await fails('a list that comes later', () => handle.listBackends());
    await fails('a heartbeat that comes later', () => handle.heartbeat(sample()));
    await fails('another list', () => handle.listBackends());
    await up();
    await eventually(async () =>
      equal(await handle.listBackends(), before, 'the data are there when the store is back'),
    );
    for (const [method, call] of harmless(handle)) {
      ok((await call()) !== null, `${method} when the store is back`);
    }
  },

  async 'faults: many calls at once while the store is down all fail within the deadline'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const handle = await impatient(fixture, DEADLINE_MS);
    await handle.register(sample());
    const up = await fault(fixture, 'down')();
    const calls = Array.from({ length: 5 }, () => harmless(handle).map(([, call]) => call())).flat();
    const results = await within(5_000, Promise.allSettled(calls), `${calls.length} calls`);
    for (const result of results) {
      ok(result.status === 'rejected', 'no call may succeed');
      ok(RegistryError.is(result.reason), `it must be a RegistryError, not ${result.reason}`);
      ok(['UNAVAILABLE', 'TIMEOUT'].includes(result.reason.code), `the store is down, not ${result.reason.code}`);
    }
    await up();
    await eventually(() => handle.ping());
    equal((await handle.heartbeat(sample())).status, 'renewed', 'the handle works again');
  },

  async 'faults: a store that does not answer is a timeout of every call at its deadline'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const commandTimeoutMs = DEADLINE_MS;
    const handle = await impatient(fixture, commandTimeoutMs);
    await registry.register(sample());
    const before = await registry.listBackends();
    const thaw = await fault(fixture, 'freeze')();
    const begin = performance.now();
    const calls = harmless(handle).map(async ([method, call]) => {
      await rejects(call(), 'TIMEOUT', `${method} while the store does not answer`);
      const tookMs = performance.now() - begin;
      ok(tookMs >= commandTimeoutMs - 10, `${method} gave up after ${tookMs} ms, before its deadline`); // 10: of the timers
    });
    await within(3_000, Promise.all(calls), 'all of them');
    await thaw();
    await eventually(async () => equal(await handle.listBackends(), before, 'the data are there when it answers'));
    equal((await handle.heartbeat(sample())).status, 'renewed', 'the handle works again');
  },

  async 'faults: closing a handle settles its calls though the store does not answer'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const handle = await fixture.second({ commandTimeoutMs: 60_000 });
    await handle.register(sample());
    const thaw = await fault(fixture, 'freeze')();
    const calls = Promise.allSettled(harmless(handle).map(([, call]) => call()));
    await within(3_000, handle.close(), 'closing');
    for (const result of await within(3_000, calls, 'the calls under way')) {
      ok(result.status === 'rejected', 'no call was answered');
      const told = RegistryError.is(result.reason) && ['CLOSED', 'UNAVAILABLE'].includes(result.reason.code);
      ok(told, `the handle was closed, and it is told ${result.reason}`);
    }
    await thaw();
    await eventually(() => fixture.registry.ping());
  },

  async 'faults: a registration whose reply is lost can be repeated'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await using watcher = await Watcher.started(registry, { metrics: true });
    const one = sample(1, { weight: 2, health: false, inFlightRequests: 3 });
    await losing(fixture, handle, () => handle.register(one));
    const taken = await eventually(() => detailOf(registry));
    await elapse(fixture, 5); // so that a time which must not change would
    const { status, backend } = await handle.register(one);
    equal(status, 'renewed', 'it was registered already');
    equal(
      [backend.incarnation, backend.registeredAt, backend.version, backend.metricsUpdatedAt],
      [taken.incarnation, taken.registeredAt, taken.version, taken.metricsUpdatedAt],
      'it is the same life, and nothing has changed',
    );
    // A watcher that polls must have looked between the two.
    await watcher.until(() => watcher.state.has(idOf()), 'the registration');
    await losing(fixture, handle, () => handle.register({ ...one, weight: 4 }));
    await eventually(async () => equal((await detailOf(registry)).weight, 4, 'a changed registration'));
    equal((await handle.register({ ...one, weight: 4 })).status, 'renewed', 'it was changed already');
    await losing(fixture, handle, () => handle.registerAll([sample(2), sample(3)]));
    await eventually(async () => equal((await handle.registerAll([sample(2), sample(3)])).length, 2, 'both'));
    await told(watcher, registry, ['registered 1', 'updated 1', 'registered 2', 'registered 3']);
  },

  async 'faults: a registration that replaces another life can be repeated when its reply is lost'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await registry.register(sample(1, { incarnation: 'first' }));
    await using watcher = await Watcher.started(registry);
    await losing(fixture, handle, () => handle.register(sample(1, { incarnation: 'second' })));
    await eventually(async () => equal((await detailOf(registry)).incarnation, 'second', 'the other life'));
    equal((await handle.register(sample(1, { incarnation: 'second' }))).status, 'renewed', 'it is there already');
    await told(watcher, registry, ['removed 1', 'registered 1']);
  },

  async 'faults: a heartbeat whose reply is lost can be repeated'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await registry.registerAll([sample(1), sample(2)]);
    const before = await registry.listBackends();
    await using watcher = await Watcher.started(registry, { metrics: true });
    await elapse(fixture, 20); // so that a renewal shows
    const { lastHeartbeatAt } = await detailOf(registry);
    await losing(fixture, handle, () => handle.heartbeat(sample()));
    await eventually(async () =>
      ok((await detailOf(registry)).lastHeartbeatAt > lastHeartbeatAt, 'it must have arrived'),
    );
    equal(await handle.heartbeat(sample()), { status: 'renewed' }, 'once more');
    await losing(fixture, handle, () => handle.heartbeatAll([sample(1), sample(2)]));
    equal(
      (await handle.heartbeatAll([sample(1), sample(2)])).map(({ status }) => status),
      ['renewed', 'renewed'],
      'both once more',
    );
    equal(await registry.listBackends(), before, 'nothing else has changed');
    await told(watcher, registry, []);
  },

  async 'faults: a report whose reply is lost can be repeated'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await registry.register(sample());
    await using watcher = await Watcher.started(registry, { metrics: true });
    const writes: readonly (readonly [string, () => Promise<{ readonly status: string }>])[] = [
      ['health', () => handle.updateBackendHealth(sample(), false)],
      ['metrics', () => handle.updateBackendMetrics(sample(), { inFlightRequests: 3, rifAvgLatency: 0.5 })],
      ['a drain', () => handle.drain(sample())],
      ['the end of a drain', () => handle.drain(sample(), false)],
    ];
    for (const [at, [what, write]] of writes.entries()) {
      const { version } = await detailOf(registry);
      await losing(fixture, handle, write);
      const taken = await eventually(async () => {
        const detail = await detailOf(registry);
        ok(detail.version !== version, `${what} must have arrived`);
        return detail;
      });
      await watcher.until(() => watcher.of('updated').length === at + 1, what);
      await elapse(fixture, 5); // so that a time which must not change would
      equal(await write(), { status: 'unchanged' }, `${what} once more`);
      const { version: again, metricsUpdatedAt } = await detailOf(registry);
      equal([again, metricsUpdatedAt], [taken.version, taken.metricsUpdatedAt], `${what} has changed nothing more`);
    }
    const { health, inFlightRequests, rifAvgLatency, status } = await detailOf(registry);
    equal([health, inFlightRequests, rifAvgLatency, status], [false, 3, 0.5, 'unhealthy'], 'each was taken');
    await told(watcher, registry, Array(4).fill('updated 1'));
  },

  async 'faults: a removal whose reply is lost can be repeated'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const handle = await impatient(fixture, DEADLINE_MS);
    await registry.registerAll([sample(1), sample(2, { heartbeatTimeoutMs: shortLease(fixture) }), sample(3)]);
    await outlive(fixture);
    await using watcher = await Watcher.started(registry);
    await losing(fixture, handle, () => handle.unregister(sample(1)));
    await watcher.until(() => watcher.of('removed').length === 1, 'the removal');
    equal(await handle.unregister(sample(1)), { status: 'unknown' }, 'it has left already');
    await losing(fixture, handle, () => handle.cleanupExpiredBackends());
    await watcher.until(() => watcher.of('removed').length === 2, 'the removal of what has expired');
    equal((await handle.cleanupExpiredBackends()).removed, [], 'it has left already');
    equal(
      (await registry.listBackends()).map(({ id }) => id),
      [idOf(3)],
      'the others stay',
    );
    await told(watcher, registry, ['removed 1', 'removed 2']);
    equal(
      watcher.of('removed').map(({ reason }) => reason),
      ['unregistered', 'expired'],
      'each has its reason',
    );
  },

  async 'faults: a store that has forgotten its scripts goes on as before'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await registry.registerAll([sample(1), sample(2)]);
    await using watcher = await Watcher.started(other);
    const flush = fault(fixture, 'flushScripts');
    for (const [method, call] of harmless(registry)) {
      await flush();
      ok((await call()) !== null, `${method} after the scripts were forgotten`);
    }
    await flush();
    const answers = await Promise.all([
      registry.heartbeat(sample(1)),
      other.updateBackendHealth(sample(1), false),
      registry.drain(sample(2)),
      other.updateBackendMetrics(sample(1), { inFlightRequests: 2 }),
      registry.register(sample(3)),
      other.heartbeat(sample(2)),
    ]);
    equal(
      answers.map(({ status }) => status),
      ['renewed', 'updated', 'updated', 'updated', 'registered', 'renewed'],
      'many calls at once after the scripts were forgotten',
    );
    await watcher.settled(registry);
  },

  async 'faults: connections that are cut come back, and nothing is lost'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2, { health: false })]);
    const before = await registry.listBackends();
    const drop = fault(fixture, 'dropConnection');
    for (const [method] of harmless(registry)) {
      await drop();
      await eventually(async () => {
        const [, call] = harmless(registry).find(([name]) => name === method) ?? fail(`there is no ${method}`);
        ok((await call()) !== null, `${method} after the connections were cut`);
      });
    }
    equal(await registry.listBackends(), before, 'the data are there');
  },

  async 'faults: after a loss of data the registry is empty and takes registrations'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await registry.registerAll([sample(1, { incarnation: 'life', zone: 'a' }), sample(2)]);
    await other.listBackends(); // so that a copy which a handle keeps must be given up
    await fault(fixture, 'restartEmpty')();
    for (const handle of [registry, other]) {
      await eventually(async () => equal(await handle.listBackends(), [], 'nobody is there'));
      equal(await handle.getBackend(sample(1)), null, 'nobody is there to be asked for');
      equal(await handle.heartbeat(sample(1)), { status: 'unknown' }, 'a heartbeat of who was lost');
      equal(await handle.updateBackendHealth(sample(1), true), { status: 'unknown' }, 'health of who was lost');
      equal(await handle.unregister(sample(1)), { status: 'unknown' }, 'a removal of who was lost');
    }
    const { status, backend } = await registry.register(sample(1, { incarnation: 'life' }));
    equal([status, backend.zone], ['registered', null], 'it is registered anew');
    equal(await other.listBackends(), [backend], 'every handle sees it');
  },
};

export const faultsNeeds: Readonly<Partial<Record<keyof typeof faults, readonly ConformanceNeed[]>>> = {
  'faults: a store that is down fails every call within the deadline, and is never empty': ['faults.down'],
  'faults: many calls at once while the store is down all fail within the deadline': ['faults.down'],
  'faults: a store that does not answer is a timeout of every call at its deadline': ['faults.freeze'],
  'faults: closing a handle settles its calls though the store does not answer': ['faults.freeze'],
  'faults: a registration whose reply is lost can be repeated': ['faults.loseReply'],
  'faults: a registration that replaces another life can be repeated when its reply is lost': ['faults.loseReply'],
  'faults: a heartbeat whose reply is lost can be repeated': ['faults.loseReply'],
  'faults: a report whose reply is lost can be repeated': ['faults.loseReply'],
  'faults: a removal whose reply is lost can be repeated': ['faults.loseReply'],
  'faults: a store that has forgotten its scripts goes on as before': ['faults.flushScripts'],
  'faults: connections that are cut come back, and nothing is lost': ['faults.dropConnection'],
  'faults: after a loss of data the registry is empty and takes registrations': ['faults.restartEmpty'],
};

/** Every method that calls the store, so that one which arrives late changes nothing of the first backend but its lease. */
function harmless(registry: BackendRegistry): readonly (readonly [string, () => Promise<unknown>])[] {
  const nobody = sample(50);
  return [
    ['register', () => registry.register(sample())],
    ['registerAll', () => registry.registerAll([sample()])],
    ['heartbeat', () => registry.heartbeat(sample())],
    ['heartbeatAll', () => registry.heartbeatAll([sample()])],
    ['updateBackendHealth', () => registry.updateBackendHealth(sample(), true)],
    ['updateBackendMetrics', () => registry.updateBackendMetrics(sample(), { inFlightRequests: 0 })],
    ['drain', () => registry.drain(sample(), false)],
    ['unregister', () => registry.unregister(nobody)],
    ['getBackend', () => registry.getBackend(sample())],
    ['listBackends', () => registry.listBackends()],
    ['cleanupExpiredBackends', () => registry.cleanupExpiredBackends()],
    ['ping', () => registry.ping()],
  ];
}

async function detailOf(registry: BackendRegistry): Promise<BackendDetail> {
  return (await registry.getBackend(sample())) ?? fail(`${idOf()} must be registered`);
}

/** Makes a call that is applied and whose reply is lost: an adapter may send it again by itself, or reject. */
async function losing(
  fixture: ConformanceFixture,
  handle: BackendRegistry,
  call: () => Promise<unknown>,
): Promise<void> {
  await fault(fixture, 'loseReply')();
  try {
    await within(3_000, call(), 'a call whose reply is lost');
  } catch (error) {
    ok(RegistryError.is(error), `a lost reply is a RegistryError, not ${error}`);
    ok(['UNAVAILABLE', 'TIMEOUT'].includes(error.code), `a lost reply is UNAVAILABLE or TIMEOUT, not ${error.code}`);
  }
  await eventually(() => handle.ping());
}

/** A watcher must have been told exactly this, as `event number`, in this order. */
async function told(watcher: Watcher, registry: BackendRegistry, expected: readonly string[]): Promise<void> {
  await eventually(() => registry.register(sample(99)));
  await watcher.until(() => watcher.state.has(idOf(99)), 'the last backend');
  const numbers = new Map([1, 2, 3].map((n) => [idOf(n), n]));
  const events = watcher.of('registered', 'updated', 'removed').filter(({ backend }) => numbers.has(backend.id));
  equal(
    events.map(({ type, backend }) => `${type} ${numbers.get(backend.id)}`),
    expected,
    'each change is told once',
  );
}
