/** A registry of backends for proxies and gateways: the contract, the registry in memory, and what works with every adapter. */
export {
  type Announcement,
  type AnnouncementState,
  type AnnouncementUpdate,
  type AnnounceOptions,
  announce,
} from './announce.ts';
export {
  type Cleanup,
  type CleanupHold,
  type CleanupState,
  type StartCleanupOptions,
  startCleanup,
} from './cleanup.ts';
export type * from './contract.ts';
export { RegistryError, type RegistryErrorCode } from './error.ts';
export { MemoryBackendRegistry, type MemoryRegistryOptions } from './memory/registry.ts';
export { type MemoryFaults, MemoryStore, type MemoryStoreOptions } from './memory/store.ts';
export { createView, type View, type ViewChange, type ViewOptions, type ViewState } from './view.ts';
