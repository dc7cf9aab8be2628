/** What went through a proxy in one direction, over all its connections. */
export interface Traffic {
  readonly bytes: number;
  /** Requests or replies. */
  readonly messages: number;
}

/** Counts the bytes of one direction, and knows how many more may pass. */
export class Direction implements Traffic {
  bytes = 0;
  messages = 0;
  #left = Number.POSITIVE_INFINITY;

  limit(bytes: number): void {
    this.#left = bytes;
  }

  /** The part of `chunk` that may pass, and whether it was the last; after that the limit is over. */
  admit(chunk: Buffer): { bytes: Buffer; last: boolean } {
    const bytes = chunk.subarray(0, this.#left);
    this.bytes += bytes.length;
    this.#left -= bytes.length;
    const last = this.#left === 0;
    if (last) this.#left = Number.POSITIVE_INFINITY;
    return { bytes, last };
  }
}
