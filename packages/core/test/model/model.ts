/** A registry written straight from the contract, as slow and plain as it can be: the oracle of the model-based tests. */
import type { Address, Metrics, Ref, Registration } from '@backend-registry/histories';
import type { BackendMetrics, BackendStatus } from '../../src/index.ts';

export interface ModelRow {
  health: boolean;
  draining: boolean;
  metrics: BackendMetrics;
  metricsUpdatedAt: number | null;
  weight: number;
  zone: string | null;
  metadata: Record<string, string>;
  incarnation: string;
  registeredAt: number;
  lastHeartbeatAt: number;
  expiresAt: number;
}

export function idOf({ url, port }: Address): string {
  return `${url}:${port}`;
}

export class Model {
  now: number;
  readonly rows: Map<string, ModelRow> = new Map();

  constructor(now: number) {
    this.now = now;
  }

  /** @param random the incarnation that the registry made up, if it had to */
  register(registration: Registration, leaseMs: number, random: string): string {
    const id = idOf(registration);
    const reported = metricsOf(registration);
    const old = this.rows.get(id);
    const incarnation = registration.incarnation ?? old?.incarnation ?? random;
    const sameLife = old !== undefined && old.incarnation === incarnation;
    const metrics = {
      ...(sameLife ? old.metrics : { inFlightRequests: 0, rifAvgLatency: 0, overallAvgLatency: 0 }),
      ...reported,
    };
    const given = Object.keys(reported).length > 0;
    const next: ModelRow = {
      health: registration.health ?? (sameLife ? old.health : true),
      draining: sameLife ? old.draining : false,
      metrics,
      metricsUpdatedAt: sameLife
        ? same(old.metrics, metrics)
          ? old.metricsUpdatedAt
          : this.now
        : given
          ? this.now
          : null,
      weight: registration.weight ?? 1,
      zone: registration.zone ?? null,
      metadata: registration.metadata ?? {},
      incarnation,
      registeredAt: sameLife ? old.registeredAt : this.now,
      lastHeartbeatAt: this.now,
      expiresAt: this.now + leaseMs,
    };
    this.rows.set(id, next);
    if (old === undefined) return 'registered';
    if (!sameLife) return 'replaced';
    const shown = ({ lastHeartbeatAt: _beat, expiresAt: _end, ...rest }: ModelRow) => rest;
    return same(shown(old), shown(next)) ? 'renewed' : 'updated';
  }

  heartbeat(backend: Ref, leaseMs: number): string {
    return this.#fenced(backend, (row) => {
      row.lastHeartbeatAt = this.now;
      row.expiresAt = this.now + leaseMs;
      return 'renewed';
    });
  }

  health(backend: Ref, health: boolean): string {
    return this.#fenced(backend, (row) => {
      const changed = row.health !== health;
      row.health = health;
      return changed ? 'updated' : 'unchanged';
    });
  }

  drain(backend: Ref, draining: boolean): string {
    return this.#fenced(backend, (row) => {
      const changed = row.draining !== draining;
      row.draining = draining;
      return changed ? 'updated' : 'unchanged';
    });
  }

  metrics(backend: Ref, metrics: Metrics): string {
    return this.#fenced(backend, (row) => {
      const next = { ...row.metrics, ...metrics };
      if (same(next, row.metrics)) return 'unchanged';
      row.metrics = next;
      row.metricsUpdatedAt = this.now;
      return 'updated';
    });
  }

  unregister(backend: Ref): string {
    return this.#fenced(backend, () => {
      this.rows.delete(idOf(backend));
      return 'unregistered';
    });
  }

  /** Ids that a cleanup removes, those that expired first coming first. Equal times come in any order. */
  cleanup(limit: number): { id: string; expiresAt: number }[] {
    const expired = [...this.rows]
      .filter(([, row]) => row.expiresAt <= this.now)
      .map(([id, { expiresAt }]) => ({ id, expiresAt }));
    return expired.sort((a, b) => a.expiresAt - b.expiresAt).slice(0, limit);
  }

  nextExpiryInMs(): number | null {
    const ends = [...this.rows.values()].map((row) => Math.max(0, row.expiresAt - this.now));
    return ends.length === 0 ? null : Math.min(...ends);
  }

  status(row: ModelRow): BackendStatus {
    if (row.expiresAt <= this.now) return 'expired';
    if (row.draining) return 'draining';
    return row.health ? 'healthy' : 'unhealthy';
  }

  /** As a reader sees it, the version aside. */
  shown(id: string): Record<string, unknown> | null {
    const row = this.rows.get(id);
    if (row === undefined) return null;
    const colon = id.lastIndexOf(':');
    const status = this.status(row);
    return {
      id,
      url: id.slice(0, colon),
      port: Number(id.slice(colon + 1)),
      health: row.health && status !== 'expired',
      status,
      ...row.metrics,
      metricsUpdatedAt: row.metricsUpdatedAt,
      weight: row.weight,
      zone: row.zone,
      metadata: row.metadata,
      incarnation: row.incarnation,
      registeredAt: row.registeredAt,
    };
  }

  #fenced(backend: Ref, act: (row: ModelRow) => string): string {
    const row = this.rows.get(idOf(backend));
    if (row === undefined) return 'unknown';
    if (backend.incarnation !== undefined && backend.incarnation !== row.incarnation) return 'fenced';
    return act(row);
  }
}

function metricsOf({ inFlightRequests, rifAvgLatency, overallAvgLatency }: Metrics): Metrics {
  return {
    ...(inFlightRequests === undefined ? {} : { inFlightRequests }),
    ...(rifAvgLatency === undefined ? {} : { rifAvgLatency }),
    ...(overallAvgLatency === undefined ? {} : { overallAvgLatency }),
  };
}

function same(a: unknown, b: unknown): boolean {
  const sorted = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value;
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}
