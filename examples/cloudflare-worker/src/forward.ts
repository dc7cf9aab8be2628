/** How a request gets to a backend, and its response back. Bodies are streamed both ways. */
import type { View } from '@backend-registry/core';
import type { Upstream, Upstreams } from './upstreams.ts';

const MAX_ATTEMPTS = 3;
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
/** What `Connection` names and workerd keeps to itself, with `Te`, `Trailer` and `Transfer-Encoding`. */
const KEPT: ReadonlySet<string> = new Set(['', 'close', 'keep-alive', 'upgrade']);

/**
 * Sends the request to a backend; to another one where the connection failed, if the request is idempotent and has no body. Never after a timeout: a slow
 * fleet is not helped by twice the load.
 */
export async function forward(
  request: Request,
  upstreams: Upstreams,
  view: View,
  timeoutMs: number,
): Promise<Response> {
  if (request.headers.has('upgrade')) return failure(501, 'NOT_IMPLEMENTED', 'This gateway does not change protocols.');
  const { method, body } = request;
  const path = pathOf(request);
  const headers = requestHeaders(request);
  const mayRetry = body === null && IDEMPOTENT.has(method);
  const tried = new Set<Upstream>();
  for (;;) {
    const upstream = upstreams.choose(view, tried);
    if (upstream === undefined && tried.size === 0) return failure(503, 'NO_BACKEND', 'No backend is routable.');
    if (upstream === undefined) return failure(502, 'BACKEND_FAILED', 'No backend could be reached.');
    tried.add(upstream);
    const end = upstream.begin();
    try {
      const sent = fetch(upstream.base + path, { method, headers, body, redirect: 'manual' });
      const response = await within(timeoutMs, sent);
      end(response !== undefined);
      // workerd ends the request to the backend with this one.
      return response === undefined
        ? failure(504, 'BACKEND_TIMEOUT', 'The backend did not answer in time.')
        : answer(response);
    } catch {
      end(false);
      upstreams.avoid(upstream);
      if (!mayRetry || tried.size === MAX_ATTEMPTS) return failure(502, 'BACKEND_FAILED', 'The connection failed.');
    }
  }
}

/** What the work answers, or `undefined` if it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Path and query, as they were sent. */
function pathOf({ url }: Request): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

/** Cloudflare itself has set `X-Forwarded-For` and `X-Forwarded-Proto`. */
function requestHeaders(request: Request): Headers {
  const headers = new Headers(request.headers);
  for (const name of namedIn(headers)) headers.delete(name);
  headers.delete('proxy-authorization');
  headers.set('x-forwarded-host', headers.get('host') ?? '');
  return headers;
}

/** The answer as it is, unless something in it was meant for this gateway only. */
function answer(response: Response): Response {
  const named = namedIn(response.headers);
  if (named.length === 0 && !response.headers.has('proxy-authenticate')) return response;
  const copy = new Response(response.body, response);
  for (const name of [...named, 'proxy-authenticate']) copy.headers.delete(name);
  return copy;
}

/** Meant for one connection only (RFC 9110, 7.6.1). */
function namedIn(headers: Headers): string[] {
  const connection = headers.get('connection');
  if (connection === null) return [];
  return connection
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => !KEPT.has(name));
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
