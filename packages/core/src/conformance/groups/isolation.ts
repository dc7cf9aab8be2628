/** Two prefixes share nothing, whatever they look like. */
import type { Backend, BackendRegistry } from '../../contract.ts';
import { equal, ok } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, idOf, outlive, sample, shortLease, Watcher } from '../tools.ts';

/** Beginnings of one another, what a store or a script might put between or behind, and what a glob would match the others with. */
const SUFFIXES = ['', 'a', 'a:', 'ab', 'a:b', 'A', ':', 'backend:', 'heartbeat:', 'registry:', 'registry:meta'];
const SPELLINGS = ['', ' ', 'a', 'a ', ' a', '\u00e9', 'e\u0301', '\u00c9'];
const GLOBS = ['', 'a', '*', '?', '[a]', '[^b]', '\\*', 'a*', '%', '.*'];

export const isolation = {
  async 'isolation: registries whose prefixes begin with one another share no backend'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await keepsApart(fixture, SUFFIXES);
  },

  async 'isolation: registries whose prefixes differ in white space, or in how a letter is spelled, share no backend'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await keepsApart(fixture, SPELLINGS);
  },

  async 'isolation: registries whose prefixes are patterns of one another share no backend'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await keepsApart(fixture, GLOBS);
  },

  async 'isolation: a watch sees what happens under its own prefix, and nothing else'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await using registries = await openAll(fixture, ['', 'a', 'a:', 'ab']);
    const [outer, own, inner, other] = registries.handles;
    ok(outer && own && inner && other, 'each prefix is open');
    await own.register(sample(1));
    for (const handle of [outer, inner, other]) await handle.register(sample(1));
    await using watcher = await Watcher.started(own);
    for (const handle of [outer, inner, other]) {
      await handle.register(sample(2));
      await handle.updateBackendHealth(sample(1), false);
      await handle.drain(sample(1));
      await handle.unregister(sample(1));
    }
    await own.register(sample(3));
    // Its own change is the last one, so that whatever would come from elsewhere has come before it.
    await watcher.until((events) => events.length > 1, 'the registration under its own prefix');
    equal(
      watcher.events.map((event) => ('backend' in event ? [event.type, event.backend.id] : [event.type])),
      [['snapshot'], ['registered', idOf(3)]],
      'the events under its own prefix',
    );
    equal(
      watcher.of('snapshot')[0]?.backends.map(({ id, status }) => [id, status]),
      [[idOf(1), 'healthy']],
      'the snapshot under its own prefix',
    );
    await watcher.settled(own);
  },

  async 'isolation: a cleanup removes what has expired under its own prefix, and nothing else'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    await using registries = await openAll(fixture, ['', 'a', 'a:', 'ab', '*']);
    const { handles } = registries;
    const lease = { heartbeatTimeoutMs: shortLease(fixture) };
    for (const [n, handle] of handles.entries()) await handle.registerAll([sample(1, lease), sample(n + 2, lease)]);
    await outlive(fixture);
    for (const [n, handle] of handles.entries()) {
      const { removed, corrupt, nextExpiryInMs } = await handle.cleanupExpiredBackends();
      const ids = removed.map(({ id }) => id).sort();
      equal([ids, corrupt, nextExpiryInMs], [[idOf(1), idOf(n + 2)].sort(), [], null], `cleanup of prefix ${n}`);
      for (const [m, other] of handles.entries()) {
        equal((await other.listBackends()).length, m <= n ? 0 : 2, `prefix ${m} after the cleanup of prefix ${n}`);
      }
    }
  },
};

interface Registries extends AsyncDisposable {
  readonly handles: readonly BackendRegistry[];
}

/** Handles on prefixes that nobody else has, all on one slot of a cluster. What is registered under them goes with them. */
async function openAll(fixture: ConformanceFixture, suffixes: readonly string[]): Promise<Registries> {
  const unique = `{conformance-${crypto.randomUUID()}}`;
  const handles: BackendRegistry[] = [];
  for (const suffix of suffixes) handles.push(await fixture.second({ keyPrefix: `${unique}${suffix}` }));
  return {
    handles,
    async [Symbol.asyncDispose]() {
      for (const handle of handles) for (const backend of await handle.listBackends()) await handle.unregister(backend);
    },
  };
}

async function keepsApart(fixture: ConformanceFixture, suffixes: readonly string[]): Promise<void> {
  await using registries = await openAll(fixture, suffixes);
  const { handles } = registries;
  const expected: Backend[] = [];
  const check = async (when: string) => {
    const look = async (handle: BackendRegistry, n: number) => {
      const what = `the prefix …${JSON.stringify(suffixes[n])} ${when}`;
      const own = expected[n] === undefined ? [] : [expected[n]];
      equal(await handle.listBackends(), own, `${what}: its list`);
      const { lastHeartbeatAt: _beat, expiresInMs: _left, ...detail } = (await handle.getBackend(sample())) ?? {};
      equal(detail, own[0] ?? {}, `${what}: its backend`);
    };
    await Promise.all(handles.map(look));
  };
  await check('before anything is registered');
  for (const [n, handle] of handles.entries()) {
    const { status, backend } = await handle.register(sample(1, { weight: n, metadata: { prefix: `${n}` } }));
    equal(status, 'registered', `the same address under …${JSON.stringify(suffixes[n])}`);
    expected[n] = backend;
  }
  await check('when the same address is registered under each');
  equal(await fixture.registry.listBackends(), [], "the fixture's own prefix");

  // One of them changes in every way, with the incarnation that fences it and without.
  const [first] = handles;
  ok(first !== undefined, 'there is a prefix');
  await elapse(fixture, shortLease(fixture) / 10);
  await first.updateBackendHealth(sample(), false);
  await first.updateBackendMetrics(sample(), { inFlightRequests: 9 });
  await first.drain(sample());
  equal(await first.heartbeat(expected[1] ?? sample()), { status: 'fenced' }, 'a life under another prefix');
  expected[0] = (await first.listBackends())[0] as Backend;
  equal(expected[0].status, 'draining', 'it has changed');
  await check('when one has changed');
  for (const [n, handle] of handles.entries()) {
    equal(await handle.unregister(sample()), { status: 'unregistered' }, `under …${JSON.stringify(suffixes[n])}`);
    delete expected[n];
    if (n < 3) await check(`when ${n + 1} have left`);
  }
  await check('when all have left');
}
