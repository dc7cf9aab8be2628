/** The loop behind `watch`, for every store: look, tell, wait for the bell or the poll, look again. */
import type { RegistryEvent, WatchOptions } from './contract.ts';
import { toRegistryError } from './error.ts';
import { Follower } from './follow.ts';
import { readPollInterval } from './input.ts';
import type { Table } from './table.ts';
import { anyOf, Bell, backoff, closedError, Ending, jittered, orOver, type Signal } from './timing.ts';

/** What a store lets a watcher do. */
export interface WatchPort {
  /** Aborts when the handle is closed. */
  readonly closed: Signal;
  /** Brings the table up to date with the store, or rejects with a `RegistryError` within the deadline of a call. */
  look(): Promise<Look>;
  /** Calls back when something changed that should be looked at now; returns how to stop. */
  listen(bell: () => void): () => void;
}

export interface Look {
  readonly table: Table;
  /** The time of the store. */
  readonly now: number;
  /** Until the next lease ends that has not ended yet. */
  readonly nextExpiryInMs: number | null;
  /** How long ago the store was asked; not at all where it was asked now. */
  readonly ageMs?: number;
}

/** First pause after a failed look; it doubles up to the poll interval. */
const FIRST_RETRY_MS = 50;

export function watchRegistry(port: WatchPort, options: WatchOptions = {}): AsyncIterable<RegistryEvent> {
  return {
    [Symbol.asyncIterator]() {
      // A generator cannot be returned from while it waits, so leaving the loop ends the waiting first.
      const left = new Ending();
      const events = follow(port, options, left);
      return {
        next: () => events.next(),
        return() {
          left.abort();
          return events.return(undefined);
        },
      };
    },
  };
}

async function* follow(port: WatchPort, options: WatchOptions, left: Signal): AsyncGenerator<RegistryEvent, undefined> {
  const { closed } = port;
  if (closed.aborted) throw closedError('watch');
  const pollIntervalMs = readPollInterval(options);
  const { signal: over, release } = anyOf([closed, left, options.signal]);
  const bell = new Bell();
  const silence = options.push === false ? undefined : port.listen(bell.ring);
  try {
    const follower = new Follower(options.metrics ?? false);
    let seen = await orOver(port.look(), over);
    let failures = 0;
    while (seen !== undefined && !over.aborted) {
      for (const event of follower.catchUp(seen.table)) {
        if (over.aborted) return;
        yield event;
      }
      if (failures > 0) yield { type: 'fresh', version: follower.version };
      failures = 0;
      let pauseMs = Math.max(0, Math.min(jittered(pollIntervalMs) - (seen.ageMs ?? 0), untilExpiry(seen)));
      const { now } = seen;
      for (seen = undefined; seen === undefined; ) {
        await bell.wait(pauseMs, over);
        if (over.aborted) return;
        try {
          seen = await orOver(port.look(), over);
          if (seen === undefined) return;
        } catch (error) {
          if (over.aborted) return;
          failures += 1;
          if (failures === 1) yield { type: 'stale', since: now, error: toRegistryError(error, 'watch') };
          pauseMs = backoff(failures, FIRST_RETRY_MS, Math.max(FIRST_RETRY_MS, pollIntervalMs));
        }
      }
    }
  } finally {
    silence?.();
    release();
  }
}

/** Leases end between two ticks of a timer: the look that should see one end comes just after. */
function untilExpiry({ nextExpiryInMs }: Look): number {
  return nextExpiryInMs ? Math.ceil(nextExpiryInMs) + 1 : Number.POSITIVE_INFINITY;
}
