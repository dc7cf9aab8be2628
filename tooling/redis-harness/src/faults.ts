/** What every Redis adapter makes of faults, on real servers: what a caller, a watcher and a view see, and what heals it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  type Announcement,
  announce,
  type BackendAddress,
  type BackendRegistry,
  RegistryError,
  type RegistryErrorCode,
  type RegistryEvent,
  startCleanup,
} from '@backend-registry/core';
import { type FaultProxy, startFaultProxy } from '@backend-registry/fault-proxy';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Adapter } from './adapter.ts';
import { Lag } from './lag.ts';
import { eventually, idOf, ids, sample, scriptsRun, Witness } from './witness.ts';

/** Deadline of a call in these tests: longer than a busy machine may stand still. */
const DEADLINE_MS = 1_000;
/** How much later than its deadline a call may be settled, what this process was late aside. */
const SLACK_MS = 1_000;
/** Longer than a test waits for what never comes: so it is the test that says what is missing. */
const LIMIT = { timeout: 30_000 };
const HEARTBEAT_MS = 500;
/** Long enough for nothing to expire in an outage of these tests. */
const LEASE_MS = 20_000;
/** Longer than calls about thousands take on a busy machine. */
const THOUSANDS_MS = 10_000;
const lag = new Lag();

export function testFaults({ name, open }: Adapter): void {
  const opened = (server: { url: string }, more: object = {}) =>
    open({ url: server.url, commandTimeoutMs: DEADLINE_MS, heartbeatTimeoutMs: LEASE_MS, ...more });
  /** Where no call waits for its deadline, none is ended that is only late. */
  const patient = (server: { url: string }, more: object = {}) =>
    opened(server, { commandTimeoutMs: THOUSANDS_MS, ...more });

  describe(`${name}: the server goes away`, LIMIT, () => {
    test('killed and started again with its data: nothing is lost, nothing happens twice', async (context) => {
      await using server = await startStandalone({ persistent: true });
      await using registry = opened(server);
      await using fleet = await Fleet.of(registry, 3);
      await using witness = await Witness.of(registry);
      const before = await registry.listBackends();

      await server.kill();
      await fails(registry.listBackends(), 'UNAVAILABLE');
      await fails(registry.register(sample(4)), 'UNAVAILABLE');
      await witness.stale();
      expect(witness.view.backends).toEqual(before);

      await server.restart();
      const answered = performance.now();
      await witness.settled();
      await told(context, 'killed, with data: fresh again after', answered);
      expect(await registry.listBackends()).toEqual(before);
      expect(witness.types()).toEqual(['snapshot initial', 'stale', 'fresh']);
      expect(witness.fewest).toBe(3);
      await fleet.registered();
    });

    test('killed and started again without its data: held, and all back with the next heartbeats', async (context) => {
      await using server = await startStandalone();
      await using registry = opened(server);
      await using fleet = await Fleet.of(registry, 3);
      await using witness = await Witness.of(registry);
      const before = await registry.listBackends();

      await server.kill();
      await witness.stale();
      await server.restart({ empty: true });
      const answered = performance.now();
      await eventually(async () => expect(ids(await registry.listBackends())).toEqual(ids(before)));
      await told(context, 'killed, without data: all back after', answered, HEARTBEAT_MS + SLACK_MS);
      await witness.settled();
      expect(witness.types()).toContain('snapshot reset');
      expect(witness.types()).not.toContain('removed');
      expect(witness.fewest).toBe(3);
      expect((await registry.listBackends()).map((b) => b.incarnation)).toEqual(before.map((b) => b.incarnation));
      await fleet.registered();
    });

    test('it comes back with a snapshot of before a life: that life registers again, and yields to any other', async (context) => {
      await using server = await startStandalone();
      await using registry = opened(server);
      const predecessor = { ...sample(1), incarnation: 'predecessor' };
      await registry.register(predecessor);
      await server.cli('SAVE');
      const paces = { heartbeatIntervalMs: HEARTBEAT_MS, drainNoticeMs: 0 };
      await using announcement = announce(registry, sample(1), paces);
      await announcement.ready;
      const incarnation = async () => (await registry.getBackend(sample(1)))?.incarnation;
      const lives = [announcement.incarnation, predecessor.incarnation];

      await server.kill();
      await server.restart();
      const answered = performance.now();
      expect(lives).toContain(await incarnation());
      await eventually(async () => expect(await incarnation()).toBe(announcement.incarnation));
      await told(
        context,
        'a snapshot: the life that it does not have is back after',
        answered,
        HEARTBEAT_MS + SLACK_MS,
      );
      expect(announcement.state).not.toBe('superseded');

      await registry.register(predecessor);
      await eventually(() => expect(announcement.state).toBe('superseded'));
      expect(await incarnation()).toBe(predecessor.incarnation);
    });

    // Versions follow time while it goes forward; of a clock that was ahead, they follow each other until time is there again.
    const setAhead = (server: RedisServer) =>
      server.cli('HSET', 'registry:meta', 'version', String((Date.now() + 3_600_000) * 1_000));
    /** It loses what it has not saved, and the writer drains the first backend before those behind the proxy are let in again. */
    const comesBack = async (server: RedisServer, proxy: FaultProxy, writer: BackendRegistry) => {
      proxy.refuse(true);
      await server.kill();
      await server.restart();
      await eventually(() => writer.drain(sample(1)));
    };

    test('it comes back with older data, after its clock had been ahead: the same version of something else is found out', async () => {
      await using server = await startStandalone();
      await using writer = opened(server);
      await using proxy = await startFaultProxy(server);
      await using reader = opened(proxy);
      await writer.register(sample(1));
      await setAhead(server);
      await using witness = await Witness.of(reader);
      await server.cli('SAVE');
      await writer.updateBackendHealth(sample(1), false);
      await eventually(() => expect(witness.view.backends).toMatchObject([{ status: 'unhealthy' }]));
      const before = witness.view.backends[0]?.version;

      await comesBack(server, proxy, writer);
      const listed = await writer.listBackends();
      proxy.refuse(false);
      expect(listed).toMatchObject([{ status: 'draining', health: true, version: before }]);
      await eventually(async () => expect(await reader.listBackends()).toEqual(listed));
      await witness.settled();
      expect(witness.view.backends).toEqual(listed);
      expect(witness.snapshots()).toEqual(['initial', 'resync']);
    });

    test('it comes back with older data, after its clock had been ahead: found out also by who only lists, and is not answered the first time', async () => {
      await using server = await startStandalone();
      await using writer = opened(server);
      await using proxy = await startFaultProxy(server);
      await using reader = opened(proxy);
      await writer.register(sample(1));
      await setAhead(server);
      await server.cli('SAVE');
      await writer.updateBackendHealth(sample(1), false);
      expect(await reader.listBackends()).toMatchObject([{ status: 'unhealthy' }]);

      await comesBack(server, proxy, writer);
      await fails(reader.listBackends(), 'UNAVAILABLE');
      proxy.refuse(false);
      // It connects again by itself.
      await sleep(1_000);
      await server.freeze();
      await fails(reader.listBackends(), 'TIMEOUT');
      server.thaw();
      const listed = await eventually(() => reader.listBackends());
      expect(listed).toMatchObject([{ status: 'draining', health: true }]);
      expect(listed).toEqual(await writer.listBackends());
    });

    test('it comes back with older data, its clock behind: what is older than what was told before is taken in', async () => {
      await using server = await startStandalone();
      await using writer = opened(server);
      await using proxy = await startFaultProxy(server);
      await using reader = opened(proxy);
      await writer.registerAll([sample(1), sample(2)]);
      // It looks when it begins and when it hears, and is told the rest.
      const events = reader.watch({ pollIntervalMs: 60_000 })[Symbol.asyncIterator]();
      await events.next();
      const next = events.next();
      await sleep(200);
      await server.cli('SAVE');
      await setAhead(server);
      await writer.updateBackendHealth(sample(1), false);
      expect((await next).value).toMatchObject({ type: 'updated', backend: { status: 'unhealthy' } });

      await comesBack(server, proxy, writer);
      const listed = await writer.listBackends();
      proxy.refuse(false);
      expect(listed).toMatchObject([{ status: 'draining', health: true }, { status: 'healthy' }]);
      await eventually(async () => expect(await reader.listBackends()).toEqual(listed));
      await events.return?.();
    });

    test('FLUSHALL under a running fleet: held, never empty, and all back within a heartbeat interval', async (context) => {
      await using server = await startStandalone();
      await using registry = opened(server, { heartbeatTimeoutMs: 3 * HEARTBEAT_MS });
      await using fleet = await Fleet.of(registry, 10);
      await using witness = await Witness.of(registry);
      await using cleanup = startCleanup(registry);
      await cleanup.ready;

      await server.cli('FLUSHALL');
      const flushed = performance.now();
      await eventually(async () => expect(await registry.listBackends()).toHaveLength(10));
      await told(context, 'FLUSHALL: all ten back after', flushed, HEARTBEAT_MS + SLACK_MS);
      await witness.settled();
      expect(witness.states).toContain('held');
      expect(witness.fewest).toBe(10);
      expect(witness.types()).toContain('snapshot reset');
      expect(witness.types()).not.toContain('removed');
      expect(cleanup.state).toBe('running');
      await fleet.registered();
    });

    test('SCRIPT FLUSH again and again under load: no caller notices', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await using witness = await Witness.of(registry);
      await registry.registerAll(Array.from({ length: 8 }, (_, n) => sample(n)));
      let done = false;
      let calls = 0;
      const worker = async (n: number) => {
        for (let round = 0; !done; round += 1) {
          const answers = await Promise.all([
            registry.heartbeat(sample(n)),
            registry.updateBackendHealth(sample(n), round % 2 === 0),
            registry.updateBackendMetrics(sample(n), { inFlightRequests: round + 1 }),
            registry.register(sample(n)),
            registry.getBackend(sample(n)),
            registry.listBackends(),
          ]);
          calls += answers.length;
        }
      };
      const load = Promise.all(Array.from({ length: 8 }, (_, n) => worker(n)));
      for (let flushes = 0; flushes < 100; flushes += 1) await server.cli('SCRIPT', 'FLUSH', 'SYNC');
      done = true;
      await load;
      expect(calls).toBeGreaterThan(100);
      await witness.settled();
      expect(witness.types()).not.toContain('stale');
    });

    test('nobody listens at the address', async (context) => {
      await using server = await startStandalone();
      await server.kill();
      await using registry = opened(server);
      const began = performance.now();
      const error = await fails(registry.listBackends(), 'UNAVAILABLE');
      await told(context, 'unreachable: told after', began);
      expect(error.message).toMatch(/Check that it runs, its address/);
      await server.restart();
      await eventually(() => registry.register(sample()));
    });

    test('the host has no address', async () => {
      await using registry = opened({ url: 'redis://nowhere.invalid:6379' });
      const error = await fails(registry.ping(), 'UNAVAILABLE');
      expect(error.message).toMatch(/address and the network/);
    });
  });

  describe(`${name}: the server does not answer`, LIMIT, () => {
    test('a script of another program keeps it busy', async (context) => {
      await using server = await startStandalone();
      await server.cli('CONFIG', 'SET', 'lua-time-limit', 100);
      await using registry = opened(server);
      await using fleet = await Fleet.of(registry, 2);
      await using witness = await Witness.of(registry);
      const before = await registry.listBackends();

      const endless = server.cli('EVAL', 'while true do end', 0).catch((error: unknown) => error);
      await eventually(() => expect(server.cli('PING')).rejects.toThrow(/^BUSY/));
      await fails(registry.listBackends(), ['UNAVAILABLE', 'TIMEOUT']);
      await fails(registry.register(sample(9)), ['UNAVAILABLE', 'TIMEOUT']);
      await witness.stale();
      await server.cli('SCRIPT', 'KILL');
      const killed = performance.now();
      expect(await endless).toMatchObject({ message: expect.stringMatching(/kill/i) });
      await witness.settled();
      await told(context, 'BUSY: fresh again after SCRIPT KILL', killed);
      // A call that was given up can still have been applied.
      expect(ids(await registry.listBackends())).toEqual(expect.arrayContaining(ids(before)));
      expect(witness.fewest).toBe(2);
      await fleet.registered();
    });

    test('CLIENT PAUSE longer than the deadline: TIMEOUT, and fresh when it is over', async (context) => {
      await using server = await startStandalone();
      await using registry = opened(server);
      await using fleet = await Fleet.of(registry, 2);
      await using witness = await Witness.of(registry);
      const pauseMs = 2_000;
      await server.cli('CLIENT', 'PAUSE', pauseMs, 'ALL');
      const paused = performance.now();
      await fails(registry.heartbeat(sample()), 'TIMEOUT');
      await witness.stale();
      await witness.settled();
      await told(context, `CLIENT PAUSE of ${pauseMs} ms: fresh again after`, paused, pauseMs + SLACK_MS);
      expect(witness.types()).toEqual(['snapshot initial', 'stale', 'fresh']);
      await fleet.registered();
    });

    test('CLIENT PAUSE shorter than the deadline: calls wait, and nobody notices', async () => {
      await using server = await startStandalone();
      await using registry = opened(server, { commandTimeoutMs: 5_000 });
      await using witness = await Witness.of(registry);
      await server.cli('CLIENT', 'PAUSE', 300, 'ALL');
      expect(await registry.register(sample())).toMatchObject({ status: 'registered' });
      await witness.settled();
      expect(witness.types()).toEqual(['snapshot initial', 'registered']);
    });

    test('stopped (SIGSTOP): calls that wait for each other have one deadline each', async () => {
      await using server = await startStandalone();
      const deadlineMs = 2 * SLACK_MS;
      await using registry = opened(server, { commandTimeoutMs: deadlineMs });
      await registry.listBackends();
      await server.freeze();
      const calls: Promise<number>[] = [];
      for (let n = 0; n < 4; n += 1) {
        const began = performance.now();
        calls.push(registry.listBackends().then(Number, () => lag.took(began)));
        await new Promise((resolve) => setTimeout(resolve, deadlineMs / 10));
      }
      for (const took of await Promise.all(calls)) expect(took).toBeLessThan(deadlineMs + SLACK_MS / 2);
      await server.thaw();
      await eventually(() => registry.listBackends());
    });

    test('a network on which the requests of one call take longer than its deadline: TIMEOUT, and the next one goes on from there', async () => {
      await using server = await startStandalone();
      await using near = opened(server, { commandTimeoutMs: THOUSANDS_MS });
      const many = Array.from({ length: 9_000 }, (_, n) => sample(n));
      await near.registerAll(many);
      await using proxy = await startFaultProxy(server);
      await using registry = opened(proxy, { commandTimeoutMs: DEADLINE_MS });
      await registry.ping();
      // In each direction: two requests have room in a deadline.
      proxy.delayMs = DEADLINE_MS / 5;
      const inTime = async (call: Promise<unknown>) => {
        const began = performance.now();
        await fails(call, 'TIMEOUT');
        expect(await lag.took(began)).toBeLessThan(DEADLINE_MS + SLACK_MS / 4);
      };
      await inTime(registry.listBackends());
      let tries = 0;
      const began = performance.now();
      const listed = await eventually(() => {
        tries += 1;
        return registry.listBackends();
      }, 20_000);
      expect(listed).toHaveLength(many.length);
      // One that stood still meanwhile was no try.
      const stoodStill = performance.now() - began - (await lag.took(began));
      expect(tries).toBeLessThan(5 + stoodStill / DEADLINE_MS);
      // Where a backend is in several scripts, they wait for each other.
      await inTime(registry.registerAll(Array.from({ length: 200 }, () => sample(0))));
      const beats = Array.from({ length: 2_000 }, (_, n) => ({
        ...sample(0),
        heartbeatTimeoutMs: LEASE_MS + Math.floor(n / 1_000),
      }));
      await inTime(registry.heartbeatAll(beats));
      // But not where they leave the same lease.
      await registry.heartbeatAll(beats.slice(0, 1_000));
    });

    test('a network on which a cleanup of all takes longer than its deadline: each call tells what it has removed', async () => {
      await using server = await startStandalone();
      await using near = opened(server, { heartbeatTimeoutMs: 1 });
      const many = Array.from({ length: 1_200 }, (_, n) => sample(n));
      await near.registerAll(many);
      const spoiled = `http://10.0.0.1:${sample(0).port}`;
      await server.cli('SET', `backend:${spoiled}`, 'of another program');
      await using proxy = await startFaultProxy(server);
      const commandTimeoutMs = 2 * SLACK_MS;
      await using registry = opened(proxy, { commandTimeoutMs });
      // After it has connected it compares everything once.
      for (const _ of ['once', 'twice']) await registry.listBackends();
      // In each direction: a call has room for five requests.
      proxy.delayMs = commandTimeoutMs / 10;
      const removed: string[] = [];
      let calls = 0;
      for (let next: number | null = 0; next !== null; calls += 1) {
        const began = performance.now();
        const result = await registry.cleanupExpiredBackends();
        expect(await lag.took(began)).toBeLessThan(commandTimeoutMs);
        expect(result.removed.length + result.corrupt.length).toBeGreaterThan(0);
        removed.push(...ids(result.removed), ...result.corrupt);
        next = result.nextExpiryInMs;
        expect(next ?? 0).toBe(0);
      }
      expect(calls).toBeGreaterThan(1);
      expect(removed.sort()).toEqual(many.map(({ url, port }) => `${url}:${port}`).sort());
    });

    test('stopped (SIGSTOP) for longer than the deadline', async (context) => {
      await using server = await startStandalone();
      await using registry = opened(server);
      await using fleet = await Fleet.of(registry, 2);
      await using witness = await Witness.of(registry);
      await server.freeze();
      const began = performance.now();
      await fails(registry.register(sample(3)), 'TIMEOUT');
      await told(context, `SIGSTOP: TIMEOUT, with a deadline of ${DEADLINE_MS} ms, after`, began);
      await fails(registry.listBackends(), 'TIMEOUT');
      await witness.stale();
      expect(witness.view.backends).toHaveLength(2);
      server.thaw();
      const thawed = performance.now();
      await witness.settled();
      await told(context, 'SIGSTOP: fresh again after SIGCONT', thawed);
      // It was applied when the server woke up, or is now.
      expect(['registered', 'renewed']).toContain((await registry.register(sample(3))).status);
      await witness.settled();
      expect(ids(await registry.listBackends())).toHaveLength(3);
      expect(witness.types().filter((type) => type === 'registered')).toHaveLength(1);
      await fleet.registered();
    });
  });

  describe(`${name}: the connections are lost, and nobody says so`, LIMIT, () => {
    test('a firewall has forgotten them: they are given up, and a watcher hears of changes again', async (context) => {
      await using server = await startStandalone();
      await using proxy = await startFaultProxy(server);
      await using registry = opened(proxy);
      await using fleet = await Fleet.of(registry, 2);
      await using witness = await Witness.of(registry);
      proxy.forget();
      const began = performance.now();
      await fails(registry.listBackends(), 'TIMEOUT');
      await witness.stale();
      await witness.settled(20_000);
      await told(context, 'forgotten connections: fresh again after', began, 20_000);
      expect(witness.fewest).toBe(2);
      await fleet.registered();
      await registry.register(sample(3));
      await witness.settled();
    });
  });

  describe(`${name}: the connections are well, and look as if they were not`, LIMIT, () => {
    test('long after a call that failed, one that takes too long gives up no connection', async () => {
      await using server = await startStandalone();
      await using proxy = await startFaultProxy(server);
      await using registry = opened(proxy);
      await registry.ping();
      proxy.refuse(true);
      proxy.cut();
      await fails(registry.ping(), 'UNAVAILABLE');
      proxy.refuse(false);
      await eventually(() => expect(proxy.connections).toBe(1));
      // Longer than a connection may be silent while something is asked.
      await sleep(6_500);
      const { accepted } = proxy;
      await server.freeze();
      await fails(registry.ping(), 'TIMEOUT');
      server.thaw();
      await eventually(() => registry.ping());
      expect(proxy.accepted).toBe(accepted);
    });
  });

  describe(`${name}: a watcher is away, and others leave`, { timeout: 60_000 }, () => {
    /** Removals that the store remembers. */
    const REMEMBERED = 10_000;
    const crowd = (size: number) => Array.from({ length: size }, (_, n) => sample(n + 1));
    const stays = sample(0);

    async function leave(registry: BackendRegistry, backends: readonly BackendAddress[]): Promise<void> {
      await registry.heartbeatAll(backends.map((backend) => ({ ...backend, heartbeatTimeoutMs: 1 })));
      let left = 0;
      await eventually(async () => {
        left += (await registry.cleanupExpiredBackends()).removed.length;
        expect(left).toBe(backends.length);
      });
    }

    for (const [size, title] of [
      [REMEMBERED, 'as many as are remembered: it is told each'],
      [REMEMBERED + 1, 'one more: it is given one snapshot'],
    ] as const) {
      test(`${title}, and is right from then on`, async () => {
        await using server = await startStandalone();
        await using proxy = await startFaultProxy(server);
        await using registry = opened(server, { commandTimeoutMs: THOUSANDS_MS });
        await using cut = opened(proxy, { commandTimeoutMs: 1_000 });
        const leaving = crowd(size);
        await registry.registerAll([stays, ...leaving]);

        const told: RegistryEvent[] = [];
        const following = (async () => {
          for await (const event of cut.watch({ pollIntervalMs: 100 })) told.push(event);
        })();
        const last = (type: string) => eventually(() => expect(told.at(-1)?.type).toBe(type));
        await last('snapshot');
        proxy.refuse(true);
        proxy.cut();
        await last('stale');
        await leave(registry, leaving);
        proxy.refuse(false);
        await last('fresh');
        await registry.register(sample(1));
        await last('registered');
        await cut.close();
        await following;

        const missed = told.slice(2, -2);
        if (size > REMEMBERED) {
          expect(missed).toMatchObject([{ type: 'snapshot', cause: 'resync', backends: [stays] }]);
        } else {
          expect(missed).toHaveLength(size);
          const left = missed.map((event) => (event.type === 'removed' ? event.backend.port : event));
          expect(left.toSorted()).toEqual(leaving.map(({ port }) => port).toSorted());
        }
      });
    }

    test('one that does not read, on a handle that does, is given one snapshot too', async () => {
      await using server = await startStandalone();
      await using registry = opened(server, { commandTimeoutMs: THOUSANDS_MS });
      await using busy = opened(server, { commandTimeoutMs: THOUSANDS_MS });
      const leaving = crowd(REMEMBERED + 1);
      await registry.registerAll([stays, ...leaving]);
      const events = busy.watch()[Symbol.asyncIterator]();
      expect((await events.next()).value).toMatchObject({ type: 'snapshot', cause: 'initial' });
      for (const some of [leaving.slice(0, 6_000), leaving.slice(6_000)]) {
        await leave(registry, some);
        await busy.listBackends();
      }
      expect((await events.next()).value).toMatchObject({ type: 'snapshot', cause: 'resync', backends: [stays] });
      await registry.register(sample(1));
      expect((await events.next()).value).toMatchObject({ type: 'registered', backend: sample(1) });
      await events.return?.();
    });
  });

  describe(`${name}: the server refuses`, LIMIT, () => {
    test('out of memory: what makes room still works', async (context) => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await using fleet = await Fleet.of(registry, 2);
      await registry.register(sample(3));
      await using witness = await Witness.of(registry);
      await server.cli('CONFIG', 'SET', 'maxmemory', 1);
      const error = await fails(registry.register(sample(4)), 'REFUSED');
      expect(error.message).toMatch(/maxmemory/);
      await fails(registry.updateBackendHealth(sample(3), false), 'REFUSED');
      await fleet.unreachable();
      expect(await registry.unregister(sample(3))).toEqual({ status: 'unregistered' });
      expect(await registry.listBackends()).toHaveLength(2);
      expect(await registry.getBackend(sample(1))).toMatchObject({ health: true });
      await witness.settled();
      expect(witness.types()).toEqual(['snapshot initial', 'removed']);

      await server.cli('CONFIG', 'SET', 'maxmemory', 0);
      const raised = performance.now();
      await fleet.registered();
      await told(context, 'OOM: heartbeats again after maxmemory was raised', raised);
      expect(await registry.register(sample(4))).toMatchObject({ status: 'registered' });
    });

    test('out of memory: what has expired can be cleaned up', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await registry.register({ ...sample(), heartbeatTimeoutMs: 1 });
      await eventually(async () => expect(await registry.getBackend(sample())).toMatchObject({ status: 'expired' }));
      await server.cli('CONFIG', 'SET', 'maxmemory', 1);
      expect(ids((await registry.cleanupExpiredBackends()).removed)).toEqual(['http://10.0.0.1:8001']);
    });

    for (const [title, credentials] of [
      ['no password', ''],
      ['a wrong password', ':not-the-secret@'],
      ['an unknown user', 'nobody:not-the-secret@'],
    ] as const) {
      test(`${title}: REFUSED at once, with what to do, and no secret in it`, async (context) => {
        await using server = await startStandalone({ password: 'the-secret' });
        await using registry = patient({ url: `redis://${credentials}${server.host}:${server.port}` });
        const began = performance.now();
        for (const call of [() => registry.listBackends(), () => registry.register(sample())]) {
          const error = await fails(call(), 'REFUSED');
          expect(error.message).toMatch(/password/);
          expect(inspect(error, { depth: 10 })).not.toContain('not-the-secret');
        }
        await told(context, `${title}: told after`, began);
      });
    }

    for (const [title, rights] of [
      ['none of our keys', '~other:* &* +@all'],
      ['no scripts', '~* &* +@all -@scripting'],
      [
        'none of the commands in our scripts',
        '~* &* +eval +evalsha +mget +subscribe +ping +info +client +hello +select',
      ],
      ['no channel', '~* resetchannels +@all'],
    ] as const) {
      test(`a user who may use ${title}: REFUSED, and the message names its ACL`, async () => {
        await using server = await startStandalone({ acl: [`app on >secret ${rights}`] });
        await using registry = patient({ url: `redis://app:secret@${server.host}:${server.port}` });
        const error = await fails(registry.register(sample()), 'REFUSED');
        expect(error.message).toMatch(/ACL.*allow/);
      });
    }

    test('a user who may not listen: the registry works, and a watcher polls', async () => {
      await using server = await startStandalone({ acl: ['app on >secret ~* &* +@all -subscribe'] });
      await using registry = patient({ url: `redis://app:secret@${server.host}:${server.port}` });
      await using witness = await Witness.of(registry);
      await registry.register(sample());
      await witness.settled();
      expect(witness.types()).toEqual(['snapshot initial', 'registered']);
    });

    test('a replica that takes no writes: reads work, writes say so within the deadline', async (context) => {
      await using master = await startStandalone({ args: ['--repl-diskless-sync-delay', '0'] });
      await using replica = await startStandalone({ args: ['--replicaof', master.host, String(master.port)] });
      await using writer = opened(master);
      await writer.register(sample());
      await using registry = opened(replica);
      await eventually(async () => expect(await registry.listBackends()).toHaveLength(1));
      await using witness = await Witness.of(registry);
      const began = performance.now();
      const error = await fails(registry.register(sample(2)), 'UNAVAILABLE');
      await told(context, `replica: a write is told after, with a deadline of ${DEADLINE_MS} ms,`, began);
      expect(error.message).toMatch(/READONLY/);
      await writer.register(sample(3));
      await eventually(async () => expect(await registry.listBackends()).toHaveLength(2));
      await witness.settled();
      await replica.cli('REPLICAOF', 'NO', 'ONE');
      await eventually(() => registry.register(sample(2)));
      await witness.settled();
    });

    for (const key of [
      'registry:leases',
      'registry:incarnations',
      'registry:versions',
      'registry:removed',
      'registry:meta',
    ]) {
      test(`another program has put something else at ${key}`, async () => {
        await using server = await startStandalone();
        await server.cli('SET', key, 'theirs');
        await using registry = patient(server);
        const error = await fails(registry.register(sample()), 'REFUSED');
        expect(error.message).toMatch(/keyPrefix/);
        expect(await server.cli('GET', key)).toBe('theirs');
        await using elsewhere = patient(server, { keyPrefix: 'ours:' });
        expect(await elsewhere.register(sample())).toMatchObject({ status: 'registered' });
        // Nothing was half written.
        await server.cli('DEL', key);
        expect(await registry.heartbeat(sample())).toEqual({ status: 'unknown' });
        expect(await registry.getBackend(sample())).toBeNull();
        expect(await registry.listBackends()).toEqual([]);
      });
    }

    test('another program has put something else where the rows of some backends belong', async () => {
      await using server = await startStandalone();
      await server.cli('HSET', 'backend:http://10.0.0.1:8001', 'theirs', '1');
      await server.cli('RPUSH', 'heartbeat:http://10.0.0.1:8002', 'theirs');
      await using registry = patient(server);
      const [first, second, third] = await Promise.allSettled([1, 2, 3].map((n) => registry.register(sample(n))));
      for (const refused of [first, second]) {
        expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'REFUSED' } });
      }
      expect(third).toMatchObject({ status: 'fulfilled', value: { status: 'registered' } });
      expect(await server.cli('HGET', 'backend:http://10.0.0.1:8001', 'theirs')).toBe('1');
      expect(await server.cli('LRANGE', 'heartbeat:http://10.0.0.1:8002', 0, -1)).toEqual(['theirs']);
      expect(ids(await registry.listBackends())).toEqual(['http://10.0.0.1:8003']);
    });

    test('the row of a successor is damaged: whoever was there before does not take its place', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      const paces = { heartbeatIntervalMs: 100, drainNoticeMs: 0 };
      await using before = announce(registry, sample(1), { ...paces, heartbeatIntervalMs: 1_000 });
      await before.ready;
      await using successor = announce(registry, sample(1), paces);
      await successor.ready;
      await server.cli('SET', `backend:${idOf(1)}`, 'damaged');
      const refused: string[] = [];
      await eventually(async () => {
        refused.push((await registry.heartbeat({ ...sample(1), incarnation: before.incarnation })).status);
        expect(refused.length).toBeGreaterThan(100);
      });
      let updated = false;
      void Promise.all([before.update({ weight: 5 }), before.update({ health: false })])
        .catch(() => undefined)
        .then(() => {
          updated = true;
        });
      await sleep(1_500); // a heartbeat of the one before, and more
      expect([...new Set(refused)]).toEqual(['fenced']);
      expect([updated, before.state]).toEqual([false, 'unreachable']);
      expect(successor.state).toBe('registered');
      expect(await server.cli('HGET', 'registry:incarnations', idOf(1))).toBe(JSON.stringify(successor.incarnation));
    });

    test('a row of which only the index was written: it is told once, and cleaned up once', async () => {
      await using server = await startStandalone();
      const corrupt: string[] = [];
      await using registry = patient(server, { onCorrupt: ({ id }: { id: string }) => corrupt.push(id) });
      await registry.register(sample(1));
      // A script that its user's rights have stopped.
      for (const index of ['versions', 'leases']) await server.cli('ZADD', `registry:${index}`, 1, idOf(2));
      expect(ids(await registry.listBackends())).toEqual([idOf(1)]);
      expect(corrupt).toEqual([idOf(2)]);
      expect(await registry.cleanupExpiredBackends()).toMatchObject({ removed: [], corrupt: [idOf(2)] });
      const { nextExpiryInMs, ...nothing } = await registry.cleanupExpiredBackends();
      expect(nothing).toEqual({ removed: [], corrupt: [] });
      expect(nextExpiryInMs).toBeGreaterThan(1_000);
    });

    test('a lease that another program has given no end: it never ends', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await registry.register(sample(1));
      await server.cli('ZADD', 'registry:leases', 'inf', idOf(1));
      expect(await registry.getBackend(sample(1))).toMatchObject({
        status: 'healthy',
        expiresInMs: Number.POSITIVE_INFINITY,
      });
      expect(await registry.cleanupExpiredBackends()).toEqual({ removed: [], corrupt: [], nextExpiryInMs: null });
    });

    test('another program damages rows of backends: each is told once, and cleaned up', async () => {
      await using server = await startStandalone();
      const told: string[] = [];
      await using registry = patient(server, { onCorrupt: ({ id }: { id: string }) => told.push(id) });
      await using other = patient(server);
      await registry.registerAll([1, 2, 3].map((n) => sample(n)));
      for (const each of [registry, other]) expect(await each.listBackends()).toHaveLength(3);
      await server.cli('SET', 'backend:http://10.0.0.1:8001', 'no JSON');
      await server.cli('DEL', 'backend:http://10.0.0.1:8002');
      await server.cli('HSET', 'backend:http://10.0.0.1:8002', 'a', 'hash');
      // Whoever reads one of them finds them all; otherwise it takes up to a minute.
      for (const each of [registry, other]) expect(await each.getBackend(sample(1))).toBeNull();
      for (const each of [registry, other]) expect(ids(await each.listBackends())).toEqual(['http://10.0.0.1:8003']);
      expect(told.sort()).toEqual(['http://10.0.0.1:8001', 'http://10.0.0.1:8002']);
      // Who finds them with a first list knows them as well, and compares without beginning anew: the backend, what has changed, all versions.
      await using newcomer = patient(server);
      expect(ids(await newcomer.listBackends())).toEqual(['http://10.0.0.1:8003']);
      const before = await scriptsRun(server);
      expect(await newcomer.getBackend(sample(1))).toBeNull();
      expect(await scriptsRun(server)).toBe(before + 3);
      const { corrupt } = await other.cleanupExpiredBackends();
      expect([...corrupt].sort()).toEqual(['http://10.0.0.1:8001', 'http://10.0.0.1:8002']);
      expect(await registry.register(sample(1))).toMatchObject({ status: 'registered' });
      expect(ids(await other.listBackends())).toEqual(['http://10.0.0.1:8001', 'http://10.0.0.1:8003']);
    });

    test('another program changes a document in place: whoever compares everything lists it, after one snapshot', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await registry.registerAll([sample(1), sample(2)]);
      await using witness = await Witness.of(registry);
      const document = String(await server.cli('GET', `backend:${idOf(1)}`));
      await server.cli('SET', `backend:${idOf(1)}`, document.replace('"health":true', '"health":false'));
      expect(await registry.getBackend(sample(1))).toMatchObject({ status: 'unhealthy' });
      expect(await registry.listBackends()).toMatchObject([{ status: 'healthy' }, { status: 'healthy' }]);

      await server.cli('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await eventually(async () => {
        expect(await registry.listBackends()).toMatchObject([{ status: 'unhealthy' }, { status: 'healthy' }]);
      });
      await witness.settled();
      expect(witness.snapshots()).toEqual(['initial', 'resync']);
    });

    test('another program puts an old document back: who lists for the first time compares once, and begins anew no more', async () => {
      await using server = await startStandalone();
      await using writer = patient(server);
      await writer.registerAll([1, 2, 3].map((n) => sample(n)));
      const key = 'backend:http://10.0.0.1:8001';
      const before = String(await server.cli('GET', key));
      await writer.updateBackendHealth(sample(1), false);
      await server.cli('SET', key, before);
      // Each look for what cannot be read compares everything.
      await server.cli('SET', 'backend:http://10.0.0.1:8002', 'no JSON');
      await using reader = patient(server);
      await using witness = await Witness.of(reader);
      for (let looks = 0; looks < 3; looks += 1) {
        const run = await scriptsRun(server);
        expect(await reader.getBackend(sample(2))).toBeNull();
        if (looks > 0) expect(await scriptsRun(server)).toBeLessThanOrEqual(run + 4);
      }
      await witness.settled();
      expect(witness.snapshots().length).toBeLessThanOrEqual(2);
      expect(ids(await reader.listBackends())).toEqual(['http://10.0.0.1:8001', 'http://10.0.0.1:8003']);
    });

    test('another program puts entries of its own into the indexes: what is ours is listed', async () => {
      await using server = await startStandalone();
      const told: string[] = [];
      await using registry = patient(server, { onCorrupt: ({ id }: { id: string }) => told.push(id) });
      await registry.registerAll([1, 2].map((n) => sample(n)));
      expect(await registry.listBackends()).toHaveLength(2);
      await server.cli('ZADD', 'registry:leases', '+inf', 'http://10.0.0.1:8001');
      const version = Number(await server.cli('HGET', 'registry:meta', 'version'));
      await server.cli('ZADD', 'registry:versions', version + 1, 'their\tentry');
      await registry.drain(sample(2));
      await using newcomer = patient(server);
      for (const each of [registry, newcomer]) {
        expect((await each.listBackends()).map(({ status }) => status)).toEqual(['healthy', 'draining']);
      }
      expect(told).toEqual(['their\tentry']);
    });

    test('two databases share the channel: changes in one cost watchers of the other nothing', async () => {
      await using server = await startStandalone();
      await using ours = patient(server);
      await using theirs = patient({ url: `${server.url}/1` });
      await ours.register(sample());
      await theirs.register(sample(2));
      await using witness = await Witness.of(ours);
      // The first one is unknown to the watchers here: they look, and find that it is none of theirs.
      await theirs.updateBackendHealth(sample(2), false);
      await witness.settled();
      const before = await scriptsRun(server);
      const began = performance.now();
      for (let n = 0; n < 300; n += 1) await theirs.updateBackendHealth(sample(2), n % 2 === 0);
      const polls = 3 + (2 * (performance.now() - began)) / 80;
      expect(await scriptsRun(server)).toBeLessThanOrEqual(before + 300 + polls);
      expect(witness.types().filter((type) => type === 'updated')).toEqual([]);
    });

    test('calls that nobody waits for are done in the order in which they were made, once the server knows the scripts', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await registry.register(sample());
      await registry.updateBackendHealth(sample(), false);
      await registry.unregister(sample());
      const backends = Array.from({ length: 100 }, (_, n) => sample(n));
      const calls = [
        backends.map((backend) => registry.register(backend)),
        backends.map((backend) => registry.drain(backend)),
        backends.map((backend) => registry.unregister(backend)),
        backends.map((backend) => registry.updateBackendHealth(backend, false)),
      ];
      for (const [at, status] of ['registered', 'updated', 'unregistered', 'unknown'].entries()) {
        const results = await Promise.all<{ status: string }>(calls[at] ?? []);
        expect(results.map((result) => result.status)).toEqual(Array(100).fill(status));
      }
    });

    test('what comes after heartbeats of many is done after all of them, also where one beats twice', async () => {
      await using server = await startStandalone();
      await using registry = patient(server, { commandTimeoutMs: THOUSANDS_MS });
      const backends = Array.from({ length: 1_100 }, (_, n) => sample(n));
      const last = sample(1_099);
      for (let n = 0; n < 5; n += 1) {
        await registry.registerAll(backends);
        const beating = registry.heartbeatAll([last, ...backends]);
        const [beats, { status }] = await Promise.all([beating, registry.unregister(last)]);
        expect(status).toBe('unregistered');
        expect(new Set(beats.map((beat) => beat.status))).toEqual(new Set(['renewed']));
      }
    });

    test('backends come and go all the time: none is taken for a damaged one', async () => {
      await using server = await startStandalone();
      const told: unknown[] = [];
      await using reader = patient(server, { onCorrupt: (row: unknown) => told.push(row) });
      const writers = [patient(server), patient(server)];
      let over = false;
      const comeAndGo = writers.map(async (writer, n) => {
        for (let turn = 0; !over; turn += 1) {
          await writer.register(sample((turn + n) % 3));
          await writer.unregister(sample((turn + n) % 3));
        }
      });
      for (let reads = 0; reads < 1_500; reads += 1) await reader.listBackends();
      over = true;
      await Promise.all(comeAndGo);
      for (const writer of writers) await writer[Symbol.asyncDispose]();
      expect(told).toEqual([]);
    });

    test('a first list of more backends than a page names, while some change and others come and go', async () => {
      await using server = await startStandalone();
      await using writer = patient(server);
      const [lasting, changing, coming] = [5_000, 40, 20];
      await writer.registerAll(Array.from({ length: lasting }, (_, n) => sample(n)));
      let over = false;
      const changes = (async () => {
        for (let turn = 0; !over; turn += 1) {
          const some = Array.from({ length: changing }, (_, n) => sample((turn * changing + n) % lasting));
          await Promise.all(some.map((backend) => writer.updateBackendMetrics(backend, { inFlightRequests: turn })));
          const others = Array.from({ length: coming }, (_, n) => sample(lasting + n));
          if (turn % 2 === 0) await writer.registerAll(others);
          else await Promise.all(others.map((backend) => writer.unregister(backend)));
        }
      })();
      await using stack = new AsyncDisposableStack();
      const readers = Array.from({ length: 10 }, () => stack.use(patient(server)));
      const missing: string[] = [];
      for (const reader of readers) {
        const listed = new Set(ids(await reader.listBackends()));
        const all = Array.from({ length: lasting }, (_, n) => `http://10.0.0.1:${sample(n).port}`);
        missing.push(...all.filter((id) => !listed.has(id)));
      }
      over = true;
      await changes;
      expect(missing).toEqual([]);
      for (const reader of readers) expect(await reader.listBackends()).toEqual(await writer.listBackends());
    });

    test('another program talks on the channel of the registry', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await registry.register(sample());
      await using witness = await Witness.of(registry);
      const told = await server.cli('HGET', 'registry:meta', 'told');
      const next = String(Number(told) + 1);
      for (const message of [
        'x',
        '',
        '\t',
        `${told}\t${next}`,
        `${told}\t${next}\t+`,
        `${told}\t${next}\t?1\thttp://a:1\t{}`,
        `${told}\t${next}\t=\thttp://a:1\t{"url":"http://a"}`,
        `${told}\t${next}\t+1\thttp://a:1\tnot JSON`,
        `0\t${next}\t=\thttp://a:1\t{}`,
        `${next}\t${next}0\t-${next}0\thttp://a:1\texpired`,
      ]) {
        await server.cli('PUBLISH', 'registry:changes', message);
      }
      await registry.register(sample(2));
      await witness.settled();
      expect(ids(await registry.listBackends())).toEqual(['http://10.0.0.1:8001', 'http://10.0.0.1:8002']);
    });

    test('a command that it does not know: the version is named, and no argument', async () => {
      await using server = await startStandalone({ args: ['--rename-command', 'EVALSHA', ''] });
      await using registry = patient(server, { keyPrefix: 'argument:' });
      const error = await fails(registry.register(sample()), 'REFUSED');
      expect(error.message).toMatch(/Redis 6\.2/);
      expect(error.message).not.toContain('argument');
    });

    test('another error: what the server says, as far as it is known, and no version', async () => {
      await using server = await startStandalone();
      await using registry = patient({ url: `${server.url}/99999999999` });
      const error = await fails(registry.ping(), 'REFUSED');
      expect(error.message).toContain('database 99999999999');
      expect(error.message).not.toContain('6.2');
    });

    test('as many clients as it takes: UNAVAILABLE, and it works once one has left', async () => {
      await using server = await startStandalone();
      await using first = opened(server);
      await first.ping();
      await server.cli('CONFIG', 'SET', 'maxclients', 1);
      await using second = opened(server);
      // What it says is sometimes overtaken by the end of the connection.
      const error = await fails(second.ping(), 'UNAVAILABLE');
      expect(error.message).toMatch(/max number of clients reached|cannot be reached/);
      await first.close();
      await eventually(() => second.ping());
    });

    test('a registry that another version of the library wrote is refused, and left as it is', async () => {
      await using server = await startStandalone();
      await using registry = patient(server);
      await registry.register(sample());
      await server.cli('HSET', 'registry:meta', 'schema', '2');
      const before = await server.cli('GET', `backend:${sample().url}:${sample().port}`);
      for (const call of [
        () => registry.listBackends(),
        () => registry.register({ ...sample(), weight: 2 }),
        () => registry.updateBackendHealth(sample(), false),
        () => registry.updateBackendHealth(sample(), true),
        () => registry.heartbeat(sample()),
        () => registry.getBackend(sample()),
        () => registry.unregister(sample()),
        () => registry.cleanupExpiredBackends(),
      ]) {
        const error = await fails(call(), 'UNSUPPORTED');
        expect(error.message).toMatch(/schema 2.*keyPrefix/);
      }
      expect(await server.cli('GET', `backend:${sample().url}:${sample().port}`)).toBe(before);
    });
  });
}

/** Backends that announce themselves. */
class Fleet implements AsyncDisposable {
  readonly #announcements: readonly Announcement[];

  private constructor(announcements: readonly Announcement[]) {
    this.#announcements = announcements;
  }

  static async of(registry: BackendRegistry, size: number): Promise<Fleet> {
    const announcements = Array.from({ length: size }, (_, n) =>
      announce(registry, sample(n + 1), { heartbeatIntervalMs: HEARTBEAT_MS }),
    );
    for (const { ready } of announcements) await ready;
    return new Fleet(announcements);
  }

  registered(): Promise<void> {
    return this.#all('registered');
  }

  unreachable(): Promise<void> {
    return this.#all('unreachable');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#announcements.map((announcement) => announcement.close({ deadlineMs: 0 })));
  }

  async #all(state: string): Promise<void> {
    await eventually(() => {
      for (const announcement of this.#announcements) expect(announcement.state).toBe(state);
    });
  }
}

/** The call must fail with one of these codes, and within its deadline. */
async function fails(
  call: Promise<unknown>,
  codes: RegistryErrorCode | readonly RegistryErrorCode[],
): Promise<RegistryError> {
  const began = performance.now();
  const error = await call.then(
    (value) => expect.fail(`it resolved to ${inspect(value)}`),
    (thrown: unknown) => thrown,
  );
  const took = await lag.took(began);
  if (!RegistryError.is(error)) throw error;
  expect([codes].flat(), error.message).toContain(error.code);
  expect(took).toBeLessThan(DEADLINE_MS + SLACK_MS);
  return error;
}

/** Keeps how long something took with the test, and checks it against a generous limit. */
async function told({ annotate }: TestContext, what: string, since: number, limitMs = 5_000): Promise<void> {
  const ms = await lag.took(since);
  await annotate(`${what} ${Math.round(ms)} ms`);
  expect(ms, what).toBeLessThan(limitMs);
}
