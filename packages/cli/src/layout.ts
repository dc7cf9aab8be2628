/** The names of the registry's keys, as `docs/redis-layout.md` has them. */
import { MemoryBackendRegistry } from '@backend-registry/core';
import type { Place } from './place.ts';

export interface Layout {
  readonly prefix: string;
  readonly leases: string;
  readonly incarnations: string;
  readonly versions: string;
  readonly removed: string;
  readonly meta: string;
  /** What was copied from another registry lately. */
  readonly copies: string;
  readonly channel: string;
  document(id: string): string;
  heartbeat(id: string): string;
}

/** What stands before the keys where no prefix is given. */
export function prefixOf(place: Place): string {
  return place.keyPrefix ?? (place.kind === 'cluster' ? '{backend-registry}:' : '');
}

export function layoutOf(prefix: string): Layout {
  return {
    prefix,
    leases: `${prefix}registry:leases`,
    incarnations: `${prefix}registry:incarnations`,
    versions: `${prefix}registry:versions`,
    removed: `${prefix}registry:removed`,
    meta: `${prefix}registry:meta`,
    copies: `${prefix}registry:copies`,
    channel: `${prefix}registry:changes`,
    document: (id) => `${prefix}backend:${id}`,
    heartbeat: (id) => `${prefix}heartbeat:${id}`,
  };
}

/** What each of the registry's own keys is, as the server calls it. */
export function typesOf({
  leases,
  incarnations,
  versions,
  removed,
  meta,
  copies,
}: Layout): ReadonlyMap<string, string> {
  return new Map([
    [leases, 'zset'],
    [incarnations, 'hash'],
    [versions, 'zset'],
    [removed, 'zset'],
    [meta, 'hash'],
    [copies, 'hash'],
  ]);
}

/** The id of an address as the registry writes it. Rejects with `INVALID_BACKEND` where it is none. */
export async function idOf(url: string): Promise<string> {
  await using registry = new MemoryBackendRegistry();
  const { backend } = await registry.register({ url });
  return backend.id;
}
