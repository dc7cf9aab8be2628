/** Why a Sentinel or a Cluster of our own has no connection, as it tells it. */
import { heedTrouble, isReply } from '@backend-registry/core/redis';

/** Whoever is asked in turn is asked sooner after the last one; the next turn begins later. */
const TURN_MS = 1_000;

interface Group {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every version
  on(event: string, listener: (...values: any[]) => void): unknown;
}

/**
 * Listens to the errors of a group, so that none of them ends the process. One of its members that refuses to say where the data are is no verdict, for the next one is
 * asked; all of them are.
 *
 * @param members that are asked in turn
 * @returns the error that still counts, if any does
 */
export function heedGroupTrouble(client: Group, members: number): () => unknown {
  return heedTrouble({
    on(event, listener) {
      client.on(event, event === 'error' ? hearMembers(members, listener) : listener);
    },
  });
}

function hearMembers(members: number, tell: (error: Error) => void): (error: unknown) => void {
  let last: unknown;
  let lastAt = 0;
  let refused = 0;
  return (error) => {
    // Told twice, as itself or as text.
    if (error === last || !(error instanceof Error)) return;
    const now = performance.now();
    if (now - lastAt > TURN_MS) refused = 0;
    refused = isReply(error) ? refused + 1 : 0;
    [last, lastAt] = [error, now];
    if (refused === 0 || refused >= members) tell(error);
  };
}
