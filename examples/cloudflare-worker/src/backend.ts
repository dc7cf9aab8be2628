// A backend for the gateway, in Node: `PORT=8001 npx --yes pnpm@12 backend`
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { announce } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/upstash';

const server = createServer((request, response) => {
  response.end(`${process.pid} answers ${request.method} ${request.url}\n`);
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const registry = new RedisBackendRegistry({ env: process.env, subscribe: false });
const announcement = announce(registry, { url: 'http://127.0.0.1', port }, { onError: console.warn });
await announcement.ready;
console.log(`http://127.0.0.1:${port} is registered`);

await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
// Drains, waits until the gateways have noticed, and unregisters; only then nothing listens any more.
await announcement.close();
await registry.close();
server.close();
// Nothing is in flight by then; what is left are connections that clients keep.
server.closeAllConnections();
