// app/[...path]/route.ts: sends every request on to a healthy backend.
import { createView, type View } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/upstash';

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

export const runtime = 'edge';

/** What may be routed by without asking: a second old. */
const MAX_AGE_MS = 1_000;
/** What a request waits for the registry at most. */
const MAX_WAIT_MS = 500;
/** Of the request before, as text: nothing that belongs to one request is kept for the next. */
let snapshot: string | undefined;

async function handle(request: Request): Promise<Response> {
  const view = await look();
  const { routable } = view;
  const backend = routable[Math.floor(Math.random() * routable.length)];
  if (backend === undefined) return Response.json({ error: 'no backend' }, { status: 503 });
  const { pathname, search } = new URL(request.url);
  const { method, headers, body } = request;
  // A body that is a stream is sent while it arrives.
  const streamed = body === null ? {} : { body, duplex: 'half' };
  const forwarded = new Headers(headers);
  for (const name of ['connection', 'host', 'keep-alive', 'transfer-encoding']) forwarded.delete(name);
  return fetch(`${backend.id}${pathname}${search}`, { method, headers: forwarded, redirect: 'manual', ...streamed });
}

async function look(): Promise<View> {
  await using registry = new RedisBackendRegistry({
    env: process.env,
    subscribe: false,
    commandTimeoutMs: MAX_WAIT_MS,
  });
  const view = createView(registry, { follow: false, ...(snapshot === undefined ? {} : { snapshot }) });
  // Where the registry is away, what was seen last stands. It rejects where nothing was: then nothing is routable.
  await view.refresh({ maxAgeMs: MAX_AGE_MS }).catch(() => undefined);
  snapshot = view.snapshot();
  return view;
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
