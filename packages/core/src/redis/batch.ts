/**
 * Calls of one kind that are made in the same turn of the event loop become one script: with many in flight, a turn has many. Nothing waits longer
 * for it than for the turn to end.
 */
export class Batch<I, O> {
  readonly #send: (items: readonly I[]) => Promise<readonly O[]>;
  #items: I[] = [];
  #answers: Promise<readonly O[]> | undefined;
  #release: (() => void) | undefined;

  /** @param send answers for each item, in order */
  constructor(send: (items: readonly I[]) => Promise<readonly O[]>) {
    this.#send = send;
  }

  async add(item: I): Promise<O> {
    this.#answers ??= this.#collect();
    const place = this.#items.push(item) - 1;
    return (await this.#answers)[place] as O;
  }

  /** Sends what was collected now, because something else must come after it. */
  flush(): void {
    this.#release?.();
  }

  #collect(): Promise<readonly O[]> {
    return new Promise((resolve) => {
      const release = () => {
        if (this.#release !== release) return;
        const items = this.#items;
        this.#items = [];
        this.#answers = undefined;
        this.#release = undefined;
        resolve(this.#send(items));
      };
      this.#release = release;
      // After the reactions of everything that this turn has settled: their callers make their next calls in them.
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(release);
    });
  }
}
