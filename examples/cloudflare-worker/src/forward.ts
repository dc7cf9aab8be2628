/** How a request gets to a backend, and its response back. Bodies are streamed both ways. */
import type { View } from '@backend-registry/core';
import type { Upstream, Upstreams } from './upstreams.ts';

const MAX_ATTEMPTS = 3;
const RESPONSE_TIMEOUT_MS = 10_000;
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
/** Meant for one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Sends the request to a backend; to another one where the connection failed, if the request is idempotent and has no body. Never after a timeout: a slow
 * fleet is not helped by twice the load.
 */
export async function forward(request: Request, upstreams: Upstreams, view: View): Promise<Response> {
  if (request.headers.has('upgrade')) return failure(501, 'NOT_IMPLEMENTED', 'This gateway does not change protocols.');
  const headers = requestHeaders(request);
  const mayRetry = request.body === null && IDEMPOTENT.has(request.method);
  const tried = new Set<Upstream>();
  for (;;) {
    const upstream = upstreams.choose(view, tried);
    if (upstream === undefined && tried.size === 0) return failure(503, 'NO_BACKEND', 'No backend is routable.');
    if (upstream === undefined) return failure(502, 'BACKEND_FAILED', 'No backend could be reached.');
    tried.add(upstream);
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), RESPONSE_TIMEOUT_MS);
    const end = upstream.begin();
    try {
      const response = await fetch(upstream.base + pathOf(request), {
        method: request.method,
        headers,
        body: request.body,
        redirect: 'manual',
        signal: slow.signal,
      });
      end(true);
      return answer(response);
    } catch {
      end(false);
      if (slow.signal.aborted) return failure(504, 'BACKEND_TIMEOUT', 'The backend did not answer in time.');
      upstreams.avoid(upstream);
      if (!mayRetry || tried.size === MAX_ATTEMPTS) return failure(502, 'BACKEND_FAILED', 'The connection failed.');
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Path and query, as they were sent. */
function pathOf({ url }: Request): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

/** Host and protocol are those that this gateway was asked for. Cloudflare has put the client's address into `X-Forwarded-For`. */
function requestHeaders(request: Request): Headers {
  const headers = endToEnd(request.headers);
  const { host, protocol } = new URL(request.url);
  headers.set('x-forwarded-host', host);
  headers.set('x-forwarded-proto', protocol.slice(0, -1));
  return headers;
}

function answer(response: Response): Response {
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers: endToEnd(response.headers) });
}

function endToEnd(received: Headers): Headers {
  const headers = new Headers(received);
  for (const name of received.get('connection')?.split(/[\s,]+/) ?? []) if (name !== '') headers.delete(name);
  for (const name of HOP_BY_HOP) headers.delete(name);
  return headers;
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
