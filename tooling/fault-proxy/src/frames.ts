/** A complete request or reply of the Redis protocol. */
export interface Frame {
  readonly bytes: Buffer;
  /** How many bytes of the chunk that completed it belong to it or to what came before. */
  readonly end: number;
}

const AGGREGATES: Readonly<Record<string, number>> = { '*': 1, '~': 1, '>': 1, '%': 2, '|': 2 };
const TEXTS = new Set(['$', '=', '!']);

/**
 * Says where requests and replies end in a stream of the Redis protocol, version 2 or 3, however it is cut in chunks.
 * Two numbers are enough: items that the frame still lacks, and bytes that the current text still lacks.
 */
export class Frames {
  #parts: Buffer[] = [];
  #items = 1;
  #textBytes = 0;
  #line = '';

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let begin = 0;
    let at = 0;
    while (at < chunk.length) {
      at = this.#textBytes > 0 ? this.#skipText(chunk, at) : this.#readLine(chunk, at);
      if (this.#items > 0 || this.#textBytes > 0 || this.#line !== '') continue;
      this.#parts.push(chunk.subarray(begin, at));
      const [only] = this.#parts;
      frames.push({ bytes: this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts), end: at });
      this.#parts = [];
      this.#items = 1;
      begin = at;
    }
    if (begin < chunk.length) this.#parts.push(chunk.subarray(begin));
    return frames;
  }

  #skipText(chunk: Buffer, at: number): number {
    const length = Math.min(this.#textBytes, chunk.length - at);
    this.#textBytes -= length;
    if (this.#textBytes === 0) this.#items--;
    return at + length;
  }

  #readLine(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(0x0a, at);
    const end = newline === -1 ? chunk.length : newline + 1;
    this.#line += chunk.toString('latin1', at, end);
    if (newline !== -1) this.#endLine();
    return end;
  }

  #endLine(): void {
    const type = this.#line[0] ?? '';
    const length = Number.parseInt(this.#line.slice(1), 10);
    this.#line = '';
    const perEntry = AGGREGATES[type];
    if (perEntry !== undefined) {
      // An attribute ("|") stands before the reply that it describes: it does not stand for one itself.
      this.#items += Math.max(length, 0) * perEntry - (type === '|' ? 0 : 1);
    } else if (TEXTS.has(type) && length >= 0) {
      this.#textBytes = length + 2;
    } else {
      this.#items--;
    }
  }
}
