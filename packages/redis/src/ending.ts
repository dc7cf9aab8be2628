/** What ends the sockets of a client. */

/**
 * Ends sockets, also those that are only connecting. It is a signal as far as Node's sockets know one, and no `AbortSignal`: Node leaves a listener behind for each attempt to
 * connect that has a signal, so an outage would fill the memory, and with it the clients that a Sentinel makes and forgets. What is left behind is held by nobody else, and
 * goes; what ends a socket is held by that socket.
 */
export class SocketEnding {
  aborted = false;
  readonly #listeners = new Set<WeakRef<() => void>>();
  readonly #known = new WeakMap<() => void, WeakRef<() => void>>();
  readonly #forgotten = new FinalizationRegistry<WeakRef<() => void>>((listener) => this.#listeners.delete(listener));

  /** Ends the sockets that there are, and every one that comes after. */
  abort(): void {
    this.aborted = true;
    this.cut();
  }

  /** Ends the sockets that there are, and none that comes after. */
  cut(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener.deref()?.();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    const held = new WeakRef(listener);
    this.#known.set(listener, held);
    this.#listeners.add(held);
    this.#forgotten.register(listener, held);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const held = this.#known.get(listener);
    if (held !== undefined) this.#listeners.delete(held);
  }
}
