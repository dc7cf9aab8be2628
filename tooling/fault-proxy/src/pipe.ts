import type { Socket } from 'node:net';

/** What the pipes of a proxy share: its faults that last. */
export interface Conditions {
  readonly frozen: boolean;
  readonly delayMs: number;
}

type Item = { readonly due: number } & ({ readonly bytes: Buffer } | { readonly end: 'finished' | 'lost' });

/** One direction of a connection: bytes, and then an end, in their order, each when its delay is over. */
export class Pipe {
  readonly #to: Socket;
  readonly #from: Socket;
  readonly #conditions: Conditions;
  readonly #queue: Item[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, conditions: Conditions) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    to.on('drain', () => this.resume());
    to.once('close', () => clearTimeout(this.#timer));
  }

  write(bytes: Buffer): void {
    if (bytes.length > 0) this.#add({ bytes, due: this.#due() });
  }

  /** Passes on that the sender has `finished`, or that its connection was `lost`. */
  end(end: 'finished' | 'lost'): void {
    this.#add({ end, due: this.#due() });
  }

  /** Holds what comes from now on in the sender's socket, so that the sender feels it in the end. */
  hold(): void {
    this.#from.pause();
    clearTimeout(this.#timer);
  }

  resume(): void {
    if (this.#conditions.frozen) return;
    if (!this.#to.writableNeedDrain) this.#from.resume();
    this.#flush();
  }

  #due(): number {
    return performance.now() + this.#conditions.delayMs;
  }

  #add(item: Item): void {
    this.#queue.push(item);
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (this.#conditions.frozen) return;
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      const waitMs = item.due - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), Math.ceil(waitMs));
        return;
      }
      this.#queue.shift();
      this.#deliver(item);
    }
  }

  #deliver(item: Item): void {
    if (this.#to.destroyed) return;
    if ('bytes' in item) {
      if (!this.#to.write(item.bytes)) this.#from.pause();
    } else if (item.end === 'finished') {
      this.#to.end();
    } else if (this.#to.writableEnded) {
      reset(this.#to);
    } else {
      // What was written before the end arrives before it.
      this.#to.write('', () => reset(this.#to));
    }
  }
}

/** Ends a connection at once; whoever is at its other end sees a reset. */
export function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
