/** How long each change took to be seen. */
export class Delays {
  #values: number[] = [];
  readonly #began = new Map<number, number>();
  #allSeen: (() => void) | undefined;

  begin(n: number): void {
    this.#began.set(n, performance.now());
  }

  readonly seen = (n: number): void => {
    const now = performance.now();
    const began = this.#began.get(n);
    if (began === undefined) return;
    this.#began.delete(n);
    this.#values.push(now - began);
    if (this.#began.size === 0) this.#allSeen?.();
  };

  allSeen(): Promise<void> {
    return new Promise((resolve) => {
      this.#allSeen = resolve;
      if (this.#began.size === 0) resolve();
    });
  }

  take(): number[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }
}
