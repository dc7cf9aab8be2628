/** How a request gets to a backend, and its response back. Bodies are streamed both ways, and pass through no code of this Worker. */
import type { View } from '@backend-registry/core';
import { dropHopByHop, withoutHopByHop } from './headers.ts';
import type { Upstream, Upstreams } from './upstreams.ts';

const MAX_ATTEMPTS = 3;
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

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
  const { method, body, url } = request;
  const hostAt = url.indexOf('//') + 2;
  const pathAt = url.indexOf('/', hostAt);
  // Cloudflare has set `X-Forwarded-For` and `X-Forwarded-Proto`.
  const headers = new Headers(request.headers);
  if (headers.has('upgrade')) return failure(501, 'NOT_IMPLEMENTED', 'This gateway does not change protocols.');
  dropHopByHop(headers);
  headers.set('x-forwarded-host', url.slice(hostAt, pathAt));
  const mayRetry = body === null && IDEMPOTENT.has(method);
  const failed: Upstream[] = [];
  for (;;) {
    const upstream = upstreams.choose(view, failed);
    if (upstream === undefined) return unroutable(view, failed);
    const began = upstream.begin();
    try {
      const sent = fetch(upstream.base + url.slice(pathAt), { method, headers, body, redirect: 'manual' });
      const response = await within(timeoutMs, sent);
      // workerd ends the request to the backend with this one.
      if (response === undefined) return failure(504, 'BACKEND_TIMEOUT', 'The backend did not answer in time.');
      upstream.took(Date.now() - began);
      return withoutHopByHop(response);
    } catch {
      upstreams.avoid(upstream);
      if (!mayRetry || failed.push(upstream) === MAX_ATTEMPTS)
        return failure(502, 'BACKEND_FAILED', 'The connection failed.');
    } finally {
      upstream.end(began);
    }
  }
}

/** What the work answers, or `undefined` if it takes longer. */
function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function unroutable({ asOf }: View, failed: readonly Upstream[]): Response {
  if (failed.length > 0) return failure(502, 'BACKEND_FAILED', 'No backend could be reached.');
  if (asOf === null)
    return failure(503, 'REGISTRY_UNREACHABLE', 'The registry does not answer, and nothing is known of it yet.');
  return failure(503, 'NO_BACKEND', 'No backend is routable.');
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
