/** Promises that a caller may leave alone: what they reject with is told elsewhere too. */

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
