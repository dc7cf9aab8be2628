/** Rule 11: rows that cannot be read are skipped and reported; reads never delete them, cleanup does. */
import type { Backend, BackendAddress, BackendDetail, BackendRegistry, CorruptRow } from '../../contract.ts';
import { equal, ok } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import { documentOf, idOf, outlive, putRaw, sample, shortLease, Watcher } from '../tools.ts';

/** What another program could leave where the document of a backend stands: nothing like a document … */
const NO_DOCUMENT: Readonly<Record<string, (backend: Backend) => string>> = {
  'no text': () => '',
  'white space': () => ' \n',
  'no JSON': () => 'hello',
  'an array': (backend) => `[${documentOf(backend)}]`,
  'a number': () => '7',
  'the text of a document': (backend) => JSON.stringify(documentOf(backend)),
  null: () => 'null',
  'an empty object': () => '{}',
};

/** … and what is one nearly. */
const UNREADABLE: typeof NO_DOCUMENT = {
  ...NO_DOCUMENT,
  'half of a document': (backend) => documentOf(backend).slice(0, 60),
  'a document and more': (backend) => `${documentOf(backend)}}`,
  'a document without its health': (backend) => documentOf(backend, { health: undefined }),
  'a document without its incarnation': (backend) => documentOf(backend, { incarnation: undefined }),
  'a document without its metadata': (backend) => documentOf(backend, { metadata: undefined }),
  'a document with text for a number': (backend) => documentOf(backend, { in_flight_requests: '3' }),
  'a document with a number for a flag': (backend) => documentOf(backend, { draining: 0 }),
  'a document with null for a number': (backend) => documentOf(backend, { weight: null }),
  'a document with a number for text': (backend) => documentOf(backend, { zone: 7 }),
  'a document with a list for metadata': (backend) => documentOf(backend, { metadata: ['role'] }),
  'a document with numbers in its metadata': (backend) => documentOf(backend, { metadata: { role: 7 } }),
  'the document of another host': (backend) => documentOf(backend, { url: 'http://elsewhere.example.com' }),
  'the document of another port': (backend) => documentOf(backend, { port: 9999 }),
};

export const corrupt = {
  async 'corrupt: a row that cannot be read is skipped by every read, and its neighbours are not'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { neighbours, spoiled } = await spoil(fixture, UNREADABLE);
    const registry = await fixture.second();
    equal(await registry.listBackends(), neighbours, 'the list');
    for (const { what, address } of spoiled) equal(await registry.getBackend(address), null, `getBackend of ${what}`);
    for (const backend of neighbours) {
      equal((await registry.getBackend(backend))?.version, backend.version, 'getBackend of a neighbour');
    }
    await using watcher = await Watcher.started(registry);
    equal(watcher.of('snapshot')[0]?.backends, neighbours, 'the snapshot of a watch');
  },

  async 'corrupt: a row that cannot be read is reported once to each handle, with its id and a reason'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { spoiled, neighbours } = await spoil(fixture, UNREADABLE);
    for (const reader of ['one handle', 'another handle']) {
      const { registry, rows } = await reporting(fixture);
      await registry.listBackends();
      equal(rows.map(({ id }) => id).sort(), spoiled.map(({ id }) => id).sort(), `what is reported to ${reader}`);
      for (const { id, reason } of rows) {
        const { what } = spoiled.find((row) => row.id === id) ?? {};
        ok(typeof reason === 'string' && reason.length > 5, `the reason "${reason}" says nothing of ${what}`);
      }
      await registry.listBackends();
      await registry.listBackends({ status: 'healthy' });
      await registry.getBackend(neighbours[0] ?? sample());
      for (const { address } of spoiled) await registry.getBackend(address);
      await using watcher = await Watcher.started(registry);
      equal(watcher.state.size, neighbours.length, 'the watch has looked');
      equal(rows.length, spoiled.length, `each is reported to ${reader} once`);
    }
    const { rows, registry } = await reporting(fixture);
    await registry.listBackends();
    const reasonOf = (name: string) =>
      rows.find(({ id }) => spoiled.some((s) => s.what === name && s.id === id))?.reason;
    const [noJson, noHealth] = [reasonOf('no JSON'), reasonOf('a document without its health')];
    ok(noJson !== noHealth, `what is no JSON and what has no health are not both "${noJson}"`);
  },

  async 'corrupt: getBackend and watch report a row that they cannot read'(fixture: ConformanceFixture): Promise<void> {
    const { neighbours, id, address } = await spoilOne(fixture);
    const got = await reporting(fixture);
    equal(await got.registry.getBackend(address), null, 'getBackend of what cannot be read');
    equal(idsOf(got.rows), [id], 'getBackend reports it');
    const watched = await reporting(fixture);
    await using watcher = await Watcher.started(watched.registry);
    equal(watcher.of('snapshot')[0]?.backends, neighbours, 'the watch has looked');
    equal(idsOf(watched.rows), [id], 'watch reports it');
  },

  async 'corrupt: reads never delete a row that they cannot read'(fixture: ConformanceFixture): Promise<void> {
    const { id, address, before } = await spoilOne(fixture);
    for (const reader of ['first', 'second', 'third']) {
      const { registry, rows } = await reporting(fixture);
      await registry.listBackends();
      await registry.getBackend(address);
      await using watcher = await Watcher.started(registry);
      equal(watcher.state.size, 2, 'the watch has looked');
      equal(idsOf(rows), [id], `the ${reader} reader finds it`);
    }
    await putRaw(fixture, id, documentOf(before));
    const detail = await (await fixture.second()).getBackend(address);
    const { version, expiresInMs } = detail ?? {};
    equal(detail, { ...before, version, expiresInMs }, 'with its document back it is what it was');
  },

  async 'corrupt: a cleanup removes it, names it, and leaves its neighbours'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { spoiled, neighbours } = await spoil(fixture, UNREADABLE);
    const { registry } = await reporting(fixture);
    const { removed, corrupt: named, nextExpiryInMs } = await registry.cleanupExpiredBackends();
    const ids = spoiled.map(({ id }) => id).sort();
    equal({ removed, named: [...named].sort() }, { removed: [], named: ids }, 'what was removed');
    // Half of their lease is left to a slow store.
    ok(nextExpiryInMs !== null && nextExpiryInMs > 30_000, `the next lease ends in ${nextExpiryInMs} ms`);
    equal((await registry.cleanupExpiredBackends()).corrupt, [], 'each is named once');
    equal(await registry.listBackends(), neighbours, 'the list of the handle that cleaned up');
    const later = await reporting(fixture);
    equal(await later.registry.listBackends(), neighbours, 'the list of a handle that was opened later');
    equal(later.rows, [], 'there is nothing left to report');
    for (const { what, address } of spoiled) {
      equal(await registry.heartbeat(address), { status: 'unknown' }, `a heartbeat of what was ${what}`);
      equal(await registry.unregister(address), { status: 'unknown' }, `unregister of what was ${what}`);
      equal((await registry.register(address)).status, 'registered', `registering what was ${what}`);
    }
  },

  async 'corrupt: a cleanup removes what has expired and what cannot be read in one go'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2), sample(3, { heartbeatTimeoutMs: shortLease(fixture) })]);
    await outlive(fixture);
    await putRaw(fixture, idOf(2), 'hello');
    const { removed, corrupt: named } = await (await fixture.second()).cleanupExpiredBackends();
    equal(
      { removed: removed.map(({ id, status }) => [id, status]), named },
      { removed: [[idOf(3), 'expired']], named: [idOf(2)] },
      'what was removed',
    );
    equal(
      (await (await fixture.second()).listBackends()).map(({ id }) => id),
      [idOf(1)],
      'what is left',
    );
  },

  async 'corrupt: registering over a row that cannot be read heals it'(fixture: ConformanceFixture): Promise<void> {
    const { spoiled, neighbours } = await spoil(fixture, UNREADABLE);
    const { registry, rows } = await reporting(fixture);
    const expected = [...neighbours];
    for (const { what, address, id } of spoiled) {
      const { status, backend } = await registry.register({ ...address, zone: 'healed', incarnation: what });
      // A store may still know which life it was a document of, where it is one nearly.
      const answers = what in NO_DOCUMENT ? ['registered'] : ['registered', 'replaced'];
      ok(answers.includes(status), `registering over ${what} must answer ${answers.join(' or ')}, not ${status}`);
      const { registeredAt, version } = backend;
      const healed = {
        ...{ ...address, id, health: true, status: 'healthy' },
        ...{ inFlightRequests: 0, rifAvgLatency: 0, overallAvgLatency: 0, metricsUpdatedAt: null },
        ...{ weight: 1, zone: 'healed', metadata: {}, incarnation: what, registeredAt, version },
      };
      equal(backend, healed, `registering over ${what}: a new life`);
      equal(await registry.heartbeat(backend), { status: 'renewed' }, `the new life after ${what}`);
      expected.push(backend);
    }
    expected.sort((a, b) => (a.id < b.id ? -1 : 1));
    equal(await registry.listBackends(), expected, 'the list of the handle that registered');
    const later = await reporting(fixture);
    equal(await later.registry.listBackends(), expected, 'the list of a handle that was opened later');
    equal([...rows, ...later.rows], [], 'there is nothing left to report');
  },

  async 'corrupt: where there is no document, a registration without an incarnation is a new life'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { spoiled } = await spoil(fixture, NO_DOCUMENT);
    const registry = await fixture.second();
    for (const { what, address } of spoiled) {
      const { status, backend } = await registry.register(address);
      equal([status, backend.inFlightRequests, backend.zone], ['registered', 0, null], `registering over ${what}`);
      const { lastHeartbeatAt: _beat, expiresInMs: _left, ...detail } = (await registry.getBackend(address)) ?? {};
      equal(detail, backend, `what getBackend shows after registering over ${what}`);
      equal(await registry.register(address), { status: 'renewed', backend }, `registering again after ${what}`);
    }
  },

  async 'corrupt: where there is no document, reports are unknown, and make none'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { spoiled, neighbours } = await spoil(fixture, NO_DOCUMENT);
    const registry = await fixture.second();
    for (const { what, address } of spoiled) {
      const answers = [
        await registry.updateBackendHealth(address, false),
        await registry.updateBackendMetrics(address, { inFlightRequests: 3 }),
        await registry.drain(address),
      ];
      const unknown = { status: 'unknown' };
      equal(answers, [unknown, unknown, unknown], `health, metrics and drain of ${what}`);
      equal(await registry.getBackend(address), null, `${what} is still no backend`);
    }
    equal(await (await fixture.second()).listBackends(), neighbours, 'what can be read');
  },

  async 'corrupt: unregister removes a row that cannot be read'(fixture: ConformanceFixture): Promise<void> {
    const { neighbours, address } = await spoilOne(fixture);
    const registry = await fixture.second();
    equal(await registry.unregister(address), { status: 'unregistered' }, 'unregister removes whatever is there');
    const { registry: later, rows } = await reporting(fixture);
    equal(await later.listBackends(), neighbours, 'what is left');
    equal(rows, [], 'there is nothing left to report');
    equal(await later.heartbeat(address), { status: 'unknown' }, 'it has left');
  },

  async 'corrupt: what onCorrupt throws, or its promise rejects with, is ignored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { neighbours, id } = await spoilOne(fixture);
    const failing: ((row: CorruptRow) => void)[] = [
      () => {
        throw new Error('thrown by onCorrupt');
      },
      async () => {
        throw new Error('rejected by onCorrupt');
      },
    ];
    for (const fails of failing) {
      const told: string[] = [];
      const onCorrupt = (row: CorruptRow) => {
        told.push(row.id);
        return fails(row);
      };
      const registry = await fixture.second({ onCorrupt });
      equal(await registry.listBackends(), neighbours, 'what can be read');
      equal(told, [id], 'it was told');
    }
  },

  async 'corrupt: without onCorrupt nobody is told, and nothing fails'(fixture: ConformanceFixture): Promise<void> {
    const { neighbours, id } = await spoilOne(fixture);
    const registry = await fixture.second();
    equal(await registry.listBackends(), neighbours, 'what can be read');
    equal((await registry.cleanupExpiredBackends()).corrupt, [id], 'the cleanup names it all the same');
  },

  async 'corrupt: a document that another program wrote is read as it stands'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim, neighbours } = await threeBackends(fixture);
    // JSON allows these as they are, where a registry writes them escaped.
    const metadata = { role: 'api', '': '', __other: '"health":true', raw: 'größe \x7f \u2028 🚀' };
    const text = documentOf(victim, {
      health: false,
      in_flight_requests: 41,
      rif_avg_latency: 0.5,
      overall_avg_latency: 1e21,
      metrics_updated_at_ms: victim.registeredAt + 7,
      registered_at_ms: victim.registeredAt - 1000,
      weight: 0.25,
      zone: null,
      metadata,
    });
    await putRaw(fixture, idOf(2), text);
    const { registry, rows } = await reporting(fixture);
    const listed = await registry.listBackends();
    const { lastHeartbeatAt: _before, expiresInMs: _then, ...registered } = victim;
    const expected = {
      ...registered,
      health: false,
      status: 'unhealthy',
      inFlightRequests: 41,
      rifAvgLatency: 0.5,
      overallAvgLatency: 1e21,
      metricsUpdatedAt: victim.registeredAt + 7,
      registeredAt: victim.registeredAt - 1000,
      weight: 0.25,
      zone: null,
      metadata,
      version: '',
    };
    equal([listed.length, { ...listed[1], version: '' }], [3, expected], 'what is listed');
    equal([listed[0], listed[2]], neighbours, 'its neighbours');
    const { lastHeartbeatAt: _beat, expiresInMs: _left, ...detail } = (await registry.getBackend(sample(2))) ?? {};
    equal({ ...detail, version: '' }, expected, 'what getBackend shows');
    equal(rows, [], 'it can be read');
    equal(await registry.heartbeat(victim), { status: 'renewed' }, 'it is the same life');
  },

  async 'corrupt: names that a reader does not know do not make a document unreadable'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim } = await threeBackends(fixture);
    const document = JSON.parse(documentOf(victim));
    await putRaw(fixture, idOf(2), JSON.stringify({ ...document, added_later: [1, { health: false }] }));
    const { registry, rows } = await reporting(fixture);
    const detail = await registry.getBackend(sample(2));
    const { version, expiresInMs } = detail ?? {};
    equal(detail, { ...victim, version, expiresInMs }, 'what is known of it is read');
    equal(rows, [], 'it can be read');
  },
};

/** All of them. */
export const corruptNeeds: Readonly<Record<string, readonly ConformanceNeed[]>> = Object.fromEntries(
  Object.keys(corrupt).map((name) => [name, ['putRaw']]),
);

interface Spoiled {
  readonly what: string;
  readonly id: string;
  readonly address: BackendAddress;
}

/** Two backends, and one more for each of these texts, which stands where its document was. */
async function spoil(
  fixture: ConformanceFixture,
  texts: typeof NO_DOCUMENT,
): Promise<{ spoiled: Spoiled[]; neighbours: Backend[] }> {
  const { registry } = fixture;
  const spoiled = Object.keys(texts).map((what, at) => ({ what, id: idOf(at + 3), address: sample(at + 3) }));
  const declared = { zone: 'a', weight: 2, inFlightRequests: 5, metadata: { role: 'web' }, incarnation: 'life-1' };
  await registry.registerAll([sample(1), sample(2), ...spoiled.map(({ address }) => ({ ...address, ...declared }))]);
  const backends = await registry.listBackends();
  equal(backends.length, spoiled.length + 2, 'all are registered');
  for (const { what, id } of spoiled) {
    const backend = backends.find((each) => each.id === id);
    ok(backend !== undefined, `${id} is registered`);
    await putRaw(fixture, id, texts[what]?.(backend) ?? '');
  }
  return { spoiled, neighbours: backends.filter(({ id }) => id === idOf(1) || id === idOf(2)) };
}

/** The second of three backends, and the others. */
async function threeBackends({
  registry,
}: ConformanceFixture): Promise<{ victim: BackendDetail; neighbours: Backend[] }> {
  await registry.registerAll([
    sample(1),
    sample(2, { zone: 'a', weight: 2, inFlightRequests: 5, metadata: { role: 'web' }, incarnation: 'life-1' }),
    sample(3),
  ]);
  const victim = await registry.getBackend(sample(2));
  ok(victim !== null, 'it is registered');
  const backends = await registry.listBackends();
  return { victim, neighbours: backends.filter(({ id }) => id !== victim.id) };
}

/** One of three backends whose document is none any more. */
async function spoilOne(
  fixture: ConformanceFixture,
): Promise<{ id: string; address: BackendAddress; before: BackendDetail; neighbours: Backend[] }> {
  const { victim, neighbours } = await threeBackends(fixture);
  await putRaw(fixture, victim.id, 'hello');
  return { id: victim.id, address: sample(2), before: victim, neighbours };
}

function idsOf(rows: readonly CorruptRow[]): string[] {
  return rows.map(({ id }) => id);
}

/** Another handle, and what it was told. */
async function reporting(fixture: ConformanceFixture): Promise<{ registry: BackendRegistry; rows: CorruptRow[] }> {
  const rows: CorruptRow[] = [];
  const registry = await fixture.second({ onCorrupt: (row) => rows.push(row) });
  return { registry, rows };
}
