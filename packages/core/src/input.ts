/** Reads what callers pass in: everything behind this file is canonical, complete and safe to keep. */
import { type Address, parseAddress } from './address.ts';
import type {
  BackendAddress,
  BackendFilter,
  BackendMetrics,
  BackendRef,
  BackendRegistration,
  BackendStatus,
  CleanupOptions,
  HeartbeatRef,
  RegistryOptions,
  WatchOptions,
} from './contract.ts';
import { invalid, misconfigured, quote } from './error.ts';

/** The options of a handle, complete. */
export interface Settings {
  readonly heartbeatTimeoutMs: number;
  readonly keyPrefix: string;
  readonly commandTimeoutMs: number;
  readonly schemes: readonly string[];
}

/** What a registration is read with; without a list, every scheme is taken. */
export interface RegistrationSettings {
  readonly heartbeatTimeoutMs: number;
  readonly schemes?: readonly string[];
}

/** A reference by canonical id. */
export interface Ref {
  readonly id: string;
  readonly incarnation: string | undefined;
}

/** A reference and how long its heartbeat lasts. */
export interface Beat extends Ref {
  readonly heartbeatTimeoutMs: number;
}

/** Ids that are registered. They are canonical, so an address that spells one of them needs no parsing. */
export interface KnownIds {
  has(id: string): boolean;
}

/** A registration, its address canonical. `undefined`: left to what is registered, else to the default. */
export interface Registration extends Beat, Address {
  readonly health: boolean | undefined;
  readonly metrics: Partial<BackendMetrics>;
  readonly weight: number;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export const DEFAULT_POLL_INTERVAL_MS = 1_000;

export const METRICS: readonly (keyof BackendMetrics)[] = ['inFlightRequests', 'rifAvgLatency', 'overallAvgLatency'];
const STATUSES: readonly BackendStatus[] = ['healthy', 'unhealthy', 'draining', 'expired'];
const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

export function readSettings(options: RegistryOptions): Settings {
  const { keyPrefix = '', onCorrupt, schemes = ['http', 'https'] } = options;
  if (typeof keyPrefix !== 'string' || !keyPrefix.isWellFormed()) {
    throw misconfigured('keyPrefix', keyPrefix, 'it must be well-formed text');
  }
  if (onCorrupt !== undefined && typeof onCorrupt !== 'function') {
    throw misconfigured('onCorrupt', onCorrupt, 'it must be a function');
  }
  if (
    !Array.isArray(schemes) ||
    schemes.length === 0 ||
    !schemes.every((s) => typeof s === 'string' && /^[a-z][a-z0-9+.-]*$/.test(s))
  ) {
    throw misconfigured('schemes', schemes, 'it must list schemes like "http"');
  }
  return {
    heartbeatTimeoutMs: readDuration(options, 'heartbeatTimeoutMs', 60_000),
    commandTimeoutMs: readDuration(options, 'commandTimeoutMs', 2_000),
    keyPrefix,
    schemes,
  };
}

type Durations<K extends string> = { readonly [Option in K]?: number | undefined };

/** A duration option: milliseconds, finite and more than 0. */
export function readDuration<K extends string>(
  options: Durations<K>,
  option: K,
  otherwise: number,
  orZero?: true,
): number {
  const value = options[option];
  if (value === undefined) return otherwise;
  if (!Number.isFinite(value) || value < 0 || (value === 0 && !orZero))
    throw misconfigured(option, value, `it must be a number of milliseconds, ${orZero ? '0 or more' : 'more than 0'}`);
  return value;
}

/** A duration that may be nothing. */
export function readWait<K extends string>(options: Durations<K>, option: K, otherwise: number): number {
  return readDuration(options, option, otherwise, true);
}

/** The canonical id of an address. */
export function readId(value: BackendAddress, settings: Settings, known?: KnownIds): string {
  checkBackend(value);
  const { url, port } = value;
  if (known !== undefined && typeof url === 'string' && typeof port === 'number') {
    const id = `${url}:${port}`;
    if (known.has(id)) return id;
  }
  return parseAddress(value, settings.schemes).id;
}

export function readRef(value: BackendRef, settings: Settings, known?: KnownIds): Ref {
  return { id: readId(value, settings, known), incarnation: readIncarnation(value) };
}

export function readBeat(value: HeartbeatRef, settings: Settings, known?: KnownIds): Beat {
  return {
    id: readId(value, settings, known),
    incarnation: readIncarnation(value),
    heartbeatTimeoutMs: readLease(value, settings),
  };
}

export function readRegistration(value: BackendRegistration, settings: RegistrationSettings): Registration {
  checkBackend(value);
  const { id, url, port } = parseAddress(value, settings.schemes);
  const { weight = 1, zone = null } = value;
  // Of a backend that was read after its lease had ended, nobody knows the health that was reported.
  const health = (value as { status?: BackendStatus }).status === 'expired' ? undefined : value.health;
  if (health !== undefined) readFlag('health', health);
  if (zone !== null) readText('zone', zone);
  return {
    id,
    url,
    port,
    incarnation: readIncarnation(value),
    heartbeatTimeoutMs: readLease(value, settings),
    health,
    metrics: readMetrics(value),
    weight: readAmount('weight', weight),
    zone,
    metadata: readMetadata(value.metadata),
  };
}

/** The metrics that are given, alone. */
export function readMetrics(value: Partial<BackendMetrics>): Partial<BackendMetrics> {
  const metrics: { -readonly [K in keyof BackendMetrics]?: number } = {};
  for (const field of METRICS) {
    const amount = value[field];
    if (amount !== undefined) metrics[field] = readAmount(field, amount);
  }
  return metrics;
}

/** What a call that exists to write metrics was given: at least one. */
export function readSomeMetrics(value: Partial<BackendMetrics>): Partial<BackendMetrics> {
  checkObject('Metrics', value, '{ inFlightRequests: 3 }');
  const metrics = readMetrics(value);
  if (Object.keys(metrics).length === 0) throw new TypeError(`Metrics must have at least one of ${METRICS.join(', ')}`);
  return metrics;
}

export function readFlag(field: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw invalid(field, value, 'it must be true or false');
  return value;
}

export function readList<T>(value: readonly T[], what: string): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} takes an array of backends, not ${quote(value)}`);
  return value;
}

/** The filter as a predicate; `undefined` where everything matches. */
export function readFilter(filter: BackendFilter | undefined): ((backend: FilterSubject) => boolean) | undefined {
  if (filter === undefined) return undefined;
  checkObject('A filter', filter, '{ status: "healthy" }');
  const { status, zone, metadata } = filter;
  const statuses = status === undefined ? undefined : [status].flat();
  for (const s of statuses ?? []) {
    if (!STATUSES.includes(s))
      throw new TypeError(`A filter's status must be one of ${STATUSES.join(', ')}, not ${quote(s)}`);
  }
  if (zone !== undefined && typeof zone !== 'string')
    throw new TypeError(`A filter's zone must be text, not ${quote(zone)}`);
  const wanted = Object.entries(readMetadata(metadata));
  if (statuses === undefined && zone === undefined && wanted.length === 0) return undefined;
  return (backend) =>
    (statuses === undefined || statuses.includes(backend.status)) &&
    (zone === undefined || backend.zone === zone) &&
    wanted.every(([name, text]) => Object.hasOwn(backend.metadata, name) && backend.metadata[name] === text);
}

interface FilterSubject {
  readonly status: BackendStatus;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How many a cleanup may remove. */
export function readLimit(options: CleanupOptions | undefined): number {
  const { limit = Number.POSITIVE_INFINITY } = options ?? {};
  if (limit !== Number.POSITIVE_INFINITY && !(Number.isInteger(limit) && limit >= 1)) {
    throw misconfigured('limit', limit, 'it must be a whole number, 1 or more');
  }
  return limit;
}

export function readPollInterval(options: WatchOptions): number {
  return readDuration(options, 'pollIntervalMs', DEFAULT_POLL_INTERVAL_MS);
}

export function checkBackend(value: BackendAddress): void {
  checkObject('A backend', value, '{ url: "http://10.0.0.7", port: 8001 }');
}

function checkObject(what: string, value: unknown, example: string): void {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${what} must be an object like ${example}, not ${quote(value)}`);
  }
}

export function readLease(value: HeartbeatRef, settings: Pick<Settings, 'heartbeatTimeoutMs'>): number {
  return readDuration(value, 'heartbeatTimeoutMs', settings.heartbeatTimeoutMs);
}

export function readIncarnation(value: BackendRef): string | undefined {
  const { incarnation } = value;
  if (incarnation === undefined) return undefined;
  if (readText('incarnation', incarnation) === '') throw invalid('incarnation', '', 'it must not be empty');
  return incarnation;
}

function readText(field: string, value: string): string {
  if (typeof value !== 'string') throw invalid(field, value, 'it must be text');
  if (!value.isWellFormed()) throw invalid(field, value, 'it has a lone surrogate');
  return value;
}

function readAmount(field: string, value: number): number {
  if (!Number.isFinite(value) || value < 0) {
    throw invalid(field, value, 'it must be a finite number, 0 or more');
  }
  return value === 0 ? 0 : value; // no negative zero: JSON has none
}

/** A frozen copy with its names in order, so that equal metadata has one text in every store. */
function readMetadata(value: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  if (value === undefined) return NO_METADATA;
  if (Object.prototype.toString.call(value) !== '[object Object]') {
    throw invalid('metadata', value, 'it must be an object of texts');
  }
  const entries = Object.entries(value);
  for (const [name, text] of entries) {
    readText('a name in metadata', name);
    readText(`metadata[${quote(name)}]`, text);
  }
  if (entries.length === 0) return NO_METADATA;
  return Object.freeze(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}
