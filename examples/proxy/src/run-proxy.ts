/** The proxy as a process of its own: `REGISTRY_TYPE=redis node src/run-proxy.ts --port 8080`. SIGTERM ends it when its requests are done. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { createView, startCleanup } from '@backend-registry/core';
import { gently } from './gently.ts';
import { createProxy } from './proxy.ts';
import { openRegistry } from './registry.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8080' }, host: { type: 'string', default: '127.0.0.1' } },
});
const registry = await openRegistry()();
if (registry.capabilities.scope === 'process')
  console.warn('No other process sees this registry: set REGISTRY_TYPE and REDIS_URL.');

const view = createView(registry, { onError: (error) => console.error(error.message) });
const cleanup = startCleanup(registry, { onError: (error) => console.error(error.message) });
let told = '';
view.subscribe(({ state }) => {
  const news = `${view.routable.length} of ${view.backends.length} backends routable, view ${state}`;
  // Most changes are of metrics.
  if (news !== told) console.log(news);
  told = news;
});
await view.ready;

const proxy = createProxy({ view });
const end = gently(proxy);
proxy.listen(Number(values.port), values.host);
await once(proxy, 'listening');
console.log(`Listening on http://${values.host}:${(proxy.address() as AddressInfo).port}`);

async function close(): Promise<void> {
  await end();
  await cleanup.close();
  await view.close();
  await registry.close();
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close());
