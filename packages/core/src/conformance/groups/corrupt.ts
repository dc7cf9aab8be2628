/** Rule 11: rows that cannot be read are skipped and reported; reads never delete them, cleanup does. */
import type { Backend, BackendRegistry, CorruptRow } from '../../contract.ts';
import { equal, ok } from '../assert.ts';
import type { ConformanceFixture, ConformanceNeed } from '../harness.ts';
import { idOf, outlive, putRaw, sample, shortLease, Watcher } from '../tools.ts';

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
    const { neighbours, victim } = await threeBackends(fixture);
    for (const [what, text] of Object.entries(UNREADABLE)) {
      await putRaw(fixture, idOf(2), text(victim));
      // Another handle each time: what one has read before, it may keep until the registry says that it changed.
      const registry = await fixture.second();
      equal(await registry.listBackends(), neighbours, `the list beside ${what}`);
      equal(await registry.getBackend(sample(2)), null, `getBackend of ${what}`);
      equal((await registry.getBackend(sample(3)))?.version, neighbours[1]?.version, `getBackend beside ${what}`);
      await using watcher = await Watcher.started(registry);
      equal(watcher.of('snapshot')[0]?.backends, neighbours, `the snapshot beside ${what}`);
      await registry.close();
    }
  },

  async 'corrupt: a row that cannot be read is reported once to each handle, with its id and a reason'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim } = await threeBackends(fixture);
    for (const [what, text] of Object.entries(UNREADABLE)) {
      await putRaw(fixture, idOf(2), text(victim));
      const { registry, rows } = await reporting(fixture);
      await registry.listBackends();
      equal(
        rows.map(({ id }) => id),
        [idOf(2)],
        `${what}: it is reported`,
      );
      const [row] = rows;
      ok(typeof row?.reason === 'string' && row.reason.length > 5, `${what}: the reason "${row?.reason}" says nothing`);
      await registry.listBackends();
      await registry.listBackends({ status: 'healthy' });
      await registry.getBackend(sample(2));
      await registry.getBackend(sample(1));
      await using watcher = await Watcher.started(registry);
      ok(watcher.events.length > 0, 'the watch has looked');
      equal(rows.length, 1, `${what}: it is reported once`);
      await registry.close();
    }
  },

  async 'corrupt: getBackend and watch report a row that they cannot read'(fixture: ConformanceFixture): Promise<void> {
    await threeBackends(fixture);
    await putRaw(fixture, idOf(2), 'hello');
    const got = await reporting(fixture);
    equal(await got.registry.getBackend(sample(2)), null, 'getBackend of what cannot be read');
    equal(
      got.rows.map(({ id }) => id),
      [idOf(2)],
      'getBackend reports it',
    );
    const watched = await reporting(fixture);
    await using watcher = await Watcher.started(watched.registry);
    equal(watcher.state.size, 2, 'the watch has looked');
    equal(
      watched.rows.map(({ id }) => id),
      [idOf(2)],
      'watch reports it',
    );
  },

  async 'corrupt: several rows are reported one by one'(fixture: ConformanceFixture): Promise<void> {
    const { neighbours } = await threeBackends(fixture);
    await putRaw(fixture, idOf(1), 'hello');
    await putRaw(fixture, idOf(2), '[]');
    const { registry, rows } = await reporting(fixture);
    equal(await registry.listBackends(), neighbours.slice(1), 'what can be read');
    equal(rows.map(({ id }) => id).sort(), [idOf(1), idOf(2)], 'each is reported');
    ok(rows[0]?.reason !== rows[1]?.reason, `text that is no JSON and a list are not both "${rows[0]?.reason}"`);
  },

  async 'corrupt: reads never delete a row that they cannot read'(fixture: ConformanceFixture): Promise<void> {
    const { victim } = await threeBackends(fixture);
    await putRaw(fixture, idOf(2), 'hello');
    for (const reader of ['first', 'second', 'third']) {
      const { registry, rows } = await reporting(fixture);
      await registry.listBackends();
      await registry.getBackend(sample(2));
      await using watcher = await Watcher.started(registry);
      equal(watcher.state.size, 2, 'the watch has looked');
      equal(
        rows.map(({ id }) => id),
        [idOf(2)],
        `the ${reader} reader finds it`,
      );
    }
    await putRaw(fixture, idOf(2), documentOf(victim));
    const [, again] = await (await fixture.second()).listBackends();
    equal({ ...again, version: '' }, { ...victim, version: '' }, 'its lease was never touched either');
  },

  async 'corrupt: a cleanup removes it, names it, and leaves its neighbours'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim, neighbours } = await threeBackends(fixture);
    for (const [what, text] of Object.entries(UNREADABLE)) {
      await putRaw(fixture, idOf(2), text(victim));
      const { registry } = await reporting(fixture);
      const { removed, corrupt: named, nextExpiryInMs } = await registry.cleanupExpiredBackends();
      equal({ removed, named }, { removed: [], named: [idOf(2)] }, `the cleanup of ${what}`);
      // The neighbours have been there for a moment: half of their lease is left to a slow store.
      ok(nextExpiryInMs !== null && nextExpiryInMs > 30_000, `the next lease ends in ${nextExpiryInMs} ms`);
      equal((await registry.cleanupExpiredBackends()).corrupt, [], `${what} is named once`);
      equal(await registry.heartbeat(sample(2)), { status: 'unknown' }, `a heartbeat after the cleanup of ${what}`);
      equal(await registry.unregister(sample(2)), { status: 'unknown' }, `unregister after the cleanup of ${what}`);
      const later = await reporting(fixture);
      equal(await later.registry.listBackends(), neighbours, `the list after the cleanup of ${what}`);
      equal(later.rows, [], `${what} is gone`);
      const { status } = await registry.register(sample(2));
      equal(status, 'registered', `registering after the cleanup of ${what}`);
      await registry.close();
      await later.registry.close();
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
    const { victim, neighbours } = await threeBackends(fixture);
    for (const [what, text] of Object.entries(UNREADABLE)) {
      await putRaw(fixture, idOf(2), text(victim));
      const { registry, rows } = await reporting(fixture);
      const { status, backend } = await registry.register(sample(2, { zone: 'healed', incarnation: what }));
      // A store may still know which life a document was of that is one nearly.
      const answers = what in NO_DOCUMENT ? ['registered'] : ['registered', 'replaced'];
      ok(answers.includes(status), `registering over ${what} must answer ${answers.join(' or ')}, not ${status}`);
      const { registeredAt, version } = backend;
      const healed = {
        ...{ ...sample(2), id: idOf(2), health: true, status: 'healthy' },
        ...{ inFlightRequests: 0, rifAvgLatency: 0, overallAvgLatency: 0, metricsUpdatedAt: null },
        ...{ weight: 1, zone: 'healed', metadata: {}, incarnation: what, registeredAt, version },
      };
      equal(backend, healed, `registering over ${what}: a new life`);
      const listed = [neighbours[0], backend, neighbours[1]];
      equal(await registry.listBackends(), listed, `the list after registering over ${what}`);
      const later = await reporting(fixture);
      equal(await later.registry.listBackends(), listed, `another handle's list after registering over ${what}`);
      equal([...rows, ...later.rows], [], `registering over ${what}: there is nothing left to report`);
      equal(await registry.heartbeat(backend), { status: 'renewed' }, `the new life after ${what}`);
      await registry.close();
      await later.registry.close();
    }
  },

  async 'corrupt: where there is no document, a registration without an incarnation is a new life'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim } = await threeBackends(fixture);
    for (const [what, text] of Object.entries(NO_DOCUMENT)) {
      await putRaw(fixture, idOf(2), text(victim));
      const registry = await fixture.second();
      const { status, backend } = await registry.register(sample(2));
      equal([status, backend.inFlightRequests, backend.zone], ['registered', 0, null], `registering over ${what}`);
      const { lastHeartbeatAt: _beat, expiresInMs: _left, ...detail } = (await registry.getBackend(sample(2))) ?? {};
      equal(detail, backend, `what getBackend shows after registering over ${what}`);
      equal(await registry.register(sample(2)), { status: 'renewed', backend }, `registering again after ${what}`);
      await registry.close();
    }
  },

  async 'corrupt: where there is no document, reports are unknown, and make none'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim } = await threeBackends(fixture);
    for (const [what, text] of Object.entries(NO_DOCUMENT)) {
      await putRaw(fixture, idOf(2), text(victim));
      const registry = await fixture.second();
      const answers = [
        await registry.updateBackendHealth(sample(2), false),
        await registry.updateBackendMetrics(sample(2), { inFlightRequests: 3 }),
        await registry.drain(sample(2)),
      ];
      const unknown = { status: 'unknown' };
      equal(answers, [unknown, unknown, unknown], `health, metrics and drain of ${what}`);
      equal(await registry.getBackend(sample(2)), null, `${what} is still no backend`);
      await registry.close();
    }
  },

  async 'corrupt: unregister removes a row that cannot be read'(fixture: ConformanceFixture): Promise<void> {
    const { neighbours } = await threeBackends(fixture);
    await putRaw(fixture, idOf(2), 'hello');
    const { registry } = await reporting(fixture);
    equal(await registry.unregister(sample(2)), { status: 'unregistered' }, 'unregister removes whatever is there');
    const { registry: later, rows } = await reporting(fixture);
    equal(await later.listBackends(), neighbours, 'what is left');
    equal(rows, [], 'there is nothing left to report');
    equal(await later.heartbeat(sample(2)), { status: 'unknown' }, 'it has left');
  },

  async 'corrupt: without onCorrupt nobody is told, and nothing fails'(fixture: ConformanceFixture): Promise<void> {
    const { neighbours } = await threeBackends(fixture);
    await putRaw(fixture, idOf(2), 'hello');
    const registry = await fixture.second();
    equal(await registry.listBackends(), neighbours, 'what can be read');
    equal((await registry.cleanupExpiredBackends()).corrupt, [idOf(2)], 'the cleanup names it all the same');
  },

  async 'corrupt: a document that another program wrote is read as it stands'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { victim, neighbours } = await threeBackends(fixture);
    const metadata = { role: 'api', '': '', __other: '"health":true' };
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
    const expected = {
      ...victim,
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
    const [, backend] = await registry.listBackends();
    equal({ ...backend, version: '' }, { ...victim, version: '' }, 'what is known of it is read');
    equal(rows, [], 'it can be read');
  },
};

/** All of them. */
export const corruptNeeds: Readonly<Record<string, readonly ConformanceNeed[]>> = Object.fromEntries(
  Object.keys(corrupt).map((name) => [name, ['putRaw']]),
);

/** The second of three backends is the one whose row will be spoiled. */
async function threeBackends({ registry }: ConformanceFixture): Promise<{ victim: Backend; neighbours: Backend[] }> {
  await registry.registerAll([
    sample(1),
    sample(2, { zone: 'a', weight: 2, inFlightRequests: 5, metadata: { role: 'web' }, incarnation: 'life-1' }),
    sample(3),
  ]);
  const [first, victim, last] = await registry.listBackends();
  ok(first && victim && last, 'three backends are registered');
  return { victim, neighbours: [first, last] };
}

/** Another handle, and what it was told. */
async function reporting(fixture: ConformanceFixture): Promise<{ registry: BackendRegistry; rows: CorruptRow[] }> {
  const rows: CorruptRow[] = [];
  const registry = await fixture.second({ onCorrupt: (row) => rows.push(row) });
  return { registry, rows };
}

/** The document of a backend, with other values where given, and without those that are `undefined`. */
function documentOf(backend: Backend, other: Record<string, unknown> = {}): string {
  return JSON.stringify({
    url: backend.url,
    port: backend.port,
    health: backend.health,
    in_flight_requests: backend.inFlightRequests,
    rif_avg_latency: backend.rifAvgLatency,
    overall_avg_latency: backend.overallAvgLatency,
    draining: backend.status === 'draining',
    metrics_updated_at_ms: backend.metricsUpdatedAt,
    version: Number(backend.version),
    registered_at_ms: backend.registeredAt,
    incarnation: backend.incarnation,
    weight: backend.weight,
    zone: backend.zone,
    metadata: backend.metadata,
    ...other,
  });
}
