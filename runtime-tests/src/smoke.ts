import { MemoryBackendRegistry, RegistryError } from '@backend-registry/core';
import { memoryHarness, runConformance } from '@backend-registry/core/conformance/cases';
import { createRegistry } from '@backend-registry/core/factory';

export interface SmokeReport {
  passed: string[];
  failed: { name: string; error: string }[];
  /** Conformance cases that the memory registry does not offer. */
  notOffered: string[];
}

/** The main job on this runtime, then every conformance case that the memory registry offers. Text only: it crosses processes. */
export async function smoke(): Promise<SmokeReport> {
  const report: SmokeReport = { passed: [], failed: [], notOffered: [] };
  for (const [name, body] of Object.entries(jobs)) {
    try {
      await body();
      report.passed.push(name);
    } catch (error) {
      report.failed.push({ name, error: shown(error) });
    }
  }
  const conformance = await runConformance(memoryHarness());
  report.passed.push(...conformance.passed);
  report.failed.push(...conformance.failed.map(({ name, error }) => ({ name, error: shown(error) })));
  report.notOffered.push(...conformance.notOffered.map(({ name }) => name));
  return report;
}

const jobs: Record<string, () => Promise<void>> = {
  'a registered backend is listed, beats and leaves': async () => {
    const registry = new MemoryBackendRegistry();
    const backend = { url: 'http://api.example.com', port: 8001 };
    equal((await registry.register(backend)).status, 'registered');
    equal((await registry.heartbeat(backend)).status, 'renewed');
    equal((await registry.listBackends()).map(({ id }) => id).join(), 'http://api.example.com:8001');
    equal((await registry.unregister(backend)).status, 'unregistered');
    equal((await registry.heartbeat(backend)).status, 'unknown');
    equal((await registry.listBackends()).length, 0);
    await registry.close();
  },
  'an address is read the same, however often it was read': async () => {
    const registry = new MemoryBackendRegistry();
    const backend = { url: 'http://b\u00fccher.example', port: 8001 };
    await registry.register(backend);
    for (let n = 0; n < 20_000; n += 1) equal((await registry.heartbeat(backend)).status, 'renewed');
    await registry.close();
  },
  'a watcher sees the snapshot first': async () => {
    const registry = new MemoryBackendRegistry();
    await registry.register({ url: 'http://api.example.com', port: 8001 });
    for await (const event of registry.watch()) {
      equal(event.type, 'snapshot');
      break;
    }
    await registry.close();
  },
  'bad input is a typed error': async () => {
    const registry = new MemoryBackendRegistry();
    const error = await registry.register({ url: 'http://api.example.com', port: 0 }).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof RegistryError)) throw new Error(`expected a RegistryError, got ${shown(error)}`);
    equal(error.code, 'INVALID_BACKEND');
    await registry.close();
  },
  'the factory makes a memory registry': async () => {
    const registry = await createRegistry({ env: { REGISTRY_TYPE: 'memory' } });
    equal((await registry.listBackends()).length, 0);
    await registry.close();
  },
};

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`expected ${String(expected)}, got ${String(actual)}`);
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
}
