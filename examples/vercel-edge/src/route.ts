// app/[[...path]]/route.ts: sends every request on to a healthy backend.
import { createView, type View } from '@backend-registry/core';
import { type EnvOptions, RedisBackendRegistry } from '@backend-registry/upstash';

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

export const runtime = 'edge';

/** What may be routed by without asking: a second old. */
const MAX_AGE_MS = 1_000;
/** What a request waits for the registry at most. */
const MAX_WAIT_MS = 500;
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];
/** One for all requests: it belongs to none of them. */
let view: View | undefined;

async function handle(request: Request): Promise<Response> {
  const { routable } = await look();
  const backend = routable[Math.floor(Math.random() * routable.length)];
  if (backend === undefined) return Response.json({ error: 'no backend' }, { status: 503 });
  const { pathname, search } = new URL(request.url);
  const { method, headers, body } = request;
  // A body that is a stream is sent while it arrives.
  const streamed = body === null ? {} : { body, duplex: 'half' };
  const forwarded = new Headers(headers);
  // What `Connection` names is meant for the connection to this handler.
  const named = headers.get('connection')?.match(/[\w-]+/g) ?? [];
  for (const name of [...HOP_BY_HOP, 'host', 'expect', ...named]) forwarded.delete(name);
  // What comes packed would be handed on unpacked, and be said to be packed still.
  forwarded.set('accept-encoding', 'identity');
  try {
    const init = { method, headers: forwarded, redirect: 'manual', ...streamed } as const;
    // With a path of its own, if it has one.
    const target = new URL(backend.url);
    target.port = String(backend.port);
    const response = await fetch(`${target.href.replace(/\/$/, '')}${pathname}${search}`, init);
    const answer = new Response(response.body, response);
    for (const name of HOP_BY_HOP) answer.headers.delete(name);
    return answer;
  } catch {
    return Response.json({ error: 'bad gateway' }, { status: 502 });
  }
}

async function look(): Promise<View> {
  // A stream would belong to one request.
  const options: EnvOptions = { env: process.env, subscribe: false, commandTimeoutMs: MAX_WAIT_MS };
  view ??= createView(new RedisBackendRegistry(options), { follow: false });
  // Where the registry is away, what was seen last stands. It rejects where nothing was: then nothing is routable.
  await view.refresh({ maxAgeMs: MAX_AGE_MS }).catch(() => undefined);
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
