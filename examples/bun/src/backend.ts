// A backend: serves, announces itself, and drains before it ends.
import { announce } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/upstash';
import { ended, serve } from './runtime.ts';

let inFlight = 0;
const server = serve(async () => {
  inFlight += 1;
  try {
    return new Response(`${process.pid} is here\n`);
  } finally {
    inFlight -= 1;
  }
});
const registry = new RedisBackendRegistry({ env: process.env, subscribe: false });
const announcement = announce(
  registry,
  { url: 'http://127.0.0.1', port: server.port },
  { inFlight: () => inFlight, onError: (error) => console.warn(error.message) },
);
await announcement.ready;
console.log(`http://127.0.0.1:${server.port} is registered`);

await ended;
// Proxies are given time to notice, what is in flight ends, and only then nothing listens any more.
await announcement.close();
await registry.close();
await server.stop();
