/** Rule 5: calls at once neither undo each other nor lie about the order in which they were taken. */
import type { Backend } from '../../contract.ts';
import { equal, ok } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { idOf, outlive, sample, shortLease, Watcher } from '../tools.ts';

export const concurrency = {
  async 'concurrency: writers of different fields never undo each other'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await registry.register(sample(1, { zone: 'a', metadata: { k: 'v' }, weight: 2 }));
    for (let round = 1; round <= 20; round += 1) {
      const draining = round % 2 === 1;
      const answers = await Promise.all([
        registry.updateBackendHealth(sample(), !draining),
        other.updateBackendMetrics(sample(), { inFlightRequests: round }),
        registry.updateBackendMetrics(sample(), { rifAvgLatency: round + 0.25 }),
        other.drain(sample(), draining),
        other.updateBackendMetrics(sample(), { overallAvgLatency: round + 0.5 }),
        registry.heartbeat(sample()),
      ]);
      const statuses = answers.map(({ status }) => status);
      // What the first round writes is new to each field, and so is what each later one does.
      equal(statuses, [...Array(5).fill('updated'), 'renewed'], `each write of round ${round} changes its field`);
      const [backend] = await registry.listBackends();
      equal(
        [backend?.health, backend?.inFlightRequests, backend?.rifAvgLatency, backend?.overallAvgLatency],
        [!draining, round, round + 0.25, round + 0.5],
        `every field of round ${round} is there`,
      );
      equal(backend?.status, draining ? 'draining' : 'healthy', `the drain of round ${round}`);
      equal(
        [backend?.zone, backend?.metadata, backend?.weight],
        ['a', { k: 'v' }, 2],
        'what nobody wrote is as it was',
      );
    }
  },

  async 'concurrency: of several lives that register one address at once exactly one is there, and the statuses agree'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using watcher = await Watcher.started(registry);
    const lives = Array.from({ length: 12 }, (_, n) => `life ${n}`);
    const results = await Promise.all(
      lives.map((incarnation, n) => (n % 2 === 0 ? registry : other).register(sample(1, { incarnation }))),
    );
    const statuses = results.map(({ status }) => status).sort();
    equal(statuses, ['registered', ...Array(11).fill('replaced')].sort(), 'one was first, each other one replaced one');
    equal(
      results.map(({ backend }) => backend.incarnation),
      lives,
      'each is answered with its own life',
    );
    const newest = results
      .map(({ backend }) => backend)
      .reduce((a, b) => (BigInt(a.version) > BigInt(b.version) ? a : b));
    equal(await other.listBackends(), [newest], 'the one that was taken last is there');
    await watcher.settled(registry);
    const told = watcher.of('registered').length - watcher.of('removed').length;
    equal(told, 1, 'one of them has come, and each other one that was told has left');
    ok(
      watcher.of('removed').every(({ reason }) => reason === 'replaced'),
      'who left was replaced',
    );
  },

  async 'concurrency: one life that registers many times at once is registered once'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using watcher = await Watcher.started(other, { metrics: true });
    const registration = sample(1, { incarnation: 'life', weight: 2, inFlightRequests: 3 });
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? registry : other).register(registration)),
    );
    const statuses = results.map(({ status }) => status).sort();
    equal(statuses, ['registered', ...Array(11).fill('renewed')], 'one was first, and nothing was new for the others');
    const [backend] = await registry.listBackends();
    for (const result of results) equal(result.backend, backend, 'each is answered with what is there');
    await registry.register(sample(2));
    await watcher.until(() => watcher.state.has(idOf(2)), 'the last backend');
    equal(
      watcher.of('registered', 'updated', 'removed').map((event) => `${event.type} ${event.backend.id}`),
      [`registered ${idOf(1)}`, `registered ${idOf(2)}`],
      'it is told once',
    );
  },

  async 'concurrency: registrations and removals at once agree with what is left'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using watcher = await Watcher.started(registry);
    for (let round = 0; round < 20; round += 1) {
      const before = (await registry.listBackends()).length;
      const [registered, removed] = await Promise.all([
        Promise.all([registry, other].map((handle) => handle.register(sample(1, { incarnation: `life ${round}` })))),
        Promise.all([registry, other].map((handle) => handle.unregister(sample()))),
      ]);
      const came = registered.filter(({ status }) => status === 'registered').length;
      const left = removed.filter(({ status }) => status === 'unregistered').length;
      const after = (await other.listBackends()).length;
      equal(before + came - left, after, `round ${round}: ${before} was there, ${came} came and ${left} left`);
    }
    await watcher.settled(registry);
  },

  async 'concurrency: of several removals at once exactly one removes, and each watcher is told once'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await registry.register(sample(1));
    await using here = await Watcher.started(registry);
    await using there = await Watcher.started(other);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? registry : other).unregister(sample(1))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    equal(statuses, [...Array(9).fill('unknown'), 'unregistered'], 'the others find nobody');
    await registry.register(sample(2));
    for (const watcher of [here, there]) {
      await watcher.until(() => watcher.state.has(idOf(2)), 'the last backend');
      equal(watcher.of('removed').length, 1, 'it is told once');
    }
  },

  async 'concurrency: many backends that register at once are all there'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await using watcher = await Watcher.started(registry);
    const numbers = Array.from({ length: 50 }, (_, n) => n + 1);
    const results = await Promise.all(numbers.map((n) => (n % 2 === 0 ? registry : other).register(sample(n))));
    equal(
      results.map(({ status }) => status),
      Array(50).fill('registered'),
      'each was absent',
    );
    const expected = numbers.map(idOf).sort();
    for (const handle of [registry, other]) {
      const listed = await handle.listBackends();
      equal(ids(listed), expected, 'each is listed, sorted by id');
      equal(new Set(listed.map(({ version }) => version)).size, 50, 'each has a version of its own');
    }
    await watcher.settled(registry);
    equal(watcher.of('registered').length, 50, 'each is told once');
  },

  async 'concurrency: what a call has written, every later read of every handle sees'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    for (let round = 1; round <= 20; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [registry, other] : [other, registry];
      const { backend } = await writer.register(sample(round % 3, { weight: round }));
      equal((await writer.getBackend(sample(round % 3)))?.weight, round, 'the writer asks for it');
      equal((await reader.getBackend(sample(round % 3)))?.weight, round, 'another handle asks for it');
      equal(find(await writer.listBackends(), backend.id), backend, 'the writer lists it');
      equal(find(await reader.listBackends(), backend.id), backend, 'another handle lists it');
      await reader.updateBackendHealth(sample(round % 3), false);
      await writer.updateBackendMetrics(sample(round % 3), { inFlightRequests: round });
      for (const handle of [writer, reader]) {
        const [ill] = await handle.listBackends({ status: 'unhealthy' });
        equal([ill?.id, ill?.inFlightRequests], [backend.id, round], 'both writes are listed');
      }
      await writer.unregister(sample(round % 3));
      equal(find(await reader.listBackends(), backend.id), undefined, 'another handle does not list it any more');
      equal(await reader.getBackend(sample(round % 3)), null, 'nor does it find it');
    }
  },

  async 'concurrency: a read that begins after a write was answered sees it, also while others read'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    for (let weight = 2; weight <= 30; weight += 1) {
      // Reads that began earlier are under way and may be shared; not with one that begins later.
      const earlier = Promise.all([registry.listBackends(), registry.listBackends()]);
      await registry.register(sample(1, { weight }));
      const [read] = await Promise.all([registry.listBackends(), earlier]);
      equal(read[0]?.weight, weight, 'the read began after the write was answered');
    }
  },

  async 'concurrency: a backend that is cleaned up while it beats is either removed or renewed'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
    await registry.registerAll(numbers.map((n) => sample(n, { heartbeatTimeoutMs: shortLease(fixture) })));
    await outlive(fixture);
    const [early, { removed }, late] = await Promise.all([
      Promise.all(numbers.slice(0, 10).map((n) => other.heartbeat(sample(n)))),
      registry.cleanupExpiredBackends(),
      Promise.all(numbers.slice(10).map((n) => other.heartbeat(sample(n)))),
    ]);
    const statuses = [...early, ...late].map(({ status }) => status);
    const left = new Set(ids(removed));
    equal(
      statuses,
      numbers.map((n) => (left.has(idOf(n)) ? 'unknown' : 'renewed')),
      'who was removed is unknown, and who was renewed is not removed',
    );
    const renewed = numbers.map(idOf).filter((id) => !left.has(id));
    const listed = await registry.listBackends();
    equal(ids(listed), renewed.sort(), 'who was renewed is there');
    ok(
      listed.every(({ status }) => status === 'healthy'),
      'and healthy',
    );
  },
};

function ids(backends: readonly Backend[]): string[] {
  return backends.map(({ id }) => id);
}

function find(backends: readonly Backend[], id: string): Backend | undefined {
  return backends.find((backend) => backend.id === id);
}
