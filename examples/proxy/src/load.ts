import { hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { CHUNK_BYTES } from './service.ts';

export interface LoadOptions {
  /** Where the proxy listens. */
  readonly origin: string;
  /** Requests that are under way at once, at most. */
  readonly concurrency: number;
  /** Requests per second. Default: as many as `concurrency` allows. */
  readonly rate?: number;
  /** Ends the load; requests under way are completed. */
  readonly signal: AbortSignal;
  readonly onResult: (result: LoadResult) => void;
}

export interface LoadResult {
  /** Sent as `X-Request-Id`. */
  readonly id: string;
  readonly method: 'GET' | 'POST';
  readonly servedBy: string | null;
  readonly latencyMs: number;
  /** `null`: answered 200, and every byte arrived. */
  readonly failure: string | null;
}

/** One request in so many is a POST. */
const POST_EVERY = 5;
const CHUNKS = 4;

/** Sends GETs that are answered with a stream, and POSTs whose body comes back, and checks what arrives. It never sends a request again. */
export async function runLoad({ origin, concurrency, rate, signal, onResult }: LoadOptions): Promise<void> {
  const pool = new Pool(origin, { connections: concurrency, headersTimeout: 10_000, bodyTimeout: 10_000 });
  const startedAt = performance.now();
  let begun = 0;

  async function work(): Promise<void> {
    while (!signal.aborted) {
      const number = begun;
      begun += 1;
      // A request that has to wait for its turn is late from when it was due: a slow fleet must not look fast.
      const dueAt = rate === undefined ? performance.now() : startedAt + (number * 1_000) / rate;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const id = `load-${number}`;
      const method = number % POST_EVERY === 0 ? 'POST' : 'GET';
      const outcome = await send(pool, id, method);
      onResult({ id, method, ...outcome, latencyMs: performance.now() - dueAt });
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  await pool.close();
}

async function send(pool: Pool, id: string, method: 'GET' | 'POST'): Promise<Pick<LoadResult, 'servedBy' | 'failure'>> {
  let servedBy: string | null = null;
  const request = { method, headers: { 'x-request-id': id } };
  try {
    const sent = method === 'POST' ? randomBytes(16_384) : undefined;
    const response = await pool.request(
      sent === undefined
        ? { ...request, path: `/text?chunks=${CHUNKS}` }
        : { ...request, path: '/echo', body: Readable.from(inPieces(sent), { objectMode: false }) },
    );
    servedBy = servedByOf(response);
    const received = Buffer.from(await response.body.arrayBuffer());
    if (response.statusCode !== 200) return { servedBy, failure: `${response.statusCode} ${received.toString()}` };
    const complete = sent === undefined ? received.length === CHUNKS * CHUNK_BYTES : digest(received) === digest(sent);
    return { servedBy, failure: complete ? null : `${received.length} bytes that are not what was asked for` };
  } catch (error) {
    return { servedBy, failure: error instanceof Error ? error.message : String(error) };
  }
}

function* inPieces(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += CHUNK_BYTES) yield body.subarray(at, at + CHUNK_BYTES);
}

function digest(body: Buffer): string {
  return hash('sha256', body);
}

function servedByOf({ headers }: Dispatcher.ResponseData): string | null {
  return headers['x-served-by']?.toString() ?? null;
}
