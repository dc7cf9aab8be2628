/** What ends the sockets of a client. */
import { Ending } from '@backend-registry/core/redis';

/** More are not connecting at once. Each that is left behind keeps its socket, of some kilobytes. */
const MOST_LISTENERS = 256;

/**
 * Ends sockets, also those that are only connecting. It is a signal as far as Node's sockets know one, and no `AbortSignal`: Node leaves a listener behind for each attempt to connect
 * that has a signal, so an outage would fill the memory, with a warning at the eleventh. Of those that are left behind, the oldest go.
 */
export class SocketEnding extends Ending {
  /** Ends the sockets that there are, and none that comes after. */
  cut(): void {
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener();
  }

  override addEventListener(type: 'abort', listener: () => void): void {
    super.addEventListener(type, listener);
    const [oldest] = this.listeners;
    if (this.listeners.size > MOST_LISTENERS && oldest !== undefined) this.listeners.delete(oldest);
  }
}
