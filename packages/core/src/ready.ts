/** Promises that a caller may leave alone, and callbacks that may throw. */

/** Settles once, with the first word. */
export class Ready {
  readonly promise: Promise<void>;
  resolve!: () => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = ignorable(
      new Promise((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
      }),
    );
  }
}

/** The same promise, which is no unhandled rejection if nobody looks at it. */
export function ignorable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Calls back. What a callback throws, or its promise rejects with, is its own affair: here there is nobody to tell. */
export function tell<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
  try {
    const result = callback?.(value);
    if (result instanceof Promise) void ignorable(result);
  } catch {
    // Said in the doc comment of each callback.
  }
}
