/** A backend and a proxy on a real Redis, with the adapter and the client that are installed where this program is. */
import { announce, type BackendRegistry, createView, RegistryError } from '@backend-registry/core';

const [, , adapter = '', url = ''] = process.argv;
const { RedisBackendRegistry } = (await import(adapter)) as {
  readonly RedisBackendRegistry: new (options: object) => BackendRegistry;
};

/** What becomes of a handle through Sentinel, where there is none. */
async function throughSentinel(): Promise<string> {
  try {
    await new RedisBackendRegistry({ sentinel: { name: 'main', nodes: [{ host: '127.0.0.1', port: 1 }] } }).close();
    return 'made';
  } catch (error) {
    return RegistryError.is(error) ? error.code : String(error);
  }
}

const registry = new RedisBackendRegistry({ url });
// Told, and not found by the poll.
const view = createView(registry, { pollIntervalMs: 600_000 });
await view.ready;
const seen = new Promise<void>((resolve) => view.subscribe(() => resolve()));
const announcement = announce(registry, { url: 'http://10.0.0.7', port: 8001 }, { drainNoticeMs: 0 });
await Promise.all([announcement.ready, seen]);
const routable = view.routable.map(({ id }) => id);
await view.close();
await announcement.close();
const left = await registry.listBackends();
await registry.close();
console.log(JSON.stringify({ routable, left, sentinel: await throughSentinel() }));
