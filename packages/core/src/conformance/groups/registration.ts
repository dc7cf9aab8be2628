/** What registering answers and keeps, and what reading shows. */
import type { Backend, BackendDetail, BackendRegistration, BackendRegistry, BackendStatus } from '../../contract.ts';
import { equal, ok, rejects, rejectsType } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, idOf, outlive, resolution, sample, shortLease, Watcher } from '../tools.ts';

/** Every field that a registration can have, none of them its default. */
const COMPLETE: Partial<BackendRegistration> = {
  health: false,
  inFlightRequests: 7,
  rifAvgLatency: 12.5,
  overallAvgLatency: 80.25,
  weight: 2.5,
  zone: 'eu-west-1a',
  metadata: { version: '1.2.3', role: 'api' },
  incarnation: 'life-1',
};

export const registration = {
  async 'registration: a backend that declares nothing but its address gets the defaults'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { status, backend } = await registry.register(sample());
    equal(status, 'registered', 'the address was absent');
    const { incarnation, registeredAt, version } = backend;
    equal(
      backend,
      {
        id: 'http://backend-1.example.com:8001',
        url: 'http://backend-1.example.com',
        port: 8001,
        health: true,
        status: 'healthy',
        inFlightRequests: 0,
        rifAvgLatency: 0,
        overallAvgLatency: 0,
        metricsUpdatedAt: null,
        weight: 1,
        zone: null,
        metadata: {},
        incarnation,
        registeredAt,
        version,
      },
      'the defaults',
    );
    ok(typeof incarnation === 'string' && incarnation !== '', 'an incarnation is made up');
    // 2020-01-01: whatever the clock of the store says, it counts milliseconds since the epoch.
    ok(typeof registeredAt === 'number' && registeredAt > 1_577_836_800_000, `registeredAt is ${registeredAt}`);
    ok(/^[1-9]\d*$/.test(version), `a version is decimal digits, not "${version}"`);
    equal(await registry.listBackends(), [backend], 'the list shows what registering answered');
  },

  async 'registration: every field that is given is kept'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const { status, backend } = await registry.register(sample(1, COMPLETE));
    equal(status, 'registered', 'the address was absent');
    const { registeredAt, version } = backend;
    const expected = {
      ...sample(1, COMPLETE),
      id: idOf(),
      status: 'unhealthy',
      // Reported with the registration, so at the same time of the store.
      metricsUpdatedAt: registeredAt,
      registeredAt,
      version,
    };
    equal(backend, expected, 'what registering answers');
    equal(await registry.listBackends(), [expected], 'what the list shows');
    const detail = await registry.getBackend(sample());
    equal(withoutLease(detail), expected, 'what getBackend shows');
    equal(await (await fixture.second()).listBackends(), [expected], 'what another handle lists');
  },

  async 'registration: getBackend shows the backend with its lease, and null where there is none'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    equal(await registry.getBackend(sample()), null, 'nothing was registered yet');
    const { backend } = await registry.register(sample(1, { heartbeatTimeoutMs: 50_000 }));
    const detail = await registry.getBackend(sample());
    ok(detail !== null, 'it is registered');
    const { lastHeartbeatAt, expiresInMs } = detail;
    equal(
      detail,
      { ...backend, lastHeartbeatAt, expiresInMs },
      'a detail is the backend and its lease, and nothing else',
    );
    ok(
      Math.abs(lastHeartbeatAt - backend.registeredAt) <= resolution(fixture),
      `it was registered at ${backend.registeredAt}, and lastHeartbeatAt is ${lastHeartbeatAt}`,
    );
    // Half of the lease is left to a slow store.
    ok(expiresInMs > 25_000 && expiresInMs <= 50_000, `of 50,000 ms, ${expiresInMs} are left`);
    equal(await registry.getBackend({ ...sample(), port: 8002 }), null, 'another port is another address');
    await registry.unregister(sample());
    equal(await registry.getBackend(sample()), null, 'it was unregistered');
  },

  async 'registration: registering the same again is renewed, with a new lease and nothing else'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const first = await registry.register(sample(1, COMPLETE));
    const before = await registry.getBackend(sample());
    const passed = shortLease(fixture) / 10;
    await elapse(fixture, passed);
    const again = await registry.register(sample(1, COMPLETE));
    equal(again, { status: 'renewed', backend: first.backend }, 'registering the same again');
    const after = await registry.getBackend(sample());
    equal(withoutLease(after), first.backend, 'nothing changes but the lease');
    ok(before !== null && after !== null, 'it is registered');
    ok(
      after.lastHeartbeatAt - before.lastHeartbeatAt >= passed - resolution(fixture),
      `registering is a heartbeat: ${passed} ms later, lastHeartbeatAt went from ${before.lastHeartbeatAt} to ${after.lastHeartbeatAt}`,
    );
    const elsewhere = await (await fixture.second()).register(sample(1, COMPLETE));
    equal(elsewhere, again, 'registering the same through another handle');
  },

  async 'registration: a changed field is updated, and the others stay'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    let { backend } = await registry.register(sample(1, COMPLETE));
    const changes: Partial<BackendRegistration>[] = [
      { weight: 0 },
      { zone: 'eu-west-1b' },
      { metadata: { version: '1.2.4', role: 'api' } },
      { metadata: { version: '1.2.4', role: 'api', extra: '' } },
      { metadata: { version: '1.2.4' } },
    ];
    let declared = COMPLETE;
    for (const change of changes) {
      const what = `after ${JSON.stringify(change)}`;
      declared = { ...declared, ...change };
      const { status, backend: now } = await registry.register(sample(1, declared));
      equal(status, 'updated', what);
      equal(now, { ...backend, ...change, version: now.version }, `${what}: what registering answers`);
      ok(BigInt(now.version) > BigInt(backend.version), `${what}: version ${now.version} after ${backend.version}`);
      equal(await registry.listBackends(), [now], `${what}: what the list shows`);
      backend = now;
    }
  },

  async 'registration: the order of metadata is no change'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const first = await registry.register(sample(1, { metadata: { a: '1', b: '2', 10: '3', 9: '4' } }));
    const again = await registry.register(sample(1, { metadata: { 9: '4', b: '2', 10: '3', a: '1' } }));
    equal(again, { status: 'renewed', backend: first.backend }, 'the same metadata in another order');
  },

  async 'registration: what describes a backend goes back to its default when it is left out'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(1, { weight: 3, zone: 'a', metadata: { role: 'api' } }));
    const again = await registry.register(sample());
    equal(again.status, 'updated', 'weight, zone and metadata were left out');
    const expected = { ...backend, weight: 1, zone: null, metadata: {}, version: again.backend.version };
    equal(again.backend, expected, 'weight, zone and metadata are declared anew');
    equal(await registry.listBackends(), [expected], 'what the list shows');
  },

  async 'registration: what is the state of a backend is kept when it is left out'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1, { weight: 3 }));
    await registry.updateBackendHealth(sample(), false);
    await registry.updateBackendMetrics(sample(), { inFlightRequests: 4, rifAvgLatency: 5, overallAvgLatency: 6 });
    await registry.drain(sample());
    const before = await registry.getBackend(sample());
    const { status, backend } = await registry.register(sample(1, { weight: 3 }));
    equal(status, 'renewed', 'health, metrics and drain were left out');
    equal(backend, withoutLease(before), 'a registration that comes twice takes nothing back');
    equal([backend.status, backend.health, backend.inFlightRequests], ['draining', false, 4], 'the state');
  },

  async 'registration: state that is given is applied, and what is left out of it is kept'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const first = await registry.register(sample(1, COMPLETE));
    await elapse(fixture, shortLease(fixture) / 10);
    const declared = { weight: 2.5, zone: 'eu-west-1a', metadata: { version: '1.2.3', role: 'api' } };
    const second = await registry.register(sample(1, { ...declared, health: true, inFlightRequests: 0 }));
    equal(second.status, 'updated', 'health and one metric were given');
    const { metricsUpdatedAt, version } = second.backend;
    equal(
      second.backend,
      { ...first.backend, health: true, status: 'healthy', inFlightRequests: 0, metricsUpdatedAt, version },
      'what was given is applied, the rest is kept',
    );
    ok(
      metricsUpdatedAt !== null && metricsUpdatedAt > first.backend.registeredAt,
      `a metric has changed since ${first.backend.registeredAt}, and metricsUpdatedAt is ${metricsUpdatedAt}`,
    );
    await registry.drain(sample());
    const third = await registry.register(sample(1, { ...declared, health: true, inFlightRequests: 0 }));
    equal([third.status, third.backend.status], ['renewed', 'draining'], 'registering again takes no drain back');
  },

  async 'registration: another incarnation is replaced, and its state is gone'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const old = await registry.register(sample(1, COMPLETE));
    await registry.drain(sample());
    await elapse(fixture, shortLease(fixture) / 10);
    const { status, backend } = await registry.register(sample(1, { incarnation: 'life-2' }));
    equal(status, 'replaced', 'another incarnation was there');
    const { registeredAt, version } = backend;
    const expected = { ...fresh(), incarnation: 'life-2', registeredAt, version };
    equal(backend, expected, 'a new life starts from the defaults');
    ok(registeredAt > old.backend.registeredAt, `a new life is registered at ${registeredAt}, after the old one`);
    ok(BigInt(version) > BigInt(old.backend.version), `version ${version} after ${old.backend.version}`);
    equal(await registry.listBackends(), [expected], 'one address has one life');
    const again = await registry.register(sample(1, { incarnation: 'life-2' }));
    equal(again, { status: 'renewed', backend }, 'the new life is there now');
  },

  async 'registration: after it left, an address is registered as a new life, whatever its incarnation'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const old = await registry.register(sample(1, COMPLETE));
    await registry.drain(sample());
    await registry.unregister(sample());
    await elapse(fixture, shortLease(fixture) / 10);
    const { status, backend } = await registry.register(sample(1, { incarnation: 'life-1' }));
    equal(status, 'registered', 'the address was absent');
    const { registeredAt, version } = backend;
    equal(backend, { ...fresh(), incarnation: 'life-1', registeredAt, version }, 'it starts from the defaults');
    ok(registeredAt > old.backend.registeredAt, `registeredAt ${registeredAt} after ${old.backend.registeredAt}`);
    ok(BigInt(version) > BigInt(old.backend.version), `version ${version} after ${old.backend.version}`);
  },

  async 'registration: an incarnation that is left out is random for a new life, and kept for a known one'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const [one, two] = await registry.registerAll([sample(1), sample(2)]);
    ok(one !== undefined && two !== undefined, 'there is an answer for each');
    ok(one.backend.incarnation !== two.backend.incarnation, 'two backends have two incarnations');
    equal(await registry.register(sample(1)), { status: 'renewed', backend: one.backend }, 'a random one is kept');
    await registry.unregister(sample(1));
    const again = await registry.register(sample(1));
    equal(again.status, 'registered', 'it was unregistered');
    ok(again.backend.incarnation !== one.backend.incarnation, 'a new life has another random incarnation');
    const named = await registry.register(sample(3, { incarnation: 'mine' }));
    equal(await registry.register(sample(3)), { status: 'renewed', backend: named.backend }, 'a given one is kept');
  },

  async 'registration: an expired backend that nobody removed comes back in the same life'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample(1, { weight: 2, heartbeatTimeoutMs: shortLease(fixture) }));
    await outlive(fixture);
    const expired = await registry.getBackend(sample());
    equal(withoutLease(expired), { ...backend, health: false, status: 'expired' }, 'its lease is over');
    const again = await registry.register(sample(1, { weight: 2 }));
    equal(again, { status: 'renewed', backend }, 'nothing has changed but its lease');
    equal(await registry.listBackends(), [backend], 'it is back as it was');
  },

  async 'registration: registeredAt stays as long as the life lasts'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    await elapse(fixture, shortLease(fixture) / 10);
    const later = await fixture.second();
    await later.updateBackendHealth(sample(), false);
    await later.updateBackendMetrics(sample(), { rifAvgLatency: 1 });
    await later.drain(sample());
    await later.heartbeat(sample());
    const { status, backend: now } = await later.register(sample(1, { weight: 9 }));
    equal(status, 'updated', 'the weight has changed');
    equal(now.registeredAt, backend.registeredAt, 'updates do not change it');
    equal((await registry.getBackend(sample()))?.registeredAt, backend.registeredAt, 'nor what is read');
  },

  async 'registration: versions grow with each change of any backend, and stay where nothing changes'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    let last = 0n;
    const versionOf = async (n: number) => BigInt((await registry.getBackend(sample(n)))?.version ?? -1);
    const grows = async (what: string, n: number, change: Promise<unknown>) => {
      await change;
      const version = await versionOf(n);
      ok(version > last, `${what}: its version is ${version}, and that of the change before was ${last}`);
      last = version;
    };
    const stays = async (what: string, n: number, write: Promise<unknown>) => {
      const before = await versionOf(n);
      await write;
      equal(String(await versionOf(n)), String(before), `${what}: no version`);
    };
    await grows('register', 1, registry.register(sample(1)));
    await grows('register another', 2, other.register(sample(2)));
    await grows('health', 1, registry.updateBackendHealth(sample(1), false));
    await grows('metrics', 2, other.updateBackendMetrics(sample(2), { inFlightRequests: 1 }));
    await grows('drain', 1, other.drain(sample(1)));
    await stays('the same health', 1, other.updateBackendHealth(sample(1), false));
    await stays('the same metrics', 2, registry.updateBackendMetrics(sample(2), { inFlightRequests: 1 }));
    await stays('the same drain', 1, registry.drain(sample(1)));
    await stays('a heartbeat', 1, registry.heartbeat(sample(1)));
    await stays('the same registration', 2, other.register(sample(2)));
    await stays('a change of another backend', 2, registry.drain(sample(1), false));
    last = await versionOf(1);
    await grows('a changed registration', 2, registry.register(sample(2, { zone: 'a' })));
    await grows('a new life', 1, registry.register(sample(1, { incarnation: 'other' })));
    await registry.unregister(sample(1));
    await grows('registered after it left', 1, other.register(sample(1)));
  },

  async 'registration: registerAll answers for each backend in the order given'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([
      sample(1, { incarnation: 'a' }),
      sample(2, { incarnation: 'a' }),
      sample(3, { incarnation: 'a' }),
    ]);
    const results = await registry.registerAll([
      sample(3, { incarnation: 'b', zone: 'z3' }),
      sample(4, { zone: 'z4' }),
      sample(1),
      sample(2, { zone: 'z2' }),
    ]);
    equal(
      results.map(({ status, backend }) => [status, backend.id, backend.zone]),
      [
        ['replaced', idOf(3), 'z3'],
        ['registered', idOf(4), 'z4'],
        ['renewed', idOf(1), null],
        ['updated', idOf(2), 'z2'],
      ],
      'an answer for each',
    );
    const byId = results.map(({ backend }) => backend).sort((a, b) => (a.id < b.id ? -1 : 1));
    equal(await registry.listBackends(), byId, 'the list shows what was answered');
    equal(await registry.registerAll([]), [], 'nothing to register is fine');
    equal(await registry.listBackends(), byId, 'and changes nothing');
  },

  async 'registration: registerAll takes an address that comes twice in order, and the last one stays'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const results = await registry.registerAll([
      sample(1, { weight: 1 }),
      { url: `${sample(1).url}:${sample(1).port}`, weight: 2 },
      sample(1, { weight: 2 }),
    ]);
    equal(
      results.map(({ status, backend }) => [status, backend.id, backend.weight]),
      [
        ['registered', idOf(), 1],
        ['updated', idOf(), 2],
        ['renewed', idOf(), 2],
      ],
      'an answer for each',
    );
    equal(new Set(results.map(({ backend }) => backend.incarnation)).size, 1, 'they are one life');
    equal(await registry.listBackends(), [results[2]?.backend], 'the last one stays');
  },

  async 'registration: registerAll registers none if one of them is invalid'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample(1));
    const before = await registry.getBackend(sample(1));
    await elapse(fixture, shortLease(fixture) / 10);
    const valid = [sample(1, { weight: 5 }), sample(2)];
    await rejects(
      registry.registerAll([...valid, sample(3, { weight: -1 })]),
      'INVALID_BACKEND',
      'the last is invalid',
    );
    await rejects(registry.registerAll([{ url: '' }, ...valid]), 'INVALID_BACKEND', 'the first is invalid');
    await rejectsType(registry.registerAll([...valid, undefined as never]), 'one is no backend at all');
    const after = await registry.getBackend(sample(1));
    equal(await registry.listBackends(), [withoutLease(before)], 'nothing is stored');
    equal(after?.lastHeartbeatAt, before?.lastHeartbeatAt, 'no lease is renewed');
  },

  async 'registration: backends that are handed out are frozen, metadata and all'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const declared = { metadata: { role: 'api' }, heartbeatTimeoutMs: shortLease(fixture) };
    const { backend } = await registry.register(sample(1, declared));
    const all = await registry.registerAll([sample(2, declared)]);
    await using watcher = await Watcher.started(registry);
    const snapshot = watcher.of('snapshot')[0]?.backends ?? [];
    const listed = await registry.listBackends();
    const detail = await registry.getBackend(sample(1));
    await outlive(fixture);
    const { removed } = await registry.cleanupExpiredBackends();
    equal([snapshot.length, listed.length, removed.length], [2, 2, 2], 'there are two backends everywhere');
    await registry.register(sample(3, declared));
    await registry.updateBackendHealth(sample(3), false);
    await watcher.until(() => watcher.state.get(idOf(3))?.health === false, 'what was registered after the snapshot');
    const told = watcher.of('registered', 'updated', 'removed');
    ok(told.length >= 3, `it is told each: ${told.length}`);
    for (const event of told) {
      const previous = event.type === 'updated' ? event.previous : undefined;
      ok([event.backend, previous].every(Object.isFrozen), `the backends of ${event.type} must be frozen`);
    }
    const handedOut = { register: [backend], registerAll: all.map((r) => r.backend), listBackends: listed };
    const more = { watch: snapshot, getBackend: [detail], cleanupExpiredBackends: removed };
    for (const [from, backends] of Object.entries({ ...handedOut, ...more })) {
      for (const each of backends) {
        ok(Object.isFrozen(each), `a backend from ${from} must be frozen`);
        ok(Object.isFrozen(each?.metadata), `the metadata of a backend from ${from} must be frozen`);
      }
    }
  },

  async 'registration: a backend that was handed out does not change when the registry does'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const registered = await registry.register(sample(1, { metadata: { role: 'api' }, zone: 'a' }));
    const listed = await registry.listBackends();
    const detail = await registry.getBackend(sample());
    const texts = [registered, listed, detail].map((part) => JSON.stringify(part));
    await registry.updateBackendHealth(sample(), false);
    await registry.updateBackendMetrics(sample(), { inFlightRequests: 9 });
    await registry.drain(sample());
    await registry.register(sample(1, { metadata: { role: 'web', more: '1' }, zone: 'b' }));
    equal(
      [registered, listed, detail].map((part) => JSON.stringify(part)),
      texts,
      'what was read before stays as it was read',
    );
    const now = await registry.listBackends();
    equal([now[0]?.status, now[0]?.zone, now[0]?.inFlightRequests], ['draining', 'b', 9], 'the registry has changed');
  },

  async 'registration: what is passed in can be changed afterwards without any effect'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const metadata: Record<string, string> = { role: 'api' };
    const input = { ...sample(), weight: 2, metadata };
    const list = [{ ...sample(2), metadata }];
    // Changed while the calls are on their way, and once more when they are back.
    const calls = [registry.register(input), registry.registerAll(list)] as const;
    metadata.role = 'changed';
    input.weight = 5;
    list.push({ ...sample(3), metadata });
    const [{ backend }, results] = await Promise.all(calls);
    metadata.more = 'changed';
    equal([results.length, backend.weight, backend.metadata], [1, 2, { role: 'api' }], 'what registering answers');
    equal(
      (await registry.listBackends()).map(({ id, metadata }) => [id, metadata]),
      [
        [idOf(1), { role: 'api' }],
        [idOf(2), { role: 'api' }],
      ],
      'what is stored',
    );
  },

  async "registration: the array that listBackends returns is the caller's own"(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2, { zone: 'a' }), sample(3, { zone: 'a' })]);
    for (const filter of [undefined, { zone: 'a' }, {}]) {
      const what = `with the filter ${JSON.stringify(filter)}`;
      const first = await registry.listBackends(filter);
      const copy = [...first];
      first.reverse();
      first.pop();
      first.push(first[0] as Backend);
      equal(await registry.listBackends(filter), copy, `${what}: a list that was changed changes no later list`);
    }
  },

  async 'registration: a backend that was read can be registered as it is'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2, COMPLETE)]);
    const listed = await registry.listBackends();
    equal(
      await registry.registerAll(listed),
      listed.map((backend) => ({ status: 'renewed', backend })),
      'registering what was listed changes nothing',
    );
    const detail = await registry.getBackend(sample(2));
    ok(detail !== null, 'it is registered');
    const renewed = { status: 'renewed', backend: listed[1] };
    equal(await registry.register(detail), renewed, 'registering what getBackend showed changes nothing');
    await registry.unregister(sample(2));
    const again = await registry.register(detail);
    const { registeredAt, metricsUpdatedAt, version } = again.backend;
    equal(
      again,
      { status: 'registered', backend: { ...withoutLease(detail), registeredAt, metricsUpdatedAt, version } },
      'what has left comes back with all that it had',
    );
  },

  async 'registration: listBackends is sorted by id'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    // Numbers, dots, dashes and slashes stand in another order by value or by a language than by their codes.
    const addresses = ['http://b:9', 'http://b:10', 'http://b:8000', 'http://a-b:1', 'http://a.b:1', 'http://ab:1'];
    const more = ['https://a:1', 'http://a/x:1', 'http://a/X:1', 'http://a/%7E', 'http://[::1]:1', 'http://10.0.0.9:1'];
    const port = (url: string) => ({ url, port: 7 });
    await registry.registerAll([...addresses.map((url) => ({ url })), ...more.slice(1, 4).map(port)]);
    await registry.registerAll([more[0], ...more.slice(4)].map((url) => ({ url: url as string })));
    const ids = (await registry.listBackends()).map(({ id }) => id);
    equal(ids.length, 12, 'each is listed');
    equal(ids, [...ids].sort(), 'in the order of their ids');
    await registry.unregister({ url: 'http://b:10' });
    await registry.updateBackendHealth({ url: 'http://ab:1' }, false);
    await registry.register({ url: 'http://aa:1' });
    const then = (await registry.listBackends()).map(({ id }) => id);
    const expected = [...ids.filter((id) => id !== 'http://b:10'), 'http://aa:1'].sort();
    equal(then, expected, 'after one left, one changed and one came');
    equal(await (await fixture.second()).listBackends(), await registry.listBackends(), 'through another handle');
  },

  async 'registration: thousands are listed whole, also by a handle that lists for the first time'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const numbers = Array.from({ length: 2_100 }, (_, n) => n + 1);
    for (let from = 0; from < numbers.length; from += 300) {
      await registry.registerAll(numbers.slice(from, from + 300).map((n) => sample(n)));
    }
    const expected = numbers.map(idOf).sort();
    const idsFor = async (handle: BackendRegistry) => (await handle.listBackends()).map(({ id }) => id);
    equal(await idsFor(registry), expected, 'through the handle that registered them');
    const other = await fixture.second();
    equal(await idsFor(other), expected, 'through one that lists for the first time');
    await registry.unregister(sample(1));
    await registry.updateBackendHealth(sample(2_100), false);
    equal(
      await idsFor(other),
      expected.filter((id) => id !== idOf(1)),
      'after one left and one changed',
    );
    equal(await other.listBackends(), await registry.listBackends(), 'both list the same');
  },

  async 'registration: a filter by status lists the backends that have it'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([sample(1), sample(2, { health: false }), sample(3), sample(4), sample(5)]);
    await registry.drain(sample(3));
    await registry.heartbeat({ ...sample(4), heartbeatTimeoutMs: shortLease(fixture) });
    await outlive(fixture);
    const ids = async (status: BackendStatus | BackendStatus[]) =>
      (await registry.listBackends({ status })).map(({ id }) => id);
    equal(await ids('healthy'), [idOf(1), idOf(5)], 'healthy');
    equal(await ids('unhealthy'), [idOf(2)], 'unhealthy');
    equal(await ids('draining'), [idOf(3)], 'draining');
    equal(await ids('expired'), [idOf(4)], 'expired');
    equal(await ids(['draining', 'healthy']), [idOf(1), idOf(3), idOf(5)], 'one of two');
    equal(await ids(['expired']), [idOf(4)], 'a list of one');
    equal((await ids(['healthy', 'unhealthy', 'draining', 'expired'])).length, 5, 'any');
    equal(await ids([]), [], 'a list of none');
    await registry.unregister(sample(2));
    equal(await ids('unhealthy'), [], 'none is left');
  },

  async 'registration: a filter by zone and metadata lists the backends that have all of it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    await registry.registerAll([
      sample(1, { zone: 'a', metadata: { role: 'api', version: '1' } }),
      sample(2, { zone: 'a', metadata: { role: 'web', version: '1' }, health: false }),
      sample(3, { zone: 'b', metadata: { role: 'api', version: '2' } }),
      sample(4, { metadata: { role: 'api' }, health: false }),
      sample(5),
    ]);
    const whole = await registry.listBackends();
    equal(whole.length, 5, 'no filter lists all');
    // One after the other on one handle, so that an answer kept for another filter shows.
    const table: [Parameters<typeof registry.listBackends>[0], number[]][] = [
      [{ zone: 'a' }, [1, 2]],
      [{ zone: 'b' }, [3]],
      [{ zone: 'A' }, []],
      [{ zone: 'null' }, []],
      [{ metadata: { role: 'api' } }, [1, 3, 4]],
      [{ metadata: { role: 'api', version: '1' } }, [1]],
      [{ metadata: { version: '1' } }, [1, 2]],
      [{ metadata: { role: 'ap' } }, []],
      [{ metadata: { api: 'role' } }, []],
      [{ metadata: { toString: '' } as never }, []],
      [{ zone: 'a', metadata: { role: 'api' } }, [1]],
      [{ status: 'unhealthy', metadata: { role: 'api' } }, [4]],
      [{ status: ['healthy', 'unhealthy'], zone: 'a', metadata: { version: '1' } }, [1, 2]],
      [{ status: 'healthy', zone: 'a', metadata: { version: '1' } }, [1]],
      [{ status: 'draining', zone: 'a' }, []],
      [{ metadata: {} }, [1, 2, 3, 4, 5]],
      [{}, [1, 2, 3, 4, 5]],
    ];
    for (const [filter, numbers] of table) {
      const expected = whole.filter(({ id }) => numbers.map((n) => idOf(n)).includes(id));
      equal(await registry.listBackends(filter), expected, `the filter ${JSON.stringify(filter)}`);
    }
    equal(await registry.listBackends(), whole, 'no filter still lists all');
  },

  async 'registration: a filter that is none is a TypeError'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    await registry.register(sample());
    const wrong = [{ status: 'sick' }, { status: ['healthy', 'sick'] }, { zone: 7 }, null, 'healthy', 7];
    for (const filter of wrong) {
      await rejectsType(registry.listBackends(filter as never), `the filter ${JSON.stringify(filter)}`);
    }
  },

  async 'registration: reading changes nothing'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const other = await fixture.second();
    await registry.registerAll([
      sample(1, COMPLETE),
      sample(2, { heartbeatTimeoutMs: shortLease(fixture), metadata: { role: 'late' } }),
    ]);
    await outlive(fixture);
    const before = await registry.getBackend(sample(1));
    const listed = await registry.listBackends();
    equal(
      listed.map(({ status }) => status),
      ['unhealthy', 'expired'],
      'one of them has expired',
    );
    await elapse(fixture, shortLease(fixture) / 10);
    for (const handle of [registry, other]) {
      equal(await handle.listBackends(), listed, 'a list, read again');
      equal(await handle.listBackends({ status: 'expired' }), listed.slice(1), 'a filtered list');
      equal(await handle.getBackend(sample(3)), null, 'what is not there');
      await using watcher = await Watcher.started(handle);
      equal(watcher.of('snapshot')[0]?.backends, listed, 'a snapshot');
      await handle.ping();
    }
    const after = await registry.getBackend(sample(1));
    ok(before !== null && after !== null, 'it is registered');
    equal({ ...after, expiresInMs: 0 }, { ...before, expiresInMs: 0 }, 'reading changes no field and no version');
    ok(
      after.expiresInMs < before.expiresInMs,
      `reading extends no lease: ${before.expiresInMs} ms were left, and then ${after.expiresInMs}`,
    );
    equal((await registry.getBackend(sample(2)))?.expiresInMs, 0, 'reading brings nothing back');
    const { removed } = await registry.cleanupExpiredBackends();
    equal(removed, listed.slice(1), 'reading removes nothing: the cleanup does');
  },
};

function withoutLease(detail: BackendDetail | null): Backend | null {
  if (detail === null) return null;
  const { lastHeartbeatAt: _lastHeartbeatAt, expiresInMs: _expiresInMs, ...backend } = detail;
  return backend;
}

/** A new life of the first sample, but for what the store decides. */
function fresh(): Omit<Backend, 'incarnation' | 'registeredAt' | 'version'> {
  return {
    id: idOf(),
    url: sample().url,
    port: 8001,
    health: true,
    status: 'healthy',
    inFlightRequests: 0,
    rifAvgLatency: 0,
    overallAvgLatency: 0,
    metricsUpdatedAt: null,
    weight: 1,
    zone: null,
    metadata: {},
  };
}
