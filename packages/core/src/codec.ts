/**
 * The document of a backend: JSON with the names of the public format (`url, port, health, in_flight_requests, rif_avg_latency,
 * overall_avg_latency`), then this registry's own. Canonical: the same backend is the same text, what changes often stands first and
 * what users write stands last.
 *
 * Whoever changes it changes it in all these places: `FIELDS` here, `#writePart` in `redis/registry.ts` (its beginning and its end), `document.lua` and
 * `register.lua` (what stands between), `partsOf` in `redis/move/restore.ts`, and docs/redis-layout.md.
 */
import type { BackendRow } from './backend.ts';

/** What stands in a document, by its name there. `number?` may be `null`. Metadata comes after them. */
const FIELDS = [
  ['url', 'url', 'string'],
  ['port', 'port', 'number'],
  ['health', 'health', 'boolean'],
  ['in_flight_requests', 'inFlightRequests', 'number'],
  ['rif_avg_latency', 'rifAvgLatency', 'number'],
  ['overall_avg_latency', 'overallAvgLatency', 'number'],
  ['draining', 'draining', 'boolean'],
  ['metrics_updated_at_ms', 'metricsUpdatedAt', 'number?'],
  ['version', 'version', 'number'],
  ['registered_at_ms', 'registeredAt', 'number'],
  ['incarnation', 'incarnation', 'string'],
  ['weight', 'weight', 'number'],
  ['zone', 'zone', 'string?'],
] as const satisfies readonly (readonly [string, keyof BackendRow | 'version', string])[];

/**
 * JSON in ASCII, as Python's `json.dumps` writes it: node-redis 5.0 to 5.8 breaks characters of several bytes that are split between two reads of its socket.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export type DecodedDocument =
  | { readonly status: 'readable'; readonly row: BackendRow; readonly version: number }
  | { readonly status: 'corrupt'; readonly reason: string };

export function encodeDocument(row: BackendRow, version: number): string {
  const scalars = FIELDS.map(([name, field]) => `"${name}":${toJson(field === 'version' ? version : row[field])}`);
  return `{${scalars.join(',')},"metadata":${toJson(row.metadata)}}`;
}

/** Reads a document back, or says in one sentence why it cannot be one of the backend with this id. */
export function decodeDocument(id: string, text: string): DecodedDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return corrupt('it is not JSON');
  }
  if (!isRecord(document)) return corrupt('it is not a JSON object');
  if (!isWhole(document)) return corrupt(reasonOf(document));
  const { url, port, incarnation, metadata } = document;
  if (id !== `${url}:${port}`) return corrupt('its address is not that of its key');
  for (const name in metadata) {
    if (typeof metadata[name] !== 'string') return corrupt('its "metadata" is not an object of texts');
  }
  const row: BackendRow = {
    id,
    url,
    port,
    health: document.health,
    inFlightRequests: document.in_flight_requests,
    rifAvgLatency: document.rif_avg_latency,
    overallAvgLatency: document.overall_avg_latency,
    draining: document.draining,
    metricsUpdatedAt: document.metrics_updated_at_ms,
    weight: document.weight,
    zone: document.zone,
    incarnation,
    registeredAt: document.registered_at_ms,
    metadata: Object.freeze(metadata),
  };
  return { status: 'readable', row, version: document.version };
}

/** A document whose fields are what they must be. */
interface Document {
  readonly url: string;
  readonly port: number;
  readonly health: boolean;
  readonly in_flight_requests: number;
  readonly rif_avg_latency: number;
  readonly overall_avg_latency: number;
  readonly draining: boolean;
  readonly metrics_updated_at_ms: number | null;
  readonly version: number;
  readonly registered_at_ms: number;
  readonly incarnation: string;
  readonly weight: number;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One look at each field: this is most of what a list of changed backends costs, the parser aside. */
function isWhole(document: { readonly [K in keyof Document]?: unknown }): document is Document {
  return (
    typeof document.url === 'string' &&
    isAmount(document.port) &&
    typeof document.health === 'boolean' &&
    isAmount(document.in_flight_requests) &&
    isAmount(document.rif_avg_latency) &&
    isAmount(document.overall_avg_latency) &&
    typeof document.draining === 'boolean' &&
    (document.metrics_updated_at_ms === null || isAmount(document.metrics_updated_at_ms)) &&
    isAmount(document.version) &&
    isAmount(document.registered_at_ms) &&
    typeof document.incarnation === 'string' &&
    document.incarnation !== '' &&
    isAmount(document.weight) &&
    (document.zone === null || typeof document.zone === 'string') &&
    isRecord(document.metadata)
  );
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** What is wrong with the first field that is. */
function reasonOf(document: Record<string, unknown>): string {
  for (const [name, , type] of FIELDS) {
    const value = document[name];
    const kind = type === 'number?' ? 'number' : type === 'string?' ? 'string' : type;
    if (value === undefined) return `it has no "${name}"`;
    if (typeof value === kind) {
      if (kind === 'number' && !isAmount(value)) return `its "${name}" is ${value}, not a number from 0 up`;
    } else if (value !== null || type === kind) {
      return `its "${name}" is ${value === null ? 'null' : typeof value}, not ${kind}`;
    }
  }
  return document.incarnation === '' ? 'its "incarnation" is empty' : 'its "metadata" is not an object of texts';
}

function corrupt(reason: string): DecodedDocument {
  return { status: 'corrupt', reason };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
