/** A proxy that cleans up: `cleaner.ts LIBRARY URL HEARTBEAT_TIMEOUT_MS`. Says when it is ready, and ends with its input. */
import { startCleanup } from '@backend-registry/core';
import { libraries } from '../clients.ts';

const [name, url = '', heartbeatTimeoutMs] = process.argv.slice(2);
const library = libraries.find((each) => each.name === name);
if (library === undefined) throw new Error(`There is no library ${name}`);
const registry = library.open(url, { heartbeatTimeoutMs: Number(heartbeatTimeoutMs) });
const cleanup = startCleanup(registry);
await cleanup.ready;
console.log('ready');
for await (const _ of process.stdin);
await cleanup.close();
await registry.close();
