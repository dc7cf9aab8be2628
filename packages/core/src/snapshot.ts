/** Reads what a view has written for another one, and trusts nothing in it. */
import { firstRow, toBackend } from './backend.ts';
import type { Backend } from './contract.ts';
import { RegistryError } from './error.ts';
import { readRegistration } from './input.ts';

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
    const { asOf, epoch, version, backends }: Snapshot = JSON.parse(text);
    const whole = asOf === null || (Number.isFinite(asOf) && typeof version === 'string');
    if (whole && typeof epoch === 'string') return { asOf, epoch, version, backends: backends.map(readBackend) };
  } catch {
    // What is wrong in it helps nobody: another one is made of the registry.
  }
  throw new RegistryError('CORRUPT_REPLY', 'The snapshot is not of a view: make another.');
}

/** Makes a backend of what stands there: it must come out as it stands there. */
function readBackend(given: Backend): Backend {
  const { status, incarnation, registeredAt, metricsUpdatedAt, version } = given;
  const registration = readRegistration(given, { heartbeatTimeoutMs: 1 });
  const row = {
    ...firstRow(registration, incarnation, registeredAt),
    draining: status === 'draining',
    metricsUpdatedAt,
    // In the order that another program may have given them.
    metadata: Object.freeze(given.metadata),
  };
  const backend = toBackend(row, Number(version), status === 'expired');
  const isWhole = incarnation && [registeredAt, metricsUpdatedAt ?? 0].every(Number.isFinite);
  if (!isWhole || JSON.stringify(backend) !== JSON.stringify(given)) throw given;
  return backend;
}
