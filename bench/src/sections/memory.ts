/** The memory registry, against the bare data structure doing the same work. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Backend,
  type BackendRegistration,
  createView,
  MemoryBackendRegistry,
  type View,
} from '@backend-registry/core';
import { compareAll, type Result, type Row } from '../measure.ts';
import { limits, memoryTable, table } from '../report.ts';
import type { Section } from '../section.ts';

/** The name of what is measured in bytes. */
const USE = 'heap';

/** The least that a registry of this shape keeps of a backend. */
interface Kept {
  readonly backend: Backend;
  expiresAt: number;
}

function addresses(count: number): BackendRegistration[] {
  return Array.from({ length: count }, (_, n) => ({
    url: `http://10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
    port: 8000,
  }));
}

async function filled(backends: readonly BackendRegistration[]): Promise<MemoryBackendRegistry> {
  const registry = new MemoryBackendRegistry();
  await registry.registerAll(backends);
  return registry;
}

async function keptOf(registry: MemoryBackendRegistry): Promise<Map<string, Kept>> {
  return new Map((await registry.listBackends()).map((backend) => [backend.id, { backend, expiresAt: 0 }]));
}

async function registerRow(): Promise<Row> {
  const backends = addresses(10_000);
  let registry = new MemoryBackendRegistry();
  let map = new Map<string, Kept>();
  const template = (await registry.register({ url: 'http://template', port: 1 })).backend;
  return {
    name: 'register, one by one, awaited',
    operations: backends.length,
    target: 200_000,
    limitIs: 'a promise for setting a frozen copy in a Map by the same text',
    ours: {
      async run() {
        registry = new MemoryBackendRegistry();
        for (const backend of backends) await registry.register(backend);
      },
    },
    limit: {
      async run() {
        map = new Map();
        for (const { url, port } of backends) {
          const id = `${url}:${port}`;
          const backend = Object.freeze({ ...template, id, url, port: port ?? 0, registeredAt: performance.now() });
          await Promise.resolve(map.set(id, { backend, expiresAt: performance.now() + 60_000 }));
        }
      },
    },
  };
}

async function heartbeatRow(count: number): Promise<Row> {
  const backends = addresses(count);
  const registry = await filled(backends);
  const map = await keptOf(registry);
  return {
    name: `heartbeat, one by one, awaited, of ${count.toLocaleString('en')}`,
    operations: count,
    ...(count === 1_000 ? { target: 1_000_000 } : {}),
    limitIs: 'a promise for writing a time into what a Map has by the same text',
    ours: {
      async run() {
        for (const backend of backends) await registry.heartbeat(backend);
      },
    },
    limit: {
      async run() {
        for (const { url, port } of backends) {
          const kept = map.get(`${url}:${port}`) as Kept;
          kept.expiresAt = performance.now() + 60_000;
          await Promise.resolve(kept);
        }
      },
    },
  };
}

async function heartbeatAllRow(): Promise<Row> {
  const backends = addresses(1_000);
  const registry = await filled(backends);
  const map = await keptOf(registry);
  return {
    name: 'heartbeatAll of 1,000, heartbeats',
    operations: backends.length,
    limitIs: 'writing a time into what a Map has by the same text',
    ours: { run: () => registry.heartbeatAll(backends) },
    limit: {
      run() {
        const now = performance.now();
        for (const { url, port } of backends) (map.get(`${url}:${port}`) as Kept).expiresAt = now + 60_000;
      },
    },
  };
}

async function listRows(): Promise<Row[]> {
  const backends = addresses(1_000);
  const registry = await filled(backends);
  const listed = await registry.listBackends();
  let health = true;
  return [
    {
      name: 'listBackends of 1,000, nothing changed',
      operations: 1,
      target: 20_000,
      limitIs: 'copying an array of 1,000',
      ours: { run: () => registry.listBackends() },
      limit: { run: () => listed.slice() },
    },
    {
      name: 'listBackends of 1,000 after a change, and the change',
      operations: 1,
      limitIs: 'copying an array of 1,000',
      ours: {
        async run() {
          health = !health;
          await registry.updateBackendHealth(backends[500] as BackendRegistration, health);
          return registry.listBackends();
        },
      },
      limit: { run: () => listed.slice() },
    },
  ];
}

async function metricsRow(): Promise<Row> {
  const backends = addresses(1_000);
  const registry = await filled(backends);
  const map = await keptOf(registry);
  let inFlightRequests = 0;
  return {
    name: 'updateBackendMetrics, one by one, awaited',
    operations: backends.length,
    limitIs: 'a promise for setting a frozen copy in a Map by the same text',
    ours: {
      async run() {
        inFlightRequests += 1;
        for (const backend of backends) await registry.updateBackendMetrics(backend, { inFlightRequests });
      },
    },
    limit: {
      async run() {
        inFlightRequests += 1;
        for (const { url, port } of backends) {
          const id = `${url}:${port}`;
          const kept = map.get(id) as Kept;
          await Promise.resolve(
            map.set(id, { ...kept, backend: Object.freeze({ ...kept.backend, inFlightRequests }) }),
          );
        }
      },
    },
  };
}

async function viewRow(): Promise<Row> {
  const registry = await filled(addresses(1_000));
  const view = createView(registry);
  await view.ready;
  const plain = { routable: view.routable };
  const READS = 1_000_000;
  return {
    name: 'read of view.routable, 1,000 backends',
    operations: READS,
    target: 20_000_000,
    limitIs: 'reading a property of a plain object',
    ours: {
      run() {
        let read = 0;
        for (let n = 0; n < READS; n += 1) read += view.routable.length;
        return read;
      },
    },
    limit: {
      run() {
        let read = 0;
        for (let n = 0; n < READS; n += 1) read += plain.routable.length;
        return read;
      },
    },
  };
}

/** Its views go on following: what was measured is left to the end of the process. */
export const memory: Section<Memory> = {
  async measure({ wanted, full }) {
    const use = wanted(USE) ? await memoryUse() : undefined;
    const results = await compareAll(await memoryRows(), wanted, full);
    return results.length === 0 && use === undefined ? undefined : { results, use };
  },
  text({ results, use }) {
    const uses = use === undefined ? [] : [memoryTable(use)];
    return (results.length === 0 ? uses : [table(results), ...uses, 'The limits:', limits(results)]).join('\n\n');
  },
};

interface Memory {
  readonly results: readonly Result[];
  readonly use: MemoryUse | undefined;
}

async function memoryRows(): Promise<Row[]> {
  return [
    await registerRow(),
    await heartbeatRow(1_000),
    await heartbeatRow(100_000),
    await heartbeatAllRow(),
    await metricsRow(),
    ...(await listRows()),
    await viewRow(),
  ];
}

export interface MemoryUse {
  readonly backends: number;
  /** Heap of each registered backend, everything that the registry keeps for it. */
  readonly bytesPerBackend: number;
  /** Of which its own strings: id, incarnation and version. */
  readonly stringBytesPerBackend: number;
  /** Heap that a million reads of a view leave behind. */
  readonly bytesPerMillionReads: number;
}

/** What 100,000 backends take, and what reading a view allocates. */
async function memoryUse(): Promise<MemoryUse> {
  const backends = addresses(100_000);
  const empty = heap();
  const registry = await filled(backends);
  const bytesPerBackend = (heap() - empty) / backends.length;
  const view = createView(registry);
  await view.ready;
  readOften(view); // compiles it
  const before = process.memoryUsage().heapUsed;
  readOften(view);
  const bytesPerMillionReads = process.memoryUsage().heapUsed - before;
  await view.close();
  const [backend] = await registry.listBackends();
  await registry.close();
  const strings = [backend?.id, backend?.incarnation, backend?.version];
  // A flat one-byte string has a header of 12 bytes and is rounded up to 8; the id was put together, which takes 32 more.
  const stringBytes = 32 + strings.reduce((sum, text) => sum + Math.ceil((12 + (text?.length ?? 0)) / 8) * 8, 0);
  return { backends: backends.length, bytesPerBackend, stringBytesPerBackend: stringBytes, bytesPerMillionReads };
}

function readOften(view: View): number {
  // A small integer: a sum would outgrow what fits without an allocation of its own.
  let full = 0;
  for (let n = 0; n < 1_000_000; n += 1) if (view.routable.length > 0) full += 1;
  return full;
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let n = 0; n < 3; n += 1) gc();
  return process.memoryUsage().heapUsed;
}
