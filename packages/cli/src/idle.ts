/** Waits until a backend that drains has nothing in flight any more, as far as anybody reports it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backend, type BackendRegistry, RegistryError } from '@backend-registry/core';
import { NO_EPOCH } from './epoch.ts';

/**
 * - `idle`: nothing is in flight;
 * - `busy`: the time is over, and something still is;
 * - `unreported`: the time is over, and nobody reports what is in flight there;
 * - `gone`: it has left the registry;
 * - `expired`: its lease has ended: it has died, or does not reach the store;
 * - `lost`: the time is over, and the store has lost its data meanwhile: nobody knows what is in flight;
 * - `unanswered`: the time is over, and the store does not answer: likewise;
 * - `replaced`: another life is registered at its address;
 * - `undrained`: somebody has taken the drain back;
 * - `aborted`: by the signal.
 */
export type Idleness =
  | { readonly status: 'idle' | 'gone' | 'replaced' | 'undrained' | 'unreported' | 'aborted' }
  | { readonly status: 'busy' | 'expired' | 'lost' | 'unanswered'; readonly inFlight: number };

/** How long proxies are given to notice: the longest poll of a watch by default. What is in flight says nothing before. */
const NOTICE_MS = 1_000;
const POLL_MS = 200;

export async function untilIdle(
  registry: BackendRegistry,
  backend: Pick<Backend, 'id' | 'url' | 'port' | 'incarnation' | 'inFlightRequests'>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Idleness> {
  const deadline = AbortSignal.timeout(Math.min(Math.ceil(deadlineMs), 2 ** 31 - 1));
  const over = AbortSignal.any([deadline, signal]);
  const { id, url, port, incarnation } = backend;
  let noticed = false;
  const notice = sleep(NOTICE_MS, undefined, { signal: over }).then(
    () => 'noticed' as const,
    () => 'noticed' as const,
  );
  const events = registry.watch({ metrics: true, pollIntervalMs: POLL_MS, signal: over })[Symbol.asyncIterator]();
  let seen: Backend | undefined;
  /** As it was before the store lost its data. Down is not empty: it may come back, and what it had in flight it has still. */
  let lost: Pick<Backend, 'inFlightRequests'> | undefined;
  try {
    for (let next = events.next(); ; ) {
      const got = await Promise.race(noticed ? [next] : [next, notice]);
      if (got === 'noticed') noticed = true;
      else {
        if (got.done) break;
        next = events.next();
        const event = got.value;
        if (event.type === 'snapshot') {
          // Whoever waits has just seen it: a store that knows nobody any more has lost its data.
          const before = seen ?? backend;
          seen = event.backends.find((each) => each.id === id);
          if (event.cause === 'reset' || (seen === undefined && event.epoch === NO_EPOCH)) lost ??= before;
          if (seen === undefined && lost === undefined) return { status: 'gone' };
        } else if (event.type === 'registered' || event.type === 'updated') {
          if (event.backend.id === id) seen = event.backend;
        } else if (event.type === 'removed' && event.backend.id === id) {
          return { status: event.reason === 'replaced' ? 'replaced' : 'gone' };
        }
      }
      if (!noticed) continue;
      // One that has come back after a loss drains when its process says so again.
      const ended = seen && !(lost !== undefined && seen.status !== 'draining') && judge(seen, incarnation);
      if (ended) return ended;
    }
  } finally {
    void events.return?.();
  }
  if (signal.aborted) return { status: 'aborted' };
  let last: Backend | null;
  try {
    // What was seen before may be older than a silence that nobody has noticed yet.
    last = (await registry.getBackend({ url, port })) ?? seen ?? null;
  } catch (error) {
    if (!RegistryError.is(error, 'UNAVAILABLE') && !RegistryError.is(error, 'TIMEOUT')) throw error;
    return { status: 'unanswered', inFlight: (seen ?? backend).inFlightRequests };
  }
  if (lost !== undefined && last?.status !== 'draining') return { status: 'lost', inFlight: lost.inFlightRequests };
  if (last === null) return { status: 'gone' };
  const ended = judge(last, incarnation);
  if (ended) return ended;
  return last.metricsUpdatedAt === null
    ? { status: 'unreported' }
    : { status: 'busy', inFlight: last.inFlightRequests };
}

function judge(backend: Backend, incarnation: string): Idleness | undefined {
  if (backend.incarnation !== incarnation) return { status: 'replaced' };
  if (backend.status === 'expired') return { status: 'expired', inFlight: backend.inFlightRequests };
  if (backend.status !== 'draining') return { status: 'undrained' };
  return backend.metricsUpdatedAt !== null && backend.inFlightRequests === 0 ? { status: 'idle' } : undefined;
}
