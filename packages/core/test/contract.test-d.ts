/** The types are exact: what must not compile does not. */
import { expectTypeOf, test } from 'vitest';
import {
  announce,
  type Backend,
  type BackendDetail,
  type BackendRegistration,
  type BackendRegistry,
  createView,
  MemoryBackendRegistry,
  RegistryError,
  type RegistryErrorCode,
  type RegistryEvent,
} from '../src/index.ts';

declare const registry: BackendRegistry;
declare const backend: Backend;
declare const event: RegistryEvent;

test('results are discriminated by their status', () => {
  expectTypeOf(registry.register)
    .returns.resolves.toHaveProperty('status')
    .toEqualTypeOf<'registered' | 'replaced' | 'updated' | 'renewed'>();
  expectTypeOf(registry.heartbeat).returns.resolves.toEqualTypeOf<{
    readonly status: 'renewed' | 'unknown' | 'fenced';
  }>();
  expectTypeOf(registry.drain).returns.resolves.toEqualTypeOf<{
    readonly status: 'updated' | 'unchanged' | 'unknown' | 'fenced';
  }>();
  expectTypeOf(registry.unregister).returns.resolves.toEqualTypeOf<{
    readonly status: 'unregistered' | 'unknown' | 'fenced';
  }>();
  expectTypeOf(registry.getBackend).returns.resolves.toEqualTypeOf<BackendDetail | null>();
  expectTypeOf(registry.listBackends).returns.resolves.toEqualTypeOf<Backend[]>();
});

test('a backend that was read can be acted on and registered again', () => {
  expectTypeOf(backend).toExtend<BackendRegistration>();
  expectTypeOf(registry.updateBackendHealth).toBeCallableWith(backend, false);
  expectTypeOf(registry.heartbeat).toBeCallableWith(backend);
});

test('a backend cannot be written to', () => {
  // @ts-expect-error: frozen
  backend.health = false;
  // @ts-expect-error: frozen, deeply
  backend.metadata.team = 'a';
  // @ts-expect-error: what a view shows cannot be sorted in place
  createView(registry).backends.sort();
});

test('events narrow by type', () => {
  if (event.type === 'removed') expectTypeOf(event.reason).toEqualTypeOf<'unregistered' | 'expired' | 'replaced'>();
  if (event.type === 'updated') expectTypeOf(event.previous).toEqualTypeOf<Backend>();
  if (event.type === 'snapshot') expectTypeOf(event.backends).toEqualTypeOf<readonly Backend[]>();
  if (event.type === 'stale') expectTypeOf(event.error).toEqualTypeOf<RegistryError>();
  // @ts-expect-error: a stale event has no backend
  if (event.type === 'stale') void event.backend;
});

test('wrong input does not compile', () => {
  // @ts-expect-error: no url
  void registry.register({ port: 1 });
  // @ts-expect-error: metadata is text
  void registry.register({ url: 'http://h', metadata: { a: 1 } });
  // @ts-expect-error: not a status
  void registry.listBackends({ status: 'up' });
  // @ts-expect-error: not a metric
  void registry.updateBackendMetrics(backend, { requests: 1 });
  // @ts-expect-error: the life of an announcement cannot change
  void announce(registry, backend).update({ incarnation: 'x' });
  // @ts-expect-error: undefined is not leaving it out
  void new MemoryBackendRegistry({ heartbeatTimeoutMs: undefined });
});

test('errors are recognised with their code', () => {
  const error: unknown = undefined;
  if (RegistryError.is(error)) expectTypeOf(error.code).toEqualTypeOf<RegistryErrorCode>();
});
