/** What a Sentinel or a Cluster of our own tells of those whom it asks, one after the other, where the data are. */
import { heedTrouble, isReply } from '@backend-registry/core/redis';

/** What it ends with when it has asked all of them, and nobody could say it. */
const NOBODY = /^(None of the sentinels|All the root nodes) are/i;

interface Group {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every version
  on(event: string, listener: (...values: any[]) => void): unknown;
}

export interface Heard {
  /** Why there is no connection, where that may pass. One that refuses is no verdict: the next one is asked. */
  trouble(): unknown;
  /** Why an attempt to connect has failed: where it reached nobody who could say where the data are, and somebody has refused to, that. */
  verdict(error: unknown): unknown;
}

/** Listens to the errors of a group, so that none of them ends the process. */
export function hear(client: Group): Heard {
  let refusal: unknown;
  const trouble = heedTrouble({
    on(event, listener) {
      const heardError = (error: unknown) => {
        if (isReply(error)) refusal = error;
        // Told once more as text.
        else if (error instanceof Error) listener(error);
      };
      client.on(event, event === 'error' ? heardError : listener);
    },
  });
  const isNobody = (error: unknown) => error instanceof Error && NOBODY.test(error.message);
  return { trouble, verdict: (error) => (isNobody(error) ? (refusal ?? error) : error) };
}
