/** A backend as a store has it, with its lease: what is carried from one store to another. */
import type { BackendRow } from '../../backend.ts';
import type { BackendDetail, BackendRegistration } from '../../contract.ts';
import { invalid } from '../../error.ts';
import { METRICS, readFlag, readRegistration } from '../../input.ts';

/** Everything that a store keeps of one backend. Times are by the clock of that store. */
export interface StoredBackend extends Omit<BackendDetail, 'status'> {
  /** As reported last, whatever the lease says. */
  readonly health: boolean;
  readonly draining: boolean;
  /** When it was read. What was left of its lease then is `expiresInMs`: 0 where it had ended. */
  readonly readAt: number;
}

/** Reads what {@link StoredBackend} describes: every field must be there. An `INVALID_BACKEND` error names the first that is wrong. */
export function readStoredBackend(value: unknown): StoredBackend {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('the whole', value, 'it must be an object like those that storedBackends() reads');
  const given = value as { readonly [K in keyof StoredBackend]?: unknown };
  for (const field of ['health', 'incarnation', 'weight', 'zone', 'metadata', ...METRICS] as const)
    if (given[field] === undefined) throw invalid(field, undefined, 'it must be there');
  // A lease of its own may be none at all, and how it is called is no matter.
  const { heartbeatTimeoutMs: _, status: __, ...registration } = value as BackendRegistration & { status?: unknown };
  const { id, url, port, health, metrics, weight, zone, metadata, incarnation } = readRegistration(registration, {
    heartbeatTimeoutMs: 1,
  });
  if (given.id !== undefined && given.id !== id) throw invalid('id', given.id, `it must be ${id}`);
  const { metricsUpdatedAt, version } = given;
  if (typeof version !== 'string' || !/^\d{1,16}$/.test(version))
    throw invalid('version', version, 'it must be text of at most 16 digits');
  return {
    id,
    url,
    port,
    health: health as boolean,
    inFlightRequests: metrics.inFlightRequests as number,
    rifAvgLatency: metrics.rifAvgLatency as number,
    overallAvgLatency: metrics.overallAvgLatency as number,
    draining: readFlag('draining', given.draining as boolean),
    metricsUpdatedAt: metricsUpdatedAt === null ? null : readTime('metricsUpdatedAt', metricsUpdatedAt),
    weight,
    zone,
    metadata,
    incarnation: incarnation as string,
    registeredAt: readTime('registeredAt', given.registeredAt),
    version,
    lastHeartbeatAt: readTime('lastHeartbeatAt', given.lastHeartbeatAt),
    expiresInMs: readTime('expiresInMs', given.expiresInMs),
    readAt: readTime('readAt', given.readAt),
  };
}

export function toStored(
  row: BackendRow,
  version: number,
  lease: Pick<StoredBackend, 'lastHeartbeatAt' | 'expiresInMs' | 'readAt'>,
): StoredBackend {
  const { draining, ...rest } = row;
  return { ...rest, draining, version: String(version), ...lease };
}

/** Milliseconds: up to thirty thousand years, which are exact. */
function readTime(field: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1e15) return value;
  throw invalid(field, value, 'it must be a number of milliseconds, 0 or more');
}
