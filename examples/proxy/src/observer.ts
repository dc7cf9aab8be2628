import type { Backend, View, ViewChange } from '@backend-registry/core';
import type { Attempt, Failure } from './proxy.ts';

/** What has been seen of one backend. Times are those of `performance.now()`. */
export interface Seen {
  attempts: number;
  lastAttemptAt: number | null;
  leftViewAt: number | null;
}

/** An attempt that failed. */
export interface FailedAttempt {
  readonly backend: string;
  readonly at: number;
  readonly outcome: Failure['outcome'];
}

/** Keeps what the demo shows and reports: what the proxy tells, and what its view told it. Backends go by their names. */
export class Observer {
  readonly retried: FailedAttempt[] = [];
  /** Requests with which the proxy could do no more, by their id. */
  readonly givenUp = new Map<string, FailedAttempt>();
  readonly #view: View;
  readonly #onEvent: (text: string) => void;
  readonly #seen = new Map<string, Seen>();
  readonly #statuses = new Map<string, Backend['status']>();
  readonly #unsubscribe: () => void;

  constructor(view: View, onEvent: (text: string) => void) {
    this.#view = view;
    this.#onEvent = onEvent;
    this.#unsubscribe = view.subscribe((change) => this.#follow(change));
  }

  of(name: string): Seen {
    let seen = this.#seen.get(name);
    if (seen === undefined) {
      seen = { attempts: 0, lastAttemptAt: null, leftViewAt: null };
      this.#seen.set(name, seen);
    }
    return seen;
  }

  onAttempt({ backend }: Attempt): void {
    const seen = this.of(nameOf(backend));
    seen.attempts += 1;
    seen.lastAttemptAt = performance.now();
  }

  onFailure({ request, backend, outcome }: Failure): void {
    const failed: FailedAttempt = { backend: nameOf(backend), at: performance.now(), outcome };
    if (outcome === 'retried') this.retried.push(failed);
    else this.givenUp.set(request.headers['x-request-id']?.toString() ?? '', failed);
  }

  /** Resolves once it holds, and looks again whenever the view has changed; `false` if it is interrupted before. */
  async until(holds: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!holds() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const unsubscribe = this.#view.subscribe(next);
        signal.addEventListener('abort', next, { once: true });
        function next(): void {
          unsubscribe();
          signal.removeEventListener('abort', next);
          resolve();
        }
      });
    }
    return !signal.aborted;
  }

  close(): void {
    this.#unsubscribe();
  }

  #follow({ state, previousState, added, updated, removed }: ViewChange): void {
    if (state !== previousState && previousState !== 'starting') this.#onEvent(`the view is ${state}`);
    for (const backend of [...added, ...updated]) {
      const before = this.#statuses.get(backend.id);
      this.#statuses.set(backend.id, backend.status);
      if (before === undefined) this.#onEvent(`${nameOf(backend)} registered: ${backend.id}`);
      else if (before !== backend.status) this.#onEvent(`${nameOf(backend)} is ${backend.status}`);
      this.of(nameOf(backend)).leftViewAt = backend.status === 'healthy' ? null : this.#leftAt(backend);
    }
    for (const backend of removed) {
      this.#statuses.delete(backend.id);
      this.of(nameOf(backend)).leftViewAt = this.#leftAt(backend);
      this.#onEvent(`${nameOf(backend)} removed`);
    }
  }

  #leftAt(backend: Backend): number {
    return this.of(nameOf(backend)).leftViewAt ?? performance.now();
  }
}

export function nameOf({ id, metadata }: Backend): string {
  return metadata.name ?? id;
}
