/** Waiting: for a time, for a bell, for an answer within its deadline. Nothing here leaves a timer or a listener behind. */
import { RegistryError } from './error.ts';

/** Timers hold 31 bits; longer waits are cut there, and their loops look again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What tells that something is over: an `AbortSignal`, or an {@link Ending}. */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A signal for any number of listeners, one for each call under way: of an `AbortSignal` with more than ten, Node 20 warns as of a leak. */
export class Ending implements Signal {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

/** A timer that takes any duration. */
export function startTimer(ms: number, act: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(act, Math.min(ms, LONGEST_TIMER_MS));
}

/** A duration ± a share of it, so that many processes do not act in step. */
export function jittered(ms: number, share = 0.1): number {
  return ms * (1 + share * (2 * Math.random() - 1));
}

/** How long to wait before trying again: doubling from a start to a limit, with jitter. */
export function backoff(failures: number, firstMs: number, longestMs: number): number {
  return jittered(Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30)), 0.2);
}

/** Calls back when the signal aborts, at once where it has; returns how to stop. */
export function whenAborted(signal: Signal, act: () => void): () => void {
  signal.addEventListener('abort', act, { once: true });
  if (signal.aborted) act();
  return () => signal.removeEventListener('abort', act);
}

/** What the work answers, or `undefined` as soon as nobody waits for it any more. */
export function orOver<T>(work: Promise<T>, over: Signal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const release = whenAborted(over, () => resolve(undefined));
    work.then(resolve, reject).finally(release);
  });
}

/**
 * Resolves after this time, or at once when the signal aborts. Never rejects.
 *
 * @param begin is given what wakes it before
 */
export function sleep(ms: number, signal: Signal, begin?: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      release();
      resolve();
    };
    const timer = startTimer(ms, wake);
    const release = whenAborted(signal, wake);
    begin?.(wake);
  });
}

/** Remembers that it was rung until somebody has waited for it. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves when it is rung, was rung since the last wait, the time is over, or the signal aborts. Never rejects. */
  async wait(ms: number, signal: Signal): Promise<void> {
    if (!this.#rung) {
      await sleep(ms, signal, (wake) => {
        this.#wake = wake;
      });
    }
    this.#rung = false;
  }
}

/** Aborts as soon as one of them does, until it is let go. Edge runtimes have no `AbortSignal.any`. */
export function anyOf(signals: readonly (Signal | undefined)[]): {
  readonly signal: Signal;
  release(): void;
} {
  const any = new Ending();
  const releases = signals.map((signal) => signal && whenAborted(signal, () => any.abort()));
  return {
    signal: any,
    release() {
      for (const release of releases) release?.();
    },
  };
}

export interface DeadlineOptions {
  readonly ms: number;
  /** What is being done, for the message: `heartbeat`. */
  readonly doing: string;
  /** Gives up early with `CLOSED`: the handle is being closed. */
  readonly closed: Signal;
  /** What is known of why there is no answer, if anything is. */
  readonly why?: () => RegistryError | undefined;
}

/** The answer of some work, or `TIMEOUT` when it takes too long, or `CLOSED` when the handle is closed meanwhile. */
export function withDeadline<T>(work: Promise<T>, { ms, doing, closed, why }: DeadlineOptions): Promise<T> {
  let end: (() => void) | undefined;
  return new Promise<T>((resolve, reject) => {
    const timer = startTimer(ms, () => {
      reject(
        why?.() ??
          new RegistryError(
            'TIMEOUT',
            `${doing}: no answer from the store within ${ms} ms. Check that it runs and is not overloaded, or raise commandTimeoutMs.`,
          ),
      );
    });
    const release = whenAborted(closed, () => reject(closedError(doing)));
    end = () => {
      clearTimeout(timer);
      release();
    };
    work.then(resolve, reject);
  }).finally(end);
}

export function closedError(doing: string): RegistryError {
  return new RegistryError('CLOSED', `${doing}: this is closed. Open another one.`);
}
