/** What carries a registry from one Redis to another: loaded by those who do that, and in no bundle of those who do not. */
export { type StoredPage, storedBackends } from './read.ts';
export { type RestoreOptions, type RestoreResult, restoreBackends } from './restore.ts';
export { readStoredBackend, type StoredBackend } from './stored.ts';
