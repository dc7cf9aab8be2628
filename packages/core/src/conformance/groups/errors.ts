/** How failures arrive: as rejections, with a code that is stable and a message that says what to do. */
import type { BackendRegistry, RegistryOptions } from '../../contract.ts';
import { RegistryError, type RegistryErrorCode } from '../../index.ts';
import { equal, fail, ok, rejects, rejectsType } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { sample } from '../tools.ts';

export const errors = {
  async 'errors: a failure is a RegistryError with a code, a name and a message'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const closed = await fixture.second();
    await closed.close();
    const failures: [RegistryErrorCode, Promise<unknown>][] = [
      ['INVALID_BACKEND', registry.register({ url: 'nonsense' })],
      ['CONFIGURATION', registry.heartbeat({ ...sample(), heartbeatTimeoutMs: -1 })],
      ['CLOSED', closed.listBackends()],
    ];
    for (const [code, promise] of failures) {
      const error = await rejects(promise, code, code);
      ok(error instanceof Error, `${code}: it must be an Error`);
      equal([error.name, error.code], ['RegistryError', code], `${code}: its name and code`);
      ok(RegistryError.is(error) && RegistryError.is(error, code), `${code}: RegistryError.is recognises it`);
      ok(!RegistryError.is(error, 'UNSUPPORTED'), `${code}: RegistryError.is tells codes apart`);
    }
  },

  async 'errors: RegistryError keeps its cause'(_fixture: ConformanceFixture): Promise<void> {
    const cause = new Error('the socket was closed');
    const error = new RegistryError('UNAVAILABLE', 'the store cannot be reached', { cause });
    equal([error.code, error.message], ['UNAVAILABLE', 'the store cannot be reached'], 'code and message');
    ok(error.cause === cause, 'the cause is the very error');
    equal(new RegistryError('CLOSED', 'closed').cause, undefined, 'without a cause there is none');
  },

  async 'errors: RegistryError.is recognises an error of another copy of the package, and nothing else'(
    _fixture: ConformanceFixture,
  ): Promise<void> {
    const brand = Symbol.for('@backend-registry/error');
    class FromAnotherCopy extends Error {
      readonly code = 'TIMEOUT';
      constructor() {
        super('no answer');
        Object.defineProperty(this, brand, { value: true });
      }
    }
    const other = new FromAnotherCopy();
    ok(!(other instanceof RegistryError), 'it is of another class');
    ok(RegistryError.is(other), 'it is recognised by its brand');
    ok(RegistryError.is(other, 'TIMEOUT'), 'and so is its code');
    ok(!RegistryError.is(other, 'CLOSED'), 'and no other');
    ok(Reflect.get(new RegistryError('CLOSED', 'closed'), brand) === true, 'other copies recognise this one');
    const lookAlike = Object.assign(new Error('closed'), { code: 'CLOSED', name: 'RegistryError' });
    for (const value of [undefined, null, 'CLOSED', 7, {}, { code: 'CLOSED' }, new Error('closed'), lookAlike, brand]) {
      ok(!RegistryError.is(value), `${String(value)} is no RegistryError`);
    }
  },

  async 'errors: no method throws, whatever it is given: it rejects'(fixture: ConformanceFixture): Promise<void> {
    for (const value of [undefined, null, 'http://api.example.com', 7, true, [], {}, Symbol('x'), () => 7]) {
      const closed = await fixture.second();
      await closed.close();
      for (const registry of [fixture.registry, closed]) {
        for (const [name, call] of Object.entries(callsWith(registry, value))) {
          const what = `${name}(${String(value)})`;
          let promise: Promise<unknown>;
          try {
            promise = call();
          } catch (error) {
            return fail(`${what} threw ${error}: it must reject`);
          }
          ok(typeof promise?.then === 'function', `${what} must return a promise`);
          await promise.catch((error: unknown) => {
            ok(
              error instanceof TypeError || RegistryError.is(error),
              `${what} must reject with a TypeError or a RegistryError, not with ${error}`,
            );
          });
        }
      }
    }
    equal(await fixture.registry.listBackends(), [], 'nothing is stored');
  },

  async 'errors: watch throws nothing: its first event rejects'(fixture: ConformanceFixture): Promise<void> {
    for (const pollIntervalMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '7']) {
      const what = `pollIntervalMs ${pollIntervalMs} (${typeof pollIntervalMs})`;
      const watch = fixture.registry.watch({ pollIntervalMs: pollIntervalMs as number });
      const error = await rejects(watch[Symbol.asyncIterator]().next(), 'CONFIGURATION', what);
      ok(error.message.includes('pollIntervalMs'), `${what}: "${error.message}" must name the option`);
    }
  },

  async 'errors: an argument of a wrong kind altogether is a TypeError, and nothing is stored'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    for (const value of [undefined, null, 'http://backend-2.example.com:8002', 7, true]) {
      for (const [name, call] of Object.entries(callsWith(registry, value))) {
        // No filter and no options are fine, and so is any argument where there is none.
        if (OPTIONAL.has(name)) continue;
        await rejectsType(call(), `${name}(${JSON.stringify(value)})`);
      }
    }
    for (const value of [{}, { length: 1, 0: sample(2) }, new Set([sample(2)])]) {
      await rejectsType(registry.registerAll(value as never), 'registerAll of what is no array');
      await rejectsType(registry.heartbeatAll(value as never), 'heartbeatAll of what is no array');
    }
    for (const value of [undefined, null, 'http://backend-2.example.com:8002']) {
      await rejectsType(registry.registerAll([sample(2), value as never]), 'registerAll with what is no backend');
      await rejectsType(registry.heartbeatAll([sample(), value as never]), 'heartbeatAll with what is no backend');
    }
    equal(await registry.listBackends(), [backend], 'nothing is stored, nothing has changed');
  },

  async 'errors: a heartbeat timeout that is not finite and above 0 is a CONFIGURATION error that names it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const { registry } = fixture;
    const { backend } = await registry.register(sample());
    const before = await registry.getBackend(sample());
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '60', null, true]) {
      const given = { heartbeatTimeoutMs: value as number };
      const calls = {
        register: () => registry.register(sample(2, given)),
        'register again': () => registry.register(sample(1, given)),
        registerAll: () => registry.registerAll([sample(1), sample(2, given)]),
        heartbeat: () => registry.heartbeat({ ...sample(), ...given }),
        heartbeatAll: () => registry.heartbeatAll([sample(), { ...sample(), ...given }]),
        'a new handle': async () => fixture.second(given),
      };
      for (const [name, call] of Object.entries(calls)) {
        const what = `${name} with ${value} (${typeof value})`;
        const { message } = await rejects(call(), 'CONFIGURATION', what);
        ok(message.includes('heartbeatTimeoutMs'), `${what}: "${message}" must name the option`);
        ok(message.includes(String(value)), `${what}: "${message}" must have the value`);
      }
    }
    equal(await registry.listBackends(), [backend], 'nothing is stored, nothing has changed');
    const after = await registry.getBackend(sample());
    equal(after?.lastHeartbeatAt, before?.lastHeartbeatAt, 'no lease is renewed');
  },

  async 'errors: an option out of range is a CONFIGURATION error that names it'(
    fixture: ConformanceFixture,
  ): Promise<void> {
    const durations = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '2000', null];
    const table: [keyof RegistryOptions, unknown][] = [
      ...durations.map((value): [keyof RegistryOptions, unknown] => ['commandTimeoutMs', value]),
      ['keyPrefix', 7],
      ['keyPrefix', null],
      ['keyPrefix', 'a\ud800'],
      ['onCorrupt', 'log'],
      ['onCorrupt', {}],
    ];
    for (const [option, value] of table) {
      const what = `${option} ${JSON.stringify(value)} (${typeof value})`;
      const open = async () => fixture.second({ [option]: value } as RegistryOptions);
      const { message } = await rejects(open(), 'CONFIGURATION', what);
      ok(message.includes(option), `${what}: "${message}" must name the option`);
    }
    equal(await fixture.registry.listBackends(), [], 'the store is as it was');
  },
};

const OPTIONAL: ReadonlySet<string> = new Set(['listBackends', 'cleanupExpiredBackends', 'ping', 'close']);

/** Every method that answers with a promise, its first argument replaced. */
function callsWith(registry: BackendRegistry, value: unknown): Record<string, () => Promise<unknown>> {
  const wrong = value as never;
  return {
    register: () => registry.register(wrong),
    registerAll: () => registry.registerAll(wrong),
    heartbeat: () => registry.heartbeat(wrong),
    heartbeatAll: () => registry.heartbeatAll(wrong),
    updateBackendHealth: () => registry.updateBackendHealth(wrong, true),
    updateBackendMetrics: () => registry.updateBackendMetrics(wrong, { inFlightRequests: 1 }),
    'updateBackendMetrics with wrong metrics': () => registry.updateBackendMetrics(sample(), wrong),
    drain: () => registry.drain(wrong),
    unregister: () => registry.unregister(wrong),
    getBackend: () => registry.getBackend(wrong),
    listBackends: () => registry.listBackends(wrong),
    cleanupExpiredBackends: () => registry.cleanupExpiredBackends(wrong),
  };
}
