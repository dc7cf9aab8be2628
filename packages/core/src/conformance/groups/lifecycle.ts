/** Every method while its handle is open, while it closes, and after it has closed; and what closing does to anything else. */

import type { BackendRegistry, RegistryEvent } from '../../contract.ts';
import { RegistryError } from '../../index.ts';
import { equal, eventually, fail, ok, rejects, within } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { idOf, sample, Watcher } from '../tools.ts';

/** A call in flight has its deadline, 2,000 ms unless told otherwise; the rest is for a slow machine. */
const SETTLES_WITHIN_MS = 10_000;

/** Not an address, and no argument of any method. */
const NONSENSE = { url: 'nonsense', port: -1 };

export const lifecycle = {
  async 'lifecycle: register works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: async (registry) => (await registry.register(sample(2))).status,
      answers: ['registered', 'renewed'],
      invalid: (registry) => registry.register(NONSENSE),
    });
  },

  async 'lifecycle: registerAll works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: async (registry) => (await registry.registerAll([sample(2)])).map(({ status }) => status),
      answers: [['registered'], ['renewed']],
      invalid: (registry) => registry.registerAll([NONSENSE]),
    });
  },

  async 'lifecycle: heartbeat works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: (registry) => registry.heartbeat(sample()),
      answers: [{ status: 'renewed' }],
      invalid: (registry) => registry.heartbeat(NONSENSE),
    });
  },

  async 'lifecycle: heartbeatAll works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: (registry) => registry.heartbeatAll([sample()]),
      answers: [[{ status: 'renewed' }]],
      invalid: (registry) => registry.heartbeatAll([NONSENSE]),
    });
  },

  async 'lifecycle: updateBackendHealth works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: (registry) => registry.updateBackendHealth(sample(), false),
      answers: [{ status: 'updated' }, { status: 'unchanged' }],
      invalid: (registry) => registry.updateBackendHealth(NONSENSE, 'no' as never),
    });
  },

  async 'lifecycle: updateBackendMetrics works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: (registry) => registry.updateBackendMetrics(sample(), { inFlightRequests: 3 }),
      answers: [{ status: 'updated' }, { status: 'unchanged' }],
      invalid: (registry) => registry.updateBackendMetrics(NONSENSE, {}),
    });
  },

  async 'lifecycle: drain works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: (registry) => registry.drain(sample()),
      answers: [{ status: 'updated' }, { status: 'unchanged' }],
      invalid: (registry) => registry.drain(NONSENSE, 'no' as never),
    });
  },

  async 'lifecycle: unregister works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: (registry) => registry.unregister(sample()),
      answers: [{ status: 'unregistered' }, { status: 'unknown' }],
      invalid: (registry) => registry.unregister(NONSENSE),
    });
  },

  async 'lifecycle: getBackend works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: async (registry) => (await registry.getBackend(sample()))?.id,
      answers: [idOf()],
      invalid: (registry) => registry.getBackend(NONSENSE),
    });
  },

  async 'lifecycle: listBackends works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: async (registry) => (await registry.listBackends()).map(({ id }) => id),
      answers: [[idOf()]],
      invalid: (registry) => registry.listBackends({ status: 'nonsense' as never }),
    });
  },

  async 'lifecycle: cleanupExpiredBackends works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: async (registry) => {
        const { removed, corrupt } = await registry.cleanupExpiredBackends();
        return { removed, corrupt };
      },
      answers: [{ removed: [], corrupt: [] }],
      invalid: (registry) => registry.cleanupExpiredBackends({ limit: -1 }),
    });
  },

  async 'lifecycle: ping works while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await inEveryState(fixture, {
      call: async (registry) => ({ answer: await registry.ping() }),
      answers: [{ answer: undefined }],
      invalid: (registry) => registry.ping(),
    });
  },

  async 'lifecycle: the first event of a watch comes while open, settles while closing, and rejects with CLOSED after'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await fixture.registry.register(sample());
    const registry = await fixture.second();

    const open = registry.watch()[Symbol.asyncIterator]();
    const first = await within(SETTLES_WITHIN_MS, open.next(), 'the first event of a watch');
    equal(summary(first), { type: 'snapshot', cause: 'initial', ids: [idOf()] }, 'a watch on an open registry');
    await within(SETTLES_WITHIN_MS, open.return?.() ?? fail('a watch must have return()'), 'leaving a watch');

    const iterator = registry.watch()[Symbol.asyncIterator]();
    const pending = outcome(iterator.next());
    const closing = registry.close();
    const settled = await within(SETTLES_WITHIN_MS, pending, 'the first event of a watch that is being closed');
    await within(SETTLES_WITHIN_MS, closing, 'close() while a watch begins');
    if ('error' in settled) ok(RegistryError.is(settled.error, 'CLOSED'), `a closing watch rejected: ${settled.error}`);
    else if (!settled.value.done) equal(summary(settled.value), summary(first), 'the last event of a closing watch');

    const after = registry.watch()[Symbol.asyncIterator]();
    await rejects(within(SETTLES_WITHIN_MS, after.next(), 'watch() after close()'), 'CLOSED', 'watch() after close()');
    const wrong = registry.watch({ pollIntervalMs: -1 })[Symbol.asyncIterator]();
    await rejects(
      within(SETTLES_WITHIN_MS, wrong.next(), 'watch() with a wrong option after close()'),
      'CLOSED',
      'watch() with a wrong option after close()',
    );
  },

  async 'lifecycle: a watch ends without an error when its registry is closed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const registry = await fixture.second();
    // Their polls are an hour away, so that closing has to end the waiting.
    const watchers = [
      await Watcher.started(registry, { pollIntervalMs: 3_600_000 }),
      await Watcher.started(registry, { pollIntervalMs: 3_600_000 }),
    ];
    const elsewhere = await Watcher.started(fixture.registry);
    await within(SETTLES_WITHIN_MS, registry.close(), 'close() while two watches wait');
    for (const watcher of watchers) {
      await eventually(() => ok(watcher.ended, 'a watch must end when its registry is closed'));
      equal(watcher.error, undefined, 'a watch must end without an error');
      equal(
        watcher.events.map(({ type }) => type),
        ['snapshot'],
        'closing is no event',
      );
    }
    await fixture.registry.register(sample());
    await elsewhere.until((events) => events.length > 1, 'the registration, as its registry is open');
    await elsewhere[Symbol.asyncDispose]();
  },

  async 'lifecycle: closing again, one after the other or at the same time, is fine'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const registry = await fixture.second();
    await registry.listBackends();
    const all = Promise.all([registry.close(), registry.close(), dispose(registry)]);
    equal(
      await within(SETTLES_WITHIN_MS, all, 'closing three times at once'),
      [undefined, undefined, undefined],
      'closing at the same time resolves to nothing',
    );
    equal(await within(SETTLES_WITHIN_MS, registry.close(), 'closing once more'), undefined, 'closing once more');
    await rejects(registry.listBackends(), 'CLOSED', 'a handle stays closed');
  },

  async 'lifecycle: a handle that was never used can be closed'(fixture: ConformanceFixture): Promise<void> {
    const registry = await fixture.second();
    await within(SETTLES_WITHIN_MS, registry.close(), 'closing at once');
    await rejects(registry.ping(), 'CLOSED', 'it is closed');
  },

  async 'lifecycle: Symbol.asyncDispose closes'(fixture: ConformanceFixture): Promise<void> {
    const registry = await fixture.second();
    await registry.ping();
    equal(await within(SETTLES_WITHIN_MS, dispose(registry), 'disposing'), undefined, 'disposing');
    await rejects(registry.ping(), 'CLOSED', 'a disposed handle is closed');
    await rejects(registry.register(sample()), 'CLOSED', 'a disposed handle is closed');
    equal(await fixture.registry.listBackends(), [], 'what a closed handle refuses does not happen');
  },

  async 'lifecycle: closing one handle leaves the others and the backends alone'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const [first, second] = [await fixture.second(), await fixture.second()];
    const { backend } = await first.register(sample(1, { weight: 2, zone: 'a', metadata: { role: 'api' } }));
    await first.updateBackendMetrics(sample(), { inFlightRequests: 4 });
    const before = await second.listBackends();
    equal([before.length, before[0]?.incarnation], [1, backend.incarnation], 'both handles share the registry');
    await first.close();
    equal(await second.listBackends(), before, 'the backends stay registered as they were');
    equal(await second.heartbeat(backend), { status: 'renewed' }, 'the other handle goes on');
    equal(await (await fixture.second()).listBackends(), before, 'a handle that is opened later sees them');
    equal(await second.unregister(sample()), { status: 'unregistered' }, 'the other handle can write');
  },

  async 'lifecycle: capabilities say what the registry is, and stay after close'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const registry = await fixture.second({ heartbeatTimeoutMs: 12_345 });
    const { capabilities } = registry;
    ok(typeof capabilities.store === 'string' && capabilities.store !== '', 'store names the kind of store');
    ok(['store', 'client'].includes(capabilities.clock), `clock must not be ${capabilities.clock}`);
    ok(['process', 'network'].includes(capabilities.scope), `scope must not be ${capabilities.scope}`);
    ok(['push', 'poll'].includes(capabilities.watch), `watch must not be ${capabilities.watch}`);
    equal(capabilities.heartbeatTimeoutMs, 12_345, "the handle's own heartbeat timeout");
    ok(Object.isFrozen(capabilities), 'nobody can change what they say');
    const before = { ...capabilities };
    equal(
      { ...fixture.registry.capabilities, heartbeatTimeoutMs: 12_345 },
      before,
      'handles on one store differ by their own timeout only',
    );
    await registry.close();
    equal({ ...registry.capabilities }, before, 'capabilities stay after close');
  },
};

interface Method {
  readonly call: (registry: BackendRegistry) => Promise<unknown>;
  /** What it can answer: first on an open registry with one backend, then after it was called before. */
  readonly answers: readonly unknown[];
  /** The same method with an argument that it would refuse, if it has one. */
  readonly invalid: (registry: BackendRegistry) => Promise<unknown>;
}

async function inEveryState(fixture: ConformanceFixture, { call, answers, invalid }: Method): Promise<void> {
  await fixture.registry.register(sample());
  const registry = await fixture.second();
  equal(await call(registry), answers[0], 'on an open registry');

  const closed = await fixture.second();
  await closed.close();
  const before = await fixture.registry.getBackend(sample());
  await rejects(within(SETTLES_WITHIN_MS, call(closed), 'after close()'), 'CLOSED', 'after close()');
  const wrong = within(SETTLES_WITHIN_MS, invalid(closed), 'with a wrong argument after close()');
  await rejects(wrong, 'CLOSED', 'with a wrong argument after close()');
  const after = await fixture.registry.getBackend(sample());
  equal(
    [after?.version, after?.lastHeartbeatAt],
    [before?.version, before?.lastHeartbeatAt],
    'what a closed handle refuses does not happen',
  );

  const pending = outcome(call(registry));
  const closing = registry.close();
  const settled = await within(SETTLES_WITHIN_MS, pending, 'a call that was made before close()');
  await within(SETTLES_WITHIN_MS, closing, 'close() with a call in flight');
  if ('error' in settled) {
    ok(RegistryError.is(settled.error, 'CLOSED'), `a call in flight may reject with CLOSED, not with ${settled.error}`);
  } else {
    equal(settled.value, answers.at(-1), 'a call in flight that resolves has the answer of an open registry');
  }
  await rejects(within(SETTLES_WITHIN_MS, call(registry), 'after close()'), 'CLOSED', 'after it was closed in use');
}

/** A disposal as a promise of its own. */
async function dispose(registry: BackendRegistry): Promise<void> {
  await registry[Symbol.asyncDispose]();
}

async function outcome<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function summary({ value }: IteratorResult<RegistryEvent>): unknown {
  if (value?.type !== 'snapshot') return value;
  return { type: value.type, cause: value.cause, ids: value.backends.map(({ id }: { id: string }) => id) };
}
