/** A backend as a store keeps it, and what readers are shown of it. */
import type { Backend, BackendChange, BackendMetrics } from './contract.ts';
import { METRICS, type Registration } from './input.ts';

/** What a store keeps of one backend, its lease aside. */
export interface BackendRow extends BackendMetrics {
  readonly id: string;
  readonly url: string;
  readonly port: number;
  /** As reported last, whatever the lease says. */
  readonly health: boolean;
  readonly draining: boolean;
  readonly metricsUpdatedAt: number | null;
  readonly weight: number;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly incarnation: string;
  readonly registeredAt: number;
}

/** What readers are shown: frozen, sharing nothing that can be written. */
export function toBackend(row: BackendRow, version: number, expired: boolean): Backend {
  return Object.freeze({
    id: row.id,
    url: row.url,
    port: row.port,
    health: row.health && !expired,
    status: expired ? 'expired' : row.draining ? 'draining' : row.health ? 'healthy' : 'unhealthy',
    inFlightRequests: row.inFlightRequests,
    rifAvgLatency: row.rifAvgLatency,
    overallAvgLatency: row.overallAvgLatency,
    metricsUpdatedAt: row.metricsUpdatedAt,
    weight: row.weight,
    zone: row.zone,
    metadata: row.metadata,
    incarnation: row.incarnation,
    registeredAt: row.registeredAt,
    version: String(version),
  });
}

/** The row of a new life. */
export function firstRow(registration: Registration, incarnation: string, now: number): BackendRow {
  const { id, url, port, health = true, metrics, weight, zone, metadata } = registration;
  const metricsUpdatedAt = Object.keys(metrics).length > 0 ? now : null;
  return {
    id,
    url,
    port,
    health,
    inFlightRequests: 0,
    rifAvgLatency: 0,
    overallAvgLatency: 0,
    ...metrics,
    draining: false,
    metricsUpdatedAt,
    weight,
    zone,
    incarnation,
    registeredAt: now,
    metadata,
  };
}

/** What registering the same life once more makes of its row: the same row where that changes nothing. */
export function reregister(row: BackendRow, registration: Registration, now: number): BackendRow {
  const { health = row.health, metrics, weight, zone, metadata } = registration;
  const next = { ...row, ...metrics, health, weight, zone, metadata };
  if (!sameMetrics(row, next)) return { ...next, metricsUpdatedAt: now };
  return row.health === health && sameDescription(row, next) ? row : next;
}

/** What differs between two states of one life, as readers were and are shown it. */
export function changesBetween(previous: Backend, next: Backend): BackendChange[] {
  const changed: BackendChange[] = [];
  // A life that left and came back between two looks was registered at another time.
  const sameRegistration = previous.registeredAt === next.registeredAt && sameDescription(previous, next);
  if (!sameRegistration) changed.push('registration');
  const wasExpired = previous.status === 'expired';
  const isExpired = next.status === 'expired';
  if (wasExpired !== isExpired) changed.push('expiry');
  else if (!isExpired) {
    // An expired backend shows neither its health nor its drain.
    if (previous.health !== next.health) changed.push('health');
    if ((previous.status === 'draining') !== (next.status === 'draining')) changed.push('drain');
  }
  if (!sameMetrics(previous, next) || previous.metricsUpdatedAt !== next.metricsUpdatedAt) changed.push('metrics');
  return changed;
}

export function sameMetrics(a: BackendMetrics, b: BackendMetrics): boolean {
  return METRICS.every((metric) => a[metric] === b[metric]);
}

type Description = Pick<Backend, 'weight' | 'zone' | 'metadata'>;

function sameDescription(a: Description, b: Description): boolean {
  return a.weight === b.weight && a.zone === b.zone && sameEntries(a.metadata, b.metadata);
}

export function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
