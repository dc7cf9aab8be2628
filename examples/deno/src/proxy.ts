// A proxy: reads a live view for each request, without any network.
import { createView } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/upstash';
import { ended, serve } from './runtime.ts';

const registry = new RedisBackendRegistry({ env: process.env });
const view = createView(registry, { onError: (error) => console.warn(error.message) });
await view.ready;

const server = serve(async ({ url, method, headers, body }) => {
  const { routable } = view;
  const backend = routable[Math.floor(Math.random() * routable.length)];
  if (backend === undefined) return new Response('No backend\n', { status: 503 });
  const { pathname, search } = new URL(url);
  const forwarded = new Headers(headers);
  // What `Connection` names is meant for the connection to this proxy.
  const named = headers.get('connection')?.match(/[\w-]+/g) ?? [];
  for (const name of ['connection', 'host', 'keep-alive', 'transfer-encoding', ...named]) forwarded.delete(name);
  const init = { method, headers: forwarded, body, redirect: 'manual', duplex: 'half' } as const;
  // With a path of its own, if it has one.
  const target = new URL(backend.url);
  target.port = String(backend.port);
  const address = `${target.href.replace(/\/$/, '')}${pathname}${search}`;
  return fetch(address, init).catch(() => new Response('Bad gateway\n', { status: 502 }));
});
console.log(`http://127.0.0.1:${server.port} is ready`);

await ended;
await server.stop();
await view.close();
await registry.close();
