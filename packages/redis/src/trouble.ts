/** Why a Sentinel or a Cluster of our own has no connection, as it tells it. */
import { heedTrouble, isReply } from '@backend-registry/core/redis';

/** Longer than a client waits for one that does not answer before it asks the next one. */
const TURN_MS = 6_000;

interface Group {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every version
  on(event: string, listener: (...values: any[]) => void): unknown;
}

/**
 * Listens to the errors of a group, so that none of them ends the process. One of its members that refuses to say where the data are is no verdict, for the next one is
 * asked. That of all who can be reached is.
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
  let failed = 0;
  let refusal: Error | undefined;
  return (error) => {
    // Told twice, as itself or as text.
    if (error === last || !(error instanceof Error)) return;
    const now = performance.now();
    // The next turn.
    if (now - lastAt > TURN_MS || failed === members) [failed, refusal] = [0, undefined];
    [last, lastAt] = [error, now];
    failed += 1;
    if (isReply(error)) refusal = error;
    if (refusal === undefined || failed === members) tell(refusal ?? error);
  };
}
