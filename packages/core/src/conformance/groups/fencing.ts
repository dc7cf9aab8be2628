/** Rule 4: with an incarnation, an older life of an address cannot beat, change, drain or remove the newer one. */
import type { BackendDetail, BackendRef, BackendRegistry } from '../../contract.ts';
import { equal, ok } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, outlive, sample, shortLease } from '../tools.ts';

export const fencing = {
  async 'fencing: an older life is fenced from every write, and changes nothing'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const old = await registry.register(sample(1, { incarnation: 'life-1', weight: 3 }));
    await registry.register(sample(1, { incarnation: 'life-2', zone: 'a', metadata: { role: 'api' } }));
    await registry.updateBackendMetrics(sample(), { inFlightRequests: 5 });
    const before = await registry.getBackend(sample());
    await elapse(fixture, shortLease(fixture) / 10);
    for (const ref of [sample(1, { incarnation: 'life-1' }), old.backend]) {
      equal(await everyWrite(registry, ref), all('fenced'), 'what an older life is answered');
      equal(await everyWrite(await fixture.second(), ref), all('fenced'), 'through another handle');
    }
    same(await registry.getBackend(sample()), before, 'the newer life is as it was, its lease included');
  },

  async 'fencing: an older life stays fenced when the newer one has changed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life-1' }));
    await registry.register(sample(1, { incarnation: 'life-2' }));
    await registry.updateBackendHealth(sample(), false);
    await registry.updateBackendMetrics(sample(), { rifAvgLatency: 5 });
    await registry.drain(sample());
    await registry.heartbeat(sample());
    await registry.register(sample(1, { weight: 2 }));
    const before = await registry.getBackend(sample());
    equal(before?.incarnation, 'life-2', 'the newer life is there');
    await elapse(fixture, shortLease(fixture) / 10);
    equal(
      await everyWrite(registry, sample(1, { incarnation: 'life-1' })),
      all('fenced'),
      'what the older is answered',
    );
    same(await registry.getBackend(sample()), before, 'the newer life is as it was');
  },

  async 'fencing: the life that is registered may write'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life-1' }));
    const { backend } = await registry.register(sample(1, { incarnation: 'life-2' }));
    for (const ref of [sample(1, { incarnation: 'life-2' }), backend]) {
      equal(await everyWrite(registry, ref), DONE, 'what the life itself is answered');
      equal(await registry.getBackend(sample()), null, 'it has left at the end');
      await registry.register(sample(1, { incarnation: 'life-2' }));
    }
  },

  async 'fencing: without an incarnation a write acts on whichever life is there'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    for (const incarnation of ['life-1', 'life-2']) {
      await registry.register(sample(1, { incarnation }));
      equal(await everyWrite(registry, sample()), DONE, `what an operator is answered while ${incarnation} is there`);
      equal(await registry.getBackend(sample()), null, 'it has left at the end');
    }
  },

  async 'fencing: a life that has left is unknown, whichever it was'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life-1' }));
    await registry.register(sample(1, { incarnation: 'life-2' }));
    await registry.unregister(sample());
    for (const ref of [sample(1, { incarnation: 'life-1' }), sample(1, { incarnation: 'life-2' }), sample()]) {
      const what = `what ${ref.incarnation ?? 'an operator'} is answered`;
      equal(await everyWrite(registry, ref), all('unknown'), what);
      equal(await registry.listBackends(), [], `${what}: nothing comes back`);
    }
  },

  async 'fencing: an older life does not bring back or remove a newer one that has expired'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { incarnation: 'life-1' }));
    await registry.register(sample(1, { incarnation: 'life-2', heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    const before = await registry.getBackend(sample());
    equal(before?.status, 'expired', 'the newer life has expired');
    equal(
      await everyWrite(registry, sample(1, { incarnation: 'life-1' })),
      all('fenced'),
      'what the older is answered',
    );
    equal(await registry.getBackend(sample()), before, 'the newer life is as it was');
    const renewed = await registry.heartbeat(sample(1, { incarnation: 'life-2' }));
    equal(renewed, { status: 'renewed' }, 'the newer life itself comes back');
  },

  async 'fencing: heartbeats that are sent together are fenced one by one'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1, { incarnation: 'a' }), sample(2, { incarnation: 'a' }), sample(3)]);
    await registry.register(sample(2, { incarnation: 'b' }));
    const before = [await registry.getBackend(sample(1)), await registry.getBackend(sample(2))];
    await elapse(fixture, shortLease(fixture) / 10);
    const answers = await registry.heartbeatAll([
      sample(2, { incarnation: 'a' }),
      sample(4, { incarnation: 'a' }),
      sample(1, { incarnation: 'a' }),
      sample(3),
    ]);
    equal(
      answers.map(({ status }) => status),
      ['fenced', 'unknown', 'renewed', 'renewed'],
      'an answer for each, in order',
    );
    const after = [await registry.getBackend(sample(1)), await registry.getBackend(sample(2))];
    same(after[1] ?? null, before[1] ?? null, 'what was fenced is not renewed');
    const [was, is] = [before[0]?.lastHeartbeatAt ?? 0, after[0]?.lastHeartbeatAt ?? 0];
    ok(is > was, `what was not fenced is renewed: lastHeartbeatAt went from ${was} to ${is}`);
  },

  async 'fencing: incarnations are the same only if they are the same text'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    // Each is near to the one before by some comparison that is not exact: as numbers, patterns, trimmed, folded, normalised.
    const texts = [
      '1',
      '01',
      '1.0',
      '1e0',
      ' 1',
      '1 ',
      '1\n',
      'a',
      'A',
      'ab',
      '.',
      '*',
      '%w',
      'é',
      'e\u0301',
      '٣',
      '3',
    ];
    for (const incarnation of texts) {
      await registry.register(sample(1, { incarnation }));
      const others = texts.filter((text) => text !== incarnation);
      const answers = await registry.heartbeatAll(others.map((text) => sample(1, { incarnation: text })));
      equal(
        answers.map(({ status }, at) => [others[at], status]),
        others.map((text) => [text, 'fenced']),
        `other incarnations than ${JSON.stringify(incarnation)}`,
      );
      equal(await registry.heartbeat(sample(1, { incarnation })), { status: 'renewed' }, 'the same text');
    }
  },
};

/** Writes that would each change something of a healthy backend, the last of them removing it. */
async function everyWrite(registry: BackendRegistry, ref: BackendRef): Promise<Record<string, string | undefined>> {
  return {
    heartbeat: (await registry.heartbeat(ref)).status,
    heartbeatAll: (await registry.heartbeatAll([ref]))[0]?.status,
    updateBackendHealth: (await registry.updateBackendHealth(ref, false)).status,
    'updateBackendHealth back': (await registry.updateBackendHealth(ref, true)).status,
    updateBackendMetrics: (await registry.updateBackendMetrics(ref, { inFlightRequests: 77 })).status,
    drain: (await registry.drain(ref)).status,
    'drain back': (await registry.drain(ref, false)).status,
    unregister: (await registry.unregister(ref)).status,
  };
}

const DONE = {
  heartbeat: 'renewed',
  heartbeatAll: 'renewed',
  updateBackendHealth: 'updated',
  'updateBackendHealth back': 'updated',
  updateBackendMetrics: 'updated',
  drain: 'updated',
  'drain back': 'updated',
  unregister: 'unregistered',
};

function all(status: string): Record<string, string> {
  return Object.fromEntries(Object.keys(DONE).map((name) => [name, status]));
}

/** The same in every field, its lease included: of that only less may be left. */
function same(after: BackendDetail | null, before: BackendDetail | null, what: string): void {
  ok(after !== null && before !== null, `${what}: it must be registered`);
  equal({ ...after, expiresInMs: 0 }, { ...before, expiresInMs: 0 }, what);
  ok(
    after.expiresInMs < before.expiresInMs,
    `${what}: ${before.expiresInMs} ms were left, and now ${after.expiresInMs}`,
  );
}
