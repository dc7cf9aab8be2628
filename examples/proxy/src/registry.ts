import { type BackendRegistry, MemoryStore } from '@backend-registry/core';
import { createRegistry } from '@backend-registry/core/factory';

/** Loaded where `REGISTRY_TYPE` asks for it; named here, since it is this program that depends on it. */
const ADAPTERS = { ioredis: () => import('@backend-registry/ioredis') };

/**
 * How every program, and every part of the demo, gets a handle of its own on one registry. `REGISTRY_TYPE` says where the registry is; in memory, the handles
 * share a store of this process.
 */
export function openRegistry(
  options: { readonly heartbeatTimeoutMs?: number; readonly keyPrefix?: string } = {},
): () => Promise<BackendRegistry> {
  const store = new MemoryStore();
  return () => createRegistry({ ...options, store, adapters: ADAPTERS });
}
