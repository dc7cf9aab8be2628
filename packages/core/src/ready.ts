/** Promises that a caller may leave alone, and callbacks that may throw. */

/** Settles once, with the first word. There is a promise as soon as somebody asks for it: on some edge runtimes it belongs to the request that did. */
export class Ready {
  #outcome: Outcome | undefined;
  #promise: Promise<void> | undefined;
  #tell: ((outcome: Outcome) => void) | undefined;

  get promise(): Promise<void> {
    this.#promise ??= ignorable(
      new Promise((resolve, reject) => {
        this.#tell = (outcome) => outcome(resolve, reject);
        if (this.#outcome !== undefined) this.#tell(this.#outcome);
      }),
    );
    return this.#promise;
  }

  resolve(): void {
    this.#settle((resolve) => resolve());
  }

  reject(error: Error): void {
    this.#settle((_, reject) => reject(error));
  }

  #settle(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#tell?.(this.#outcome);
  }
}

type Outcome = (resolve: () => void, reject: (error: Error) => void) => void;

/** The same promise, which is no unhandled rejection if nobody looks at it. */
export function ignorable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Calls back, at once. What a callback throws, or its promise rejects with, is its own affair, as its doc comment says, where there is nobody to tell. */
export function tell<T>(
  callback: ((value: T) => unknown) | undefined,
  value: T,
  thrown: (error: unknown) => void = () => undefined,
): void {
  const called = async () => callback?.(value);
  called().catch(thrown);
}
