import type { Backend } from '@backend-registry/core';

/** Chooses one of `backends` (never empty). `inFlight` is the number of requests that this proxy has under way on a backend. */
export type Picker = (backends: readonly Backend[], inFlight: (backend: Backend) => number) => Backend | undefined;

/**
 * Least requests in flight, with the power of two choices: two candidates drawn by weight, and the less busy one is taken. Looking at all of
 * them instead would send every proxy to the same backend at once.
 */
export const leastInFlight: Picker = (backends, inFlight) => {
  const first = drawByWeight(backends);
  const second = drawByWeight(backends);
  if (first === undefined || second === undefined) return first;
  return inFlight(second) / second.weight < inFlight(first) / first.weight ? second : first;
};

/** Weight 0 means no traffic: when all have it, there is none to draw. */
function drawByWeight(backends: readonly Backend[]): Backend | undefined {
  let total = 0;
  for (const { weight } of backends) total += weight;
  let left = Math.random() * total;
  let drawn: Backend | undefined;
  for (const backend of backends) {
    if (backend.weight === 0) continue;
    drawn = backend;
    left -= backend.weight;
    if (left < 0) break;
  }
  return drawn;
}
