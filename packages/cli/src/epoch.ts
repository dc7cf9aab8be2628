/** Which life of the store's data it is. */
import type { BackendRegistry } from '@backend-registry/core';

/** Of a registry in which nothing was ever registered. */
export const NO_EPOCH = 'none';

/** By one look, whatever the size of the registry. */
export async function epochOf(registry: BackendRegistry): Promise<string> {
  // The first event is a snapshot.
  for await (const event of registry.watch({ push: false })) if ('epoch' in event) return event.epoch;
  return NO_EPOCH;
}
