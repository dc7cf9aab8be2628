/** Random calls on two handles of one registry, as data: whoever runs them compares the answers with those of a model. */
import fc from 'fast-check';

export interface Address {
  readonly url: string;
  readonly port: number;
}

export interface Ref extends Address {
  readonly incarnation?: string;
}

export interface Beat extends Ref {
  readonly heartbeatTimeoutMs?: number;
}

export interface Metrics {
  readonly inFlightRequests?: number;
  readonly rifAvgLatency?: number;
  readonly overallAvgLatency?: number;
}

export interface Registration extends Beat, Metrics {
  readonly health?: boolean;
  readonly weight?: number;
  readonly zone?: string;
  readonly metadata?: Record<string, string>;
}

interface Arguments {
  register: [backend: Registration];
  registerAll: [backends: Registration[]];
  heartbeat: [backend: Beat];
  heartbeatAll: [backends: Beat[]];
  updateBackendHealth: [backend: Ref, health: boolean];
  updateBackendMetrics: [backend: Ref, metrics: Metrics];
  drain: [backend: Ref, draining: boolean];
  unregister: [backend: Ref];
  cleanupExpiredBackends: [options: { limit?: number }];
  /** Everything that can be read: the list, by each status, and each of {@link addresses}. */
  read: [];
}

/** A call on one of two handles. */
export type Call = {
  [Method in keyof Arguments]: { readonly handle: 0 | 1; readonly method: Method; readonly args: Arguments[Method] };
}[keyof Arguments];

/** Few addresses and lives, so that calls meet each other. */
export const addresses: readonly Address[] = [
  { url: 'http://a.example.com', port: 80 },
  { url: 'http://b.example.com', port: 8001 },
  { url: 'http://[::1]', port: 9000 },
  { url: 'https://c.example.com/base', port: 443 },
];

const optional: { requiredKeys: []; noNullPrototype: true } = { requiredKeys: [], noNullPrototype: true };
const anyAddress = fc.constantFrom(...addresses);
const anyLife = fc.record({ incarnation: fc.constantFrom('first', 'second') }, optional);
const anyText = fc.constantFrom('', '1', 'true', '{"a":1}', '\0', '😀', 'a:b{}*', '__proto__');
const anyMetrics: fc.Arbitrary<Metrics> = fc.record(
  {
    inFlightRequests: fc.constantFrom(0, 1, 7),
    rifAvgLatency: fc.constantFrom(0, 0.30000000000000004),
    overallAvgLatency: fc.constantFrom(0, 1e21),
  },
  optional,
);
const anyDeclaration = fc.record(
  {
    health: fc.boolean(),
    weight: fc.constantFrom(0, 1, 2.5),
    zone: anyText,
    metadata: fc.dictionary(fc.constantFrom('a', 'b', '1'), anyText, { maxKeys: 3 }),
  },
  optional,
);

/** The fields of both in one object. */
function merged<A, B>(one: fc.Arbitrary<A>, other: fc.Arbitrary<B>): fc.Arbitrary<A & B> {
  return fc.tuple(one, other).map(([a, b]) => ({ ...a, ...b }));
}

/** @param leases what a registration or heartbeat of one backend may ask for; those of several take the handle's */
export function anyCall(leases: readonly number[]): fc.Arbitrary<Call> {
  const anyLease = fc.record({ heartbeatTimeoutMs: fc.constantFrom(...leases) }, optional);
  const anyRef: fc.Arbitrary<Ref> = merged(anyAddress, anyLife);
  const anyRegistration: fc.Arbitrary<Registration> = merged(anyRef, merged(anyDeclaration, anyMetrics));
  const anyLeased = merged(anyRegistration, anyLease);
  return fc.oneof(
    call('register', fc.tuple(anyLeased)),
    call('register', fc.tuple(anyLeased)),
    call('registerAll', fc.tuple(fc.array(anyRegistration, { maxLength: 4 }))),
    call('heartbeat', fc.tuple(merged(anyRef, anyLease))),
    call('heartbeatAll', fc.tuple(fc.array(anyRef, { maxLength: 6 }))),
    call('updateBackendHealth', fc.tuple(anyRef, fc.boolean())),
    call('updateBackendMetrics', fc.tuple(anyRef, anyMetrics.filter(isSome))),
    call('drain', fc.tuple(anyRef, fc.boolean())),
    call('unregister', fc.tuple(anyRef)),
    call('cleanupExpiredBackends', fc.tuple(fc.record({ limit: fc.integer({ min: 1, max: 3 }) }, optional))),
    call('read', fc.tuple()),
  );
}

function call<Method extends keyof Arguments>(
  method: Method,
  args: fc.Arbitrary<Arguments[Method]>,
): fc.Arbitrary<{ handle: 0 | 1; method: Method; args: Arguments[Method] }> {
  return fc.record({ handle: fc.constantFrom(0, 1), method: fc.constant(method), args });
}

function isSome(metrics: Metrics): boolean {
  return Object.keys(metrics).length > 0;
}
