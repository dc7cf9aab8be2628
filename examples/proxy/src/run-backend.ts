/** One backend as a process of its own: `REGISTRY_TYPE=redis node src/run-backend.ts --name a --port 8001`. SIGTERM drains it. */
import { parseArgs } from 'node:util';
import { startBackend } from './backend.ts';
import { openRegistry } from './registry.ts';
import { createService } from './service.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: `backend-${process.pid}` },
    port: { type: 'string', default: '0' },
    host: { type: 'string' },
  },
});
const registry = await openRegistry()();
if (registry.capabilities.scope === 'process')
  console.warn('No other process sees this registry: set REGISTRY_TYPE and REDIS_URL.');

const backend = await startBackend({
  registry,
  name: values.name,
  service: createService(values.name),
  port: Number(values.port),
  ...(values.host !== undefined && { host: values.host }),
  onState: (state) => console.log(`${values.name}: ${state}`),
  onError: (error) => console.error(`${values.name}: ${error.message}`),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void backend.close());
await backend.announcement.ready;
console.log(`${values.name}: listening on ${backend.announcement.backend?.id}`);
