import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Backend, View } from '@backend-registry/core';
import type { Dispatcher } from 'undici';
import { mayRetry, toFault } from './fault.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { leastInFlight, type Picker } from './pick.ts';
import { RequestBody } from './request-body.ts';
import { type Upstream, Upstreams } from './upstreams.ts';

export interface ProxyOptions {
  /** Where the backends are read, once for each attempt. The proxy does not close it. */
  readonly view: View;
  /** Default: {@link leastInFlight}. */
  readonly pick?: Picker;
  /** How many backends one request may try. Default 3. */
  readonly maxAttempts?: number;
  /** How long this proxy passes over a backend whose connection failed, which the registry knows when its lease ends. Default 1,000. */
  readonly avoidMs?: number;
  /** Default 2,000. */
  readonly connectTimeoutMs?: number;
  /** How long a backend may take to begin its response. Default 30,000. */
  readonly responseTimeoutMs?: number;
  /** Told of each attempt, before it begins. Must not throw. */
  readonly onAttempt?: (attempt: Attempt) => void;
  /** Told of each attempt that failed. Must not throw. */
  readonly onFailure?: (failure: Failure) => void;
}

export interface Attempt {
  readonly request: IncomingMessage;
  readonly backend: Backend;
}

/**
 * `retried`: another backend gets the request; `refused`: the client was answered 4xx or 5xx; `cut`: the response had begun, so the
 * client's connection was closed.
 */
export interface Failure extends Attempt {
  readonly outcome: 'retried' | 'refused' | 'cut';
  readonly error: unknown;
}

/** Why a client is answered by the proxy itself. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const NO_BACKEND: Refusal = { status: 503, code: 'NO_BACKEND', message: 'No backend is available.' };
const NO_UPGRADE: Refusal = { status: 501, code: 'UPGRADE_UNSUPPORTED', message: 'WebSockets are not forwarded.' };
const NO_PATH: Refusal = { status: 400, code: 'BAD_REQUEST', message: 'The request target must be a path.' };

/**
 * A reverse proxy over a live view: streams requests to backends and their responses back. It does not listen yet; closing it also closes
 * its connections to the backends.
 */
export function createProxy(options: ProxyOptions): Server {
  const { view, pick = leastInFlight, maxAttempts = 3, avoidMs = 1_000 } = options;
  const { connectTimeoutMs = 2_000, responseTimeoutMs = 30_000 } = options;
  const upstreams = new Upstreams(view, { pick, avoidMs, connectTimeoutMs, responseTimeoutMs });

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = new RequestBody(request, response);
    const path = (request.url ?? '').replace(/^https?:\/\/[^/?#]*\/?/i, '/');
    if (!path.startsWith('/')) return refuse(response, body, NO_PATH);
    if (request.headers.upgrade?.toLowerCase() === 'websocket') return refuse(response, body, NO_UPGRADE);

    const headers = requestHeaders(request);
    const clientLeft = whenClientLeaves(response);
    const tried = new Set<Upstream>();
    let refusal = NO_BACKEND;
    for (let next = upstreams.choose(tried); next !== undefined; ) {
      const upstream = next;
      const { backend } = upstream;
      options.onAttempt?.({ request, backend });
      tried.add(upstream);
      upstream.inFlight += 1;
      try {
        const received = await upstream.pool.request({
          method: request.method as Dispatcher.HttpMethod,
          path: upstream.basePath + path,
          headers,
          body: body.isEmpty ? null : Readable.from(body, { objectMode: false }),
          signal: clientLeft,
        });
        return await send(response, received);
      } catch (error) {
        if (clientLeft.aborted) return;
        const fault = toFault(error);
        if (fault.kind === 'unconnected' || fault.kind === 'broken') upstreams.avoid(upstream);
        if (response.headersSent) return options.onFailure?.({ request, backend, outcome: 'cut', error });
        const again = tried.size < maxAttempts && mayRetry(request, body.started, fault);
        next = again ? upstreams.choose(tried) : undefined;
        options.onFailure?.({ request, backend, outcome: next === undefined ? 'refused' : 'retried', error });
        refusal = fault;
      } finally {
        upstream.inFlight -= 1;
      }
    }
    refuse(response, body, refusal);
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => void forward(request, response);
  return createServer(listener)
    .on('checkContinue', listener)
    .on('connect', (_request, socket) => socket.end('HTTP/1.1 501 Not Implemented\r\nConnection: close\r\n\r\n'))
    .on('close', () => upstreams.close());
}

/** Streams the response of a backend. When it breaks off, so does the client's connection: a part must not look like the whole. */
async function send(response: ServerResponse, received: Dispatcher.ResponseData): Promise<void> {
  try {
    response.writeHead(received.statusCode, responseHeaders(received.headers));
  } catch (error) {
    received.body.on('error', () => undefined).destroy();
    throw error;
  }
  // The body may take its time.
  response.flushHeaders();
  await pipeline(received.body, response);
}

function refuse(response: ServerResponse, body: RequestBody, { status, code, message }: Refusal): void {
  const text = JSON.stringify({ error: { code, message } });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    // Whether a client that was not told to go on sends its body nevertheless, nobody knows.
    ...(body.isAwaited && !body.started ? { connection: 'close' } : {}),
  });
  response.end(text);
}

/** Aborts when the client closes its connection before it has the whole response; not when the proxy does so. */
function whenClientLeaves(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished && response.errored === null) left.abort();
  });
  return left.signal;
}
