/** `createView`: a local copy that is always readable, never empty by mistake, and says how old it is. */
import type { Backend } from '../../contract.ts';
import { createView, RegistryError, type RegistryErrorCode, type View, type ViewChange } from '../../index.ts';
import { equal, eventually, fail, ok, pause, rejects, within } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import {
  DEADLINE_MS,
  documentOf,
  elapse,
  fault,
  idOf,
  impatient,
  outlive,
  putRaw,
  sample,
  shortLease,
  Watcher,
} from '../tools.ts';

export const views = {
  async 'view: it is empty at first, and once it is ready it is what the registry lists'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([
      sample(3, { weight: 2 }),
      sample(1),
      sample(2, { health: false }),
      sample(5, { heartbeatTimeoutMs: shortLease(fixture) }),
      sample(4),
    ]);
    await registry.drain(sample(4));
    await outlive(fixture);
    const before = Date.now();
    await using view = createView(registry);
    equal(
      [view.state, view.stale, view.backends, view.routable, view.asOf, view.version],
      ['starting', false, [], [], null, null],
      'nothing has been seen yet',
    );
    await within(5_000, view.ready, 'the first look');
    const listed = await registry.listBackends();
    equal([view.state, view.stale], ['fresh', false], 'the store has answered');
    equal(view.backends, listed, 'everything registered, sorted by id');
    equal(ids(view.routable), [idOf(1), idOf(3)], 'the healthy ones among them, in the same order');
    ok(view.asOf !== null && view.asOf >= before && view.asOf <= Date.now(), `it was seen now, not at ${view.asOf}`);
    ok(/^\d+$/.test(view.version ?? ''), `a version is decimal digits, not ${view.version}`);
  },

  async 'view: its arrays are frozen, and the same until something changes'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2)]);
    await using view = await seen(fixture);
    const { backends, routable } = view;
    for (const array of [backends, routable])
      ok(Array.isArray(array) && Object.isFrozen(array), 'a plain frozen array');
    await registry.heartbeat(sample(1));
    await registry.updateBackendHealth(sample(1), true);
    ok(view.backends === backends && view.routable === routable, 'the same arrays while nothing has changed');
    const copy = JSON.stringify(backends);
    await registry.updateBackendHealth(sample(1), false);
    await eventually(() => equal(ids(view.routable), [idOf(2)], 'the change must be seen'));
    ok(view.backends !== backends && view.routable !== routable, 'other arrays after a change');
    equal(JSON.stringify(backends), copy, 'what was read before stays as it was');
    const { backends: again } = view;
    ok(view.backends === again, 'the same array when it is read again');
    ok(view.backends[1] === backends[1], 'who has not changed is the same object');
  },

  async 'view: routable follows health, drain, expiry and removal'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2)]);
    await using view = await seen(fixture);
    const steps: readonly (readonly [string, () => Promise<unknown>, boolean])[] = [
      ['bad health', () => registry.updateBackendHealth(sample(1), false), false],
      ['good health', () => registry.updateBackendHealth(sample(1), true), true],
      ['a drain', () => registry.drain(sample(1)), false],
      ['the end of a drain', () => registry.drain(sample(1), false), true],
      [
        'the end of its lease',
        async () => {
          await registry.heartbeat(sample(1, { heartbeatTimeoutMs: shortLease(fixture) }));
          await outlive(fixture);
        },
        false,
      ],
      ['a late heartbeat', () => registry.heartbeat(sample(1)), true],
    ];
    for (const [what, happen, routable] of steps) {
      await happen();
      await eventually(() => equal(ids(view.routable), routable ? [idOf(1), idOf(2)] : [idOf(2)], `after ${what}`));
      equal(view.backends, await registry.listBackends(), `everything is still there after ${what}`);
    }
    await registry.unregister(sample(1));
    await eventually(() => equal(ids(view.backends), [idOf(2)], 'after a removal'));
    equal(ids(view.routable), [idOf(2)], 'who left is not routable');
  },

  async 'view: follows metrics too'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample());
    await using view = await seen(fixture);
    await registry.updateBackendMetrics(sample(), { inFlightRequests: 3, rifAvgLatency: 1.5, overallAvgLatency: 2.5 });
    const listed = await registry.listBackends();
    await eventually(() => equal(view.backends, listed, 'the metrics must be seen'));
    equal(view.routable[0]?.inFlightRequests, 3, 'where requests are routed by');
  },

  async 'view: tells its listeners what was added, updated and removed'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1));
    await using view = createView(registry, { pollIntervalMs: 20 });
    const { changes } = listen(view);
    await within(5_000, view.ready, 'the first look');
    await registry.register(sample(2));
    await eventually(() => equal(changes.length, 2, 'a registration'));
    await registry.updateBackendHealth(sample(2), false);
    await eventually(() => equal(changes.length, 3, 'an update'));
    await registry.unregister(sample(2));
    await eventually(() => equal(changes.length, 4, 'a removal'));
    equal(
      changes.map(({ change }) => [change.previousState, change.state, ...summary(change)]),
      [
        ['starting', 'fresh', [idOf(1)], [], []],
        ['fresh', 'fresh', [idOf(2)], [], []],
        ['fresh', 'fresh', [], [idOf(2)], []],
        ['fresh', 'fresh', [], [], [idOf(2)]],
      ],
      'each change is told once',
    );
    equal(
      changes.map(({ backends }) => backends),
      [[idOf(1)], [idOf(1), idOf(2)], [idOf(1), idOf(2)], [idOf(1)]],
      'a listener that reads the view sees the change already',
    );
    equal(changes[2]?.change.updated[0]?.health, false, 'what was updated is told as it is now');
  },

  async 'view: who has unsubscribed is told nothing more'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using view = await seen(fixture);
    const gone = listen(view);
    const stays = listen(view);
    await registry.register(sample(1));
    await eventually(() => equal([gone.changes.length, stays.changes.length], [1, 1], 'both are told'));
    gone.unsubscribe();
    await registry.register(sample(2));
    await eventually(() => equal(stays.changes.length, 2, 'who stays is told'));
    equal(gone.changes.length, 1, 'who left is not');
  },

  async 'view: a listener that throws is reported, and the others are told'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const errors: RegistryError[] = [];
    await using view = createView(registry, { pollIntervalMs: 20, onError: (error) => errors.push(error) });
    await within(5_000, view.ready, 'the first look');
    view.subscribe(() => {
      throw new Error('a fault of the listener');
    });
    const { changes } = listen(view);
    await registry.register(sample(1));
    await eventually(() => equal(changes.length, 1, 'the other listener is told'));
    await registry.register(sample(2));
    await eventually(() => equal(changes.length, 2, 'the view goes on'));
    equal(errors.length, 2, 'each failure is told');
    for (const error of errors) {
      ok(RegistryError.is(error), 'as a RegistryError');
      ok(error.message.includes('a fault of the listener'), `with what was thrown: ${error.message}`);
    }
    equal(view.state, 'fresh', 'the store is not to blame');
  },

  async 'view: its version and its time move forward with each change'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using view = await seen(fixture);
    for (let n = 1; n <= 3; n += 1) {
      const { version, asOf } = view;
      await registry.register(sample(n));
      await eventually(() => ok(view.backends.length === n, 'the change must be seen'));
      ok(BigInt(view.version ?? 0) > BigInt(version ?? 0), `a newer version: ${view.version} after ${version}`);
      ok((view.asOf ?? 0) >= (asOf ?? 0), `no older time: ${view.asOf} after ${asOf}`);
    }
  },

  async 'view: another life at the same address takes its place'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'first' }));
    await using view = await seen(fixture);
    await registry.register(sample(1, { incarnation: 'second' }));
    await eventually(() => equal(view.backends[0]?.incarnation, 'second', 'the new life must be seen'));
    equal(view.backends, await registry.listBackends(), 'the old one has left');
  },

  async 'view: closing it keeps what was seen readable, and stops following'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1));
    const view = await seen(fixture);
    await using other = await seen(fixture);
    const { changes } = listen(view);
    const { backends, version } = view;
    await within(2_000, view.close(), 'closing');
    equal([view.state, view.stale], ['stale', true], 'nobody keeps it fresh any more');
    equal(
      changes.map(({ change }) => [change.previousState, change.state]),
      [['fresh', 'stale']],
      'its listeners are told',
    );
    await registry.register(sample(2));
    await eventually(() => equal(other.backends.length, 2, 'a view that is open sees the change'));
    equal([view.backends, view.version], [backends, version], 'one that was closed does not');
    equal(ids(view.routable), [idOf(1)], 'what is routable stays readable');
    await within(2_000, view.close(), 'closing twice');
    equal(changes.length, 1, 'its listeners are told nothing more');
    await view.ready; // it has been, and that stands
  },

  async 'view: one that is closed before it has seen the registry says so'(fixture: ConformanceFixture): Promise<void> {
    await fixture.registry.register(sample());
    const view = createView(fixture.registry);
    const closing = view.close();
    await rejects(within(5_000, view.ready, 'ready'), 'CLOSED', 'nothing was seen');
    await within(5_000, closing, 'closing');
    equal([view.state, view.backends], ['starting', []], 'nothing was seen, and nothing will be');
  },

  async 'view: closing its registry makes it stale, and what was seen stays readable'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const handle = await fixture.second();
    await handle.register(sample());
    const errors: RegistryError[] = [];
    await using view = createView(handle, { onError: (error) => errors.push(error) });
    await within(5_000, view.ready, 'the first look');
    await handle.close();
    await eventually(() => equal(view.state, 'stale', 'nobody keeps it fresh any more'));
    equal(ids(view.routable), [idOf()], 'what was seen last stands');
    equal(
      errors.map(({ code }) => code),
      ['CLOSED'],
      'it is told why',
    );
    await using late = createView(handle);
    await rejects(within(5_000, late.ready, 'ready'), 'CLOSED', 'a view of a closed registry');
  },

  async 'view: options out of range are refused'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    for (const options of [{ pollIntervalMs: 0 }, { pollIntervalMs: Number.NaN }, { holdMs: -1 }, { holdMs: 0 }]) {
      throwsCode(() => createView(registry, options), 'CONFIGURATION', JSON.stringify(options));
    }
  },

  async 'view: one that does not follow looks when it is asked to, and not before'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1));
    await using view = createView(registry, { follow: false });
    await pause(50);
    equal([view.state, view.backends], ['starting', []], 'it was not asked');
    await view.refresh();
    await within(2_000, view.ready, 'the first look');
    equal([view.state, view.backends], ['fresh', await registry.listBackends()], 'it has looked');
    const { asOf } = view;
    await registry.register(sample(2));
    await view.refresh({ maxAgeMs: 60_000 });
    equal([ids(view.backends), view.asOf], [[idOf(1)], asOf], 'what it knows is young enough');
    await Promise.all(Array.from({ length: 5 }, () => view.refresh()));
    equal(ids(view.backends), [idOf(1), idOf(2)], 'it has looked again');
    await registry.unregister(sample(1));
    await view.refresh({ maxAgeMs: 0 });
    equal(ids(view.backends), [idOf(2)], 'who has left is not there any more');
    for (const maxAgeMs of [-1, Number.NaN, '5' as never]) {
      const { message } = await rejects(view.refresh({ maxAgeMs }), 'CONFIGURATION', `maxAgeMs ${maxAgeMs}`);
      ok(message.includes('0 or more'), `what it may be: ${message}`);
    }
    await view.refresh(null as never);
    await view.close();
    await rejects(view.refresh(), 'CLOSED', 'a view that was closed');
  },

  async 'view: one that follows can be asked to look too'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await using view = createView(registry, { pollIntervalMs: 60_000 });
    await within(5_000, view.ready, 'the first look');
    await registry.register(sample(1));
    await registry.updateBackendMetrics(sample(1), { inFlightRequests: 3 });
    await view.refresh();
    equal(view.backends, await registry.listBackends(), 'what was not told yet is there');
  },

  async 'view: a snapshot begins another view, which is stale until it has looked'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const written = sample(1, { zone: 'a', weight: 2, inFlightRequests: 3, metadata: { k: 'v' } });
    const short = shortLease(fixture);
    await registry.registerAll([
      written,
      sample(2),
      sample(3, { health: false }),
      sample(4, { heartbeatTimeoutMs: short }),
    ]);
    await registry.drain(sample(2));
    await outlive(fixture);
    await using first = createView(registry, { follow: false });
    const nothing = first.snapshot();
    await first.refresh();
    const snapshot = first.snapshot();
    equal(JSON.parse(snapshot).asOf, first.asOf, 'a JSON text with its time');
    await registry.unregister(sample(3));
    const failures: RegistryError[] = [];
    const onError = (error: RegistryError) => failures.push(error);
    await using later = createView(await fixture.second(), { follow: false, snapshot, onError });
    await within(2_000, later.ready, 'it has something to show');
    const { state, stale, asOf, version, backends } = later;
    equal([state, stale, asOf, version], ['stale', true, first.asOf, first.version], 'it is as old as the snapshot');
    equal(backends, first.backends, 'what the first one showed');
    ok(Object.isFrozen(backends) && backends.every((each) => Object.isFrozen(each)), 'frozen as ever');
    equal(ids(later.routable), [idOf(1)], 'routable is what it was');
    await later.refresh({ maxAgeMs: 60_000 });
    equal(ids(later.backends).length, 4, 'a snapshot that is young enough spares the look');
    await later.refresh();
    equal([later.state, later.backends], ['fresh', await registry.listBackends()], 'it has looked');
    await using following = createView(registry, { snapshot, onError });
    equal(ids(following.backends).length, 4, 'a view that follows begins with it too');
    await eventually(() => equal([following.state, ids(following.backends).length], ['fresh', 3], 'it follows'));
    await using empty = createView(registry, { follow: false, snapshot: nothing, onError });
    equal([empty.state, empty.backends, failures], ['starting', [], []], 'of a view that had seen nothing');
    const old = JSON.stringify({ ...JSON.parse(snapshot), asOf: 1, epoch: 'another' });
    await using late = createView(registry, { follow: false, snapshot: old, onError });
    equal(ids(late.backends).length, 4, 'an old one is still something to begin with');
    await late.refresh();
    equal([late.state, late.backends], ['fresh', await registry.listBackends()], 'its leases have ended: none is held');
    const ahead = JSON.stringify({ ...JSON.parse(old), asOf: Date.now() + 3_600_000 });
    await using wrong = createView(registry, { follow: false, snapshot: ahead, onError });
    ok((wrong.asOf ?? 0) < Date.now() - 3_000_000, 'of a clock that is ahead, it is as old as the clocks differ');
    await wrong.refresh({ maxAgeMs: 60_000 });
    equal([wrong.state, wrong.backends], ['fresh', await registry.listBackends()], 'and spares no look');
  },

  async 'view: a snapshot is read whatever the order of metadata in a document of another program'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(1, { metadata: { a: '1', b: '2' } }));
    await putRaw(
      fixture,
      idOf(),
      documentOf(backend, { version: Number(backend.version) + 1, metadata: { b: '2', a: '1' } }),
    );
    await using first = createView(await fixture.second(), { follow: false });
    await first.refresh();
    equal(first.backends[0]?.metadata, { a: '1', b: '2' }, 'it is read');
    const failures: RegistryError[] = [];
    const given = { snapshot: first.snapshot(), onError: (error: RegistryError) => failures.push(error) };
    await using later = createView(registry, { follow: false, ...given });
    equal([later.backends, failures], [first.backends, []], 'what the first one showed');
    ok(Object.isFrozen(later.backends[0]?.metadata), 'frozen as ever');
  },

  async 'view: one that begins with a snapshot tells what has changed since, and nothing else'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([1, 2, 3].map((n) => sample(n)));
    await using first = createView(registry, { follow: false });
    await first.refresh();
    await registry.updateBackendMetrics(sample(2), { inFlightRequests: 3 });
    await registry.unregister(sample(3));
    await registry.register(sample(4));
    await using view = createView(await fixture.second(), { follow: false, snapshot: first.snapshot() });
    const { changes } = listen(view);
    await view.refresh();
    const told = (part: 'added' | 'updated' | 'removed') => changes.flatMap(({ change }) => ids(change[part]));
    equal([told('added'), told('updated'), told('removed')], [[idOf(4)], [idOf(2)], [idOf(3)]], 'what has changed');
  },

  async 'view: what is no snapshot is told, and the view begins empty'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { inFlightRequests: 3 }));
    await using first = createView(registry, { follow: false });
    await first.refresh();
    const snapshot = first.snapshot();
    const broken = [
      '',
      'null',
      '[]',
      '{}',
      snapshot.slice(0, -2),
      ...['asOf', 'epoch', 'version', 'backends', 'url', 'port', 'status', 'incarnation', 'registeredAt', 'health'].map(
        (field) => snapshot.replace(`"${field}":`, '"other":'),
      ),
      snapshot.replace('"weight":1', '"weight":-1'),
      snapshot.replace('"port":8001', '"port":"8001"'),
      snapshot.replace('"status":"healthy"', '"status":"fine"'),
      snapshot.replace('"inFlightRequests":3', '"inFlightRequests":"3"'),
    ];
    for (const text of broken) {
      const failures: RegistryError[] = [];
      await using view = createView(registry, {
        follow: false,
        snapshot: text,
        onError: (error) => failures.push(error),
      });
      equal(
        [failures.map(({ code }) => code), view.state, view.backends],
        [['CORRUPT_REPLY'], 'starting', []],
        `the snapshot ${text}`,
      );
      await view.refresh();
      equal(view.backends, first.backends, 'it works all the same');
    }
  },

  async 'view: one that does not follow stays readable while the store is down, and says so'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const handle = await impatient(fixture, DEADLINE_MS);
    await handle.register(sample(1));
    const failures: RegistryError[] = [];
    await using view = createView(handle, { follow: false, onError: (error) => failures.push(error) });
    await view.refresh();
    const up = await fault(fixture, 'down')();
    const { backends, asOf } = view;
    await view.refresh();
    equal([view.state, view.backends, view.asOf], ['stale', backends, asOf], 'what was seen last stands');
    equal(failures.length, 1, 'the failure is told');
    await using nothing = createView(handle, { follow: false });
    await rejects(nothing.refresh(), ['UNAVAILABLE', 'TIMEOUT'], 'nothing was ever seen');
    await up();
    await eventually(async () => {
      await view.refresh();
      equal(view.state, 'fresh', 'the store is back');
    });
  },

  async 'view: a store that does not answer is not asked by every refresh that takes what is young enough'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const handle = await impatient(fixture, DEADLINE_MS);
    await handle.register(sample(1));
    const failures: RegistryError[] = [];
    const options = { follow: false, pollIntervalMs: 400 };
    await using view = createView(handle, { ...options, onError: (error) => failures.push(error) });
    await using nothing = createView(handle, options);
    await view.refresh();
    const up = await fault(fixture, 'down')();
    const inVain = () => rejects(nothing.refresh({ maxAgeMs: 1 }), ['UNAVAILABLE', 'TIMEOUT'], 'nothing was ever seen');
    const notSeen = async () => {
      const first = await inVain();
      ok(first === (await inVain()), 'the same failure, without another look');
    };
    const notAgain = async () => {
      failures.length = 0;
      await view.refresh({ maxAgeMs: 1 });
      await view.refresh({ maxAgeMs: 1 });
      equal([view.state, failures.length], ['stale', 1], 'one look for both');
    };
    // The first pause is short, and a busy process can be late for it; a look can take its whole deadline.
    await Promise.all([eventually(notSeen, 12_000), eventually(notAgain, 12_000)]);
    await up();
    for (const each of [view, nothing]) {
      await eventually(async () => {
        await each.refresh({ maxAgeMs: 1 }).catch(() => undefined);
        equal([each.state, ids(each.backends)], ['fresh', [idOf(1)]], 'the store is back');
      });
    }
  },

  async 'view: one that does not follow holds the old set when the store has lost its data, for a time'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2)]);
    const holdMs = 300;
    await using view = createView(registry, { follow: false, holdMs });
    await view.refresh();
    await fault(fixture, 'restartEmpty')();
    await eventually(async () => {
      await view.refresh();
      equal([view.state, ids(view.backends)], ['held', [idOf(1), idOf(2)]], 'the old set');
    });
    await registry.register(sample(1));
    await view.refresh();
    await pause(holdMs + 100);
    await view.refresh();
    equal([view.state, ids(view.backends)], ['fresh', [idOf(1)]], 'who has not come back is not held any longer');
  },

  async 'view: a store that is down leaves the last set readable and stale, until it is back with what was missed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await fixture.second({ commandTimeoutMs: DEADLINE_MS });
    const leaseMs = Math.min(8 * shortLease(fixture), 40_000); // in real time, what goes down does so before this is over
    await registry.registerAll([sample(1), sample(2)]);
    const errors: RegistryError[] = [];
    await using view = createView(handle, { pollIntervalMs: 20, onError: (error) => errors.push(error) });
    await within(5_000, view.ready, 'the first look');
    const { changes } = listen(view);
    const { backends, routable } = view;
    await registry.heartbeat(sample(1, { heartbeatTimeoutMs: leaseMs }));
    const up = await fault(fixture, 'down')();
    await eventually(() => equal([view.state, view.stale], ['stale', true], 'the store is down'));
    ok(view.backends === backends && view.routable === routable, 'what was seen last stands');
    equal(errors.length, 1, 'the failure is told once');
    ok(RegistryError.is(errors[0]) && ['UNAVAILABLE', 'TIMEOUT'].includes(errors[0].code), `it is told ${errors[0]}`);
    await elapse(fixture, leaseMs);
    await up();
    await eventually(() => equal(view.state, 'fresh', 'the store is back'));
    await eventually(() => equal(ids(view.routable), [idOf(2)], 'one has expired meanwhile'));
    equal(view.backends, await registry.listBackends(), 'nothing was missed');
    equal(
      changes.flatMap(({ change }) => (change.state === change.previousState ? [] : [change.state])),
      ['stale', 'fresh'],
      'its listeners are told of both',
    );
    equal(errors.length, 1, 'nothing more is wrong');
  },

  async 'view: one that starts while the store is down is ready when it is back'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const handle = await fixture.second({ commandTimeoutMs: DEADLINE_MS });
    await registry.register(sample());
    const up = await fault(fixture, 'down')();
    const errors: RegistryError[] = [];
    await using view = createView(handle, { pollIntervalMs: 20, onError: (error) => errors.push(error) });
    let ready = false;
    view.ready.then(
      () => {
        ready = true;
      },
      () => undefined,
    );
    await eventually(() => equal(errors.length, 1, 'the failure must be told'));
    await pause(200); // a view that polls every 20 ms has looked several times meanwhile
    equal([ready, view.state, view.backends], [false, 'starting', []], 'nothing has been seen yet');
    equal(errors.length, 1, 'the failure is told once');
    await up();
    await within(10_000, view.ready, 'the first look');
    equal([view.state, ids(view.backends)], ['fresh', [idOf()]], 'it is what the registry lists');
  },

  async 'view: a store that lost its data leaves the old set held, with those that come back, for a time'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2, { incarnation: 'first' }), sample(3)]);
    // Long enough for a backend to come back in time on a slow machine.
    const holdMs = 2_500;
    await using view = createView(registry, { pollIntervalMs: 20, holdMs });
    await within(5_000, view.ready, 'the first look');
    const before = view.backends;
    const { changes } = listen(view);
    await fault(fixture, 'restartEmpty')();
    await eventually(() => equal(view.state, 'held', 'the data are lost'));
    equal(view.backends, before, 'what was seen before stands');
    equal(ids(view.routable), [idOf(1), idOf(2), idOf(3)], 'requests are routed as before');
    const again = await eventually(() => registry.register(sample(2, { incarnation: 'second' })));
    await eventually(() => equal(view.backends[1], again.backend, 'who comes back is seen as it is now'));
    equal([view.state, ids(view.backends)], ['held', [idOf(1), idOf(2), idOf(3)]], 'the others are still held');
    await eventually(
      () => equal(ids(view.backends), [idOf(2)], 'who has not come back is dropped after a time'),
      2 * holdMs,
    );
    equal([view.state, view.backends], ['fresh', await registry.listBackends()], 'it is what the registry lists');
    const held = changes.filter(({ change }) => change.state === 'held');
    equal(held[0]?.backends, [idOf(1), idOf(2), idOf(3)], 'it was never empty');
    equal(
      changes.flatMap(({ change }) => ids(change.removed)),
      [idOf(1), idOf(3)],
      'who was dropped is told, once',
    );
    equal(changes.at(-1)?.change.state, 'fresh', 'the last change ends the hold');
  },

  async 'view: when all have come back after a loss of data, the hold is over and nobody is dropped'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const both = [sample(1, { incarnation: 'one' }), sample(2, { incarnation: 'two' })];
    await registry.registerAll(both);
    await using view = createView(registry, { pollIntervalMs: 20, holdMs: 60_000 });
    await within(5_000, view.ready, 'the first look');
    const { changes } = listen(view);
    await fault(fixture, 'restartEmpty')();
    await eventually(() => equal(view.state, 'held', 'the data are lost'));
    await eventually(() => registry.registerAll(both));
    await eventually(() => equal(view.state, 'fresh', 'everybody is back'));
    equal(view.backends, await registry.listBackends(), 'it is what the registry lists');
    equal(
      changes.flatMap(({ change }) => ids([...change.added, ...change.removed])),
      [],
      'nobody has left or come',
    );
    await using watcher = await Watcher.started(registry);
    equal(watcher.state.size, 2, 'a watcher that begins now sees the same');
  },

  async 'view: one that began with an empty registry holds what the store has lost, also a second time'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await using view = createView(registry, { pollIntervalMs: 20, holdMs: 60_000 });
    await within(5_000, view.ready, 'the first look');
    const { changes } = listen(view);
    const three = [1, 2, 3].map((n) => sample(n, { incarnation: `life-${n}` }));
    for (const round of ['the first loss', 'the second loss']) {
      await eventually(() => registry.registerAll(three));
      await eventually(() => equal([view.state, view.backends.length], ['fresh', 3], `all are there before ${round}`));
      await fault(fixture, 'restartEmpty')();
      await eventually(() =>
        equal([view.state, ids(view.routable).length], ['held', 3], `all are held after ${round}`),
      );
    }
    equal(
      changes.flatMap(({ change }) => ids(change.removed)),
      [],
      'nobody has left',
    );
  },

  async 'view: who leaves while the others are held leaves the view at once'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2)]);
    await using view = createView(registry, { pollIntervalMs: 20, holdMs: 60_000 });
    await within(5_000, view.ready, 'the first look');
    await fault(fixture, 'restartEmpty')();
    await eventually(() => equal(view.state, 'held', 'the data are lost'));
    const { backend } = await eventually(() => registry.register(sample(1, { weight: 2 })));
    await eventually(() => equal(view.backends[0], backend, 'it is back'));
    await registry.unregister(sample(1));
    await eventually(() => equal(ids(view.backends), [idOf(2)], 'it has left'));
    equal(view.state, 'held', 'the other one is still held');
  },
};

export const viewNeeds: Readonly<Partial<Record<keyof typeof views, readonly ConformanceNeed[]>>> = {
  'view: a store that is down leaves the last set readable and stale, until it is back with what was missed': [
    'faults.down',
  ],
  'view: one that starts while the store is down is ready when it is back': ['faults.down'],
  'view: one that does not follow stays readable while the store is down, and says so': ['faults.down'],
  'view: a store that does not answer is not asked by every refresh that takes what is young enough': ['faults.down'],
  'view: one that does not follow holds the old set when the store has lost its data, for a time': [
    'faults.restartEmpty',
  ],
  'view: a store that lost its data leaves the old set held, with those that come back, for a time': [
    'faults.restartEmpty',
  ],
  'view: when all have come back after a loss of data, the hold is over and nobody is dropped': ['faults.restartEmpty'],
  'view: who leaves while the others are held leaves the view at once': ['faults.restartEmpty'],
  'view: one that began with an empty registry holds what the store has lost, also a second time': [
    'faults.restartEmpty',
  ],
  'view: a snapshot is read whatever the order of metadata in a document of another program': ['putRaw'],
};

function ids(backends: readonly Backend[]): string[] {
  return backends.map(({ id }) => id);
}

/** A view that has seen the registry, and looks often. */
async function seen({ registry }: ConformanceFixture): Promise<View> {
  const view = createView(registry, { pollIntervalMs: 20 });
  await within(5_000, view.ready, 'the first look');
  return view;
}

interface Told {
  readonly change: ViewChange;
  /** Ids in the view when it was told. */
  readonly backends: readonly string[];
}

function listen(view: View): { readonly changes: readonly Told[]; unsubscribe(): void } {
  const changes: Told[] = [];
  const unsubscribe = view.subscribe((change) => changes.push({ change, backends: ids(view.backends) }));
  return { changes, unsubscribe };
}

function summary({ added, updated, removed }: ViewChange): string[][] {
  return [ids(added), ids(updated), ids(removed)];
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
