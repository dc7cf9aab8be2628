/** For how long the store has not answered a view. */
import type { View } from '@backend-registry/core';
import { DEFAULT_TIMEOUT_MS, type Place } from './place.ts';

/** @returns milliseconds, 0 while it answers. A view is told when a call has failed, which began a deadline before. */
export function silenceOf(view: View, { commandTimeoutMs = DEFAULT_TIMEOUT_MS }: Place): () => number {
  let since: number | undefined;
  view.subscribe(() => {
    since = view.stale ? (since ?? Date.now() - commandTimeoutMs) : undefined;
  });
  return () => (since === undefined ? 0 : Date.now() - since);
}
