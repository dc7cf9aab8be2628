/** Which backends of a view are meant: what `listBackends` does with its filter. */
import type { Backend, BackendFilter, BackendStatus } from '@backend-registry/core';
import { readPairs } from './pairs.ts';

export interface FilterOptions {
  readonly status?: readonly BackendStatus[];
  readonly zone?: string;
  readonly meta?: readonly string[];
}

export function readFilter({ status, zone, meta }: FilterOptions): BackendFilter {
  return {
    ...(status && { status }),
    ...(zone !== undefined && { zone }),
    ...(meta && { metadata: readPairs(meta, '--meta') }),
  };
}

export function matches(backend: Backend, { status, zone, metadata = {} }: BackendFilter): boolean {
  if (status !== undefined && !status.includes(backend.status)) return false;
  if (zone !== undefined && backend.zone !== zone) return false;
  return Object.entries(metadata).every(
    ([name, value]) => Object.hasOwn(backend.metadata, name) && backend.metadata[name] === value,
  );
}
