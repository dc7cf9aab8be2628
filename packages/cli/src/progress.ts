/** How far a long command is, on a terminal: one line on stderr, which is gone when the command is done. */
import type { Io } from './io.ts';

export class Progress implements Disposable {
  readonly #io: Io;
  #shown = false;

  constructor(io: Io) {
    this.#io = io;
  }

  show(text: string): void {
    if (!this.#io.stderr.isTTY) return;
    this.#shown = true;
    this.#io.stderr.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#shown) this.#io.stderr.write('\r\x1b[K');
    this.#shown = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
