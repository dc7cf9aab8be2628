/** What a client of our own tells of its connection, for calls that only learn that they were not sent. */

/** Our clients try again twice a second at least, and tell each failure, which a process may hear late: what is older is over. */
const FRESH_MS = 2_500;

interface Emitter {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of every event, of every client
  on(event: string, listener: (...values: any[]) => void): unknown;
}

/** Listens to the errors of a client, so that none of them ends the process. @returns the one that still counts, if any does */
export function heedTrouble(client: Emitter): () => unknown {
  let trouble: unknown;
  let at = 0;
  client.on('error', (error: unknown) => {
    trouble = error;
    at = performance.now();
  });
  client.on('ready', () => {
    trouble = undefined;
  });
  return () => (performance.now() - at < FRESH_MS ? trouble : undefined);
}
