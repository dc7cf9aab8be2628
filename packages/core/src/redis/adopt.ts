/** Takes rows that another program wrote, documents and heartbeats without an index, into the registry. */
import { firstRow, toBackend } from '../backend.ts';
import { decodeDocument } from '../codec.ts';
import type { Backend, BackendRegistration, CorruptRow, RegistryOptions } from '../contract.ts';
import { RegistryError } from '../error.ts';
import { type Registration, readRegistration, type Settings } from '../input.ts';
import { randomName } from '../random.ts';
import type { Calls } from './calls.ts';
import type { RedisDriver } from './driver.ts';
import type { Inside } from './inside.ts';
import { escapeGlob, type Keys } from './keys.ts';
import { RedisRegistry } from './registry.ts';

export interface AdoptOptions {
  /** Ends the call between two steps: it rejects with the signal's reason, and what was adopted until then stays. */
  readonly signal?: AbortSignal;
  /** Only looks: `adopted` is what would be, its version `0`, its incarnation made up where the row has none. Default `false`. */
  readonly dryRun?: boolean;
}

export interface AdoptResult {
  /** Registered by this call, sorted by id. */
  readonly adopted: Backend[];
  /** Ids whose heartbeat is missing or older than the heartbeat timeout. Their rows are left alone. */
  readonly expired: string[];
  /** What stands at the key of a document and is none, with the reason. It is left alone. */
  readonly corrupt: CorruptRow[];
}

/** Keys that the server looks at in one step: a fraction of a millisecond. */
const STEP = 500;

type Scan = NonNullable<RedisDriver['scan']>;

/** A registry in a Redis whose keys can be gone through: it can take in what other programs wrote. A bundle of one that cannot has nothing of this. */
export class AdoptingRegistry extends RedisRegistry {
  readonly #scan: Scan;

  constructor(driver: RedisDriver, options?: RegistryOptions) {
    super(driver, options);
    this.#scan = async (cursor, pattern, count) => {
      if (driver.scan === undefined)
        throw new RegistryError('UNSUPPORTED', 'scan: this adapter cannot go through the keys.');
      return driver.scan(cursor, pattern, count);
    };
  }

  /**
   * Registers the backends of rows that another program wrote: documents and heartbeats of the public format, without an index. Each keeps what is left of
   * `heartbeatTimeoutMs` since its heartbeat; from then on it is one like all others, and beats through a registry. What is registered is left alone, so the
   * call is safe to repeat; where another program has written its own document over one, that is taken in, and the incarnation stays. It goes through all keys of
   * the database: once, after moving here, and not on any hot path.
   */
  async adoptBackends(options: AdoptOptions = {}): Promise<AdoptResult> {
    return adopt(this.openInside('adoptBackends'), this.#scan, options);
  }
}

async function adopt(port: Inside, scan: Scan, { signal, dryRun = false }: AdoptOptions): Promise<AdoptResult> {
  const { keys, calls } = port;
  const first = keys.document('');
  // A client that is not connected yet connects for this one.
  await port.look();
  const adopted = new Map<string, Backend>();
  const expired = new Set<string>();
  const corrupt = new Map<string, string>();
  for (let cursor = '0'; ; ) {
    signal?.throwIfAborted();
    const at = cursor;
    const [next, found] = await calls.persist('adoptBackends', () => scan(at, `${escapeGlob(first)}*`, STEP));
    // A step may find what an earlier one has found.
    const ids = [...new Set(found.map((key) => key.slice(first.length)))];
    for (const result of await adoptStep(port, ids, dryRun)) {
      if (result.status === 'adopted') adopted.set(result.id, result.backend);
      else if (result.status === 'expired') expired.add(result.id);
      else corrupt.set(result.id, result.reason);
    }
    if (next === '0') break;
    cursor = next;
  }
  return {
    adopted: [...adopted.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    expired: [...expired].sort(),
    corrupt: Array.from(corrupt, ([id, reason]) => ({ id, reason })).sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

type Outcome =
  | { readonly id: string; readonly status: 'adopted'; readonly backend: Backend }
  | { readonly id: string; readonly status: 'expired' }
  | { readonly id: string; readonly status: 'corrupt'; readonly reason: string };

async function adoptStep(
  { keys, calls, settings, look, registerAbsent }: Inside,
  ids: string[],
  dryRun: boolean,
): Promise<Outcome[]> {
  if (ids.length === 0) return [];
  const texts = await calls.mget(ids.flatMap((id) => [keys.document(id), keys.heartbeat(id)]));
  // Looked at after they were read: whoever registered meanwhile is left alone.
  const { table, now } = await look();
  const outcomes: Outcome[] = [];
  const registrations: Registration[] = [];
  for (const [n, id] of ids.entries()) {
    const document = texts[2 * n] ?? null;
    // What another program wrote over one that is registered is a row of its own again.
    if (table.entries.has(id) && (document === null || decodeDocument(id, document).status !== 'corrupt')) continue;
    if (document === null) {
      if (await isNoText(calls, keys, id)) outcomes.push({ id, status: 'corrupt', reason: 'it is not a string' });
      continue;
    }
    const read = readForeign(id, document, texts[2 * n + 1] ?? null, now, settings);
    if ('status' in read) outcomes.push(read);
    else registrations.push(read);
  }
  if (dryRun) {
    for (const registration of registrations) {
      const row = firstRow(registration, registration.incarnation ?? randomName(), now);
      outcomes.push({ id: row.id, status: 'adopted', backend: toBackend(row, 0, false) });
    }
    return outcomes;
  }
  for (const result of await registerAbsent(registrations)) {
    if (result !== undefined) outcomes.push({ id: result.backend.id, status: 'adopted', backend: result.backend });
  }
  return outcomes;
}

/** Reads a document that has at least an address; what it leaves out has its default. @param now in ms, by the clock of the store */
function readForeign(
  id: string,
  text: string,
  heartbeat: string | null,
  now: number,
  settings: Settings,
): Registration | Outcome {
  const corrupt = (reason: string): Outcome => ({ id, status: 'corrupt', reason });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return corrupt('it is not JSON');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return corrupt('it is not a JSON object');
  }
  const field = new Map(Object.entries(document).filter(([, value]) => value !== null));
  const timeoutMs = settings.heartbeatTimeoutMs;
  const beatAt = heartbeat === null ? 0 : Number(heartbeat.trim() === '' ? Number.NaN : heartbeat) * 1_000;
  if (!(beatAt >= 0 && Number.isFinite(beatAt))) return corrupt('its heartbeat is not a unix time');
  // A clock that is ahead gains nothing.
  const leftMs = Math.min(beatAt + timeoutMs - now, timeoutMs);
  let registration: Registration;
  try {
    registration = readRegistration(
      {
        url: field.get('url'),
        port: field.get('port'),
        health: field.get('health'),
        inFlightRequests: field.get('in_flight_requests'),
        rifAvgLatency: field.get('rif_avg_latency'),
        overallAvgLatency: field.get('overall_avg_latency'),
        weight: field.get('weight'),
        zone: field.get('zone'),
        metadata: field.get('metadata'),
        incarnation: field.get('incarnation'),
        heartbeatTimeoutMs: leftMs > 0 ? leftMs : timeoutMs,
      } as BackendRegistration,
      settings,
    );
  } catch (error) {
    if (!RegistryError.is(error, 'INVALID_BACKEND')) throw error;
    return corrupt(error.message);
  }
  if (registration.id !== id)
    return corrupt('its address is not that of its key, or is not written as a registry does');
  return leftMs > 0 ? registration : { id, status: 'expired' };
}

/** MGET shows what is not a string as missing. */
async function isNoText(calls: Calls, keys: Keys, id: string): Promise<boolean> {
  try {
    await calls.run('detail', [keys.document(id), keys.heartbeat(id), keys.leases, keys.meta], [id], 'adoptBackends');
    return false;
  } catch (error) {
    if (RegistryError.is(error, 'REFUSED') && /WRONGTYPE/.test(String((error.cause as Error | undefined)?.message))) {
      return true;
    }
    throw error;
  }
}
