/** More are not connecting at once. */
const MOST_LISTENERS = 1_000;

/**
 * Ends sockets, also those that are only connecting. It is a signal as far as Node's sockets know one, and no `AbortSignal`: Node leaves a listener behind for each attempt to connect
 * that has a signal, so an outage would fill the memory, with a warning at the eleventh. Of those that are left behind, the oldest go.
 */
export class Ending {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
    if (this.#listeners.size <= MOST_LISTENERS) return;
    const [oldest] = this.#listeners;
    if (oldest !== undefined) this.#listeners.delete(oldest);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
