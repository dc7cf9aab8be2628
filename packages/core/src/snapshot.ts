/** Reads what a view has written for another one, and trusts nothing in it. */
import { firstRow, toBackend } from './backend.ts';
import type { Backend } from './contract.ts';
import { RegistryError } from './error.ts';
import { readRegistration, STATUSES } from './input.ts';

export interface Snapshot {
  /** In ms since the epoch; `null` where nothing had been seen. */
  readonly asOf: number | null;
  readonly epoch: string;
  readonly version: string | null;
  readonly backends: readonly Backend[];
}

/** A snapshot whose every field is what it must be, or `CORRUPT_REPLY`. */
export function readSnapshot(text: string): Snapshot {
  try {
    const snapshot: Snapshot = JSON.parse(text);
    const { asOf, epoch, version, backends } = snapshot;
    if (asOf === null) return snapshot;
    if (!Number.isFinite(asOf) || typeof epoch !== 'string' || typeof version !== 'string') throw snapshot;
    return { asOf, epoch, version, backends: backends.map(readBackend) };
  } catch (cause) {
    throw new RegistryError('CORRUPT_REPLY', 'The snapshot is none that a view has made. Make a new one.', { cause });
  }
}

/** What is derived of other fields is derived anew. */
function readBackend(given: Backend): Backend {
  const { url, status, incarnation, registeredAt, metricsUpdatedAt, version } = given;
  const registration = readRegistration(given, { schemes: [url.slice(0, url.indexOf(':'))], heartbeatTimeoutMs: 1 });
  const times = [registeredAt, metricsUpdatedAt ?? 0, Number(version)];
  if (!STATUSES.includes(status) || registration.incarnation === undefined || !times.every(Number.isFinite))
    throw status;
  const row = {
    ...firstRow(registration, incarnation, registeredAt),
    draining: status === 'draining',
    metricsUpdatedAt,
  };
  return toBackend(row, Number(version), status === 'expired');
}
