/** Something about one backend. */
interface Item {
  readonly id: string;
}

/**
 * Calls of one kind that are made in the same turn of the event loop share their scripts: with many in flight, a turn has many. Nothing waits longer
 * for it than for the turn to end, and nobody for the script of somebody else.
 */
export class Batch<I extends Item, O> {
  readonly #most: number;
  readonly #send: (part: readonly I[]) => Promise<readonly O[]>;
  #items: I[] = [];
  #sent: Promise<readonly Promise<readonly O[]>[]> | undefined;
  #release: (() => void) | undefined;

  /** @param most items of one script @param send runs it, and answers for each item, in order */
  constructor(most: number, send: (part: readonly I[]) => Promise<readonly O[]>) {
    this.#most = most;
    this.#send = send;
  }

  async add(item: I): Promise<O> {
    this.#sent ??= this.#collect();
    const place = this.#items.push(item) - 1;
    const parts = await this.#sent;
    const answers = await parts[Math.floor(place / this.#most)];
    return answers?.[place % this.#most] as O;
  }

  /** Sends what was collected now, because something else must come after it. */
  flush(): void {
    this.#release?.();
  }

  #collect(): Promise<readonly Promise<readonly O[]>[]> {
    return new Promise((resolve) => {
      const release = () => {
        if (this.#release !== release) return;
        const items = this.#items;
        this.#items = [];
        this.#sent = undefined;
        this.#release = undefined;
        resolve(sendParts(split(items, this.#most), this.#send));
      };
      this.#release = release;
      // After the reactions of everything that this turn has settled: their callers make their next calls in them.
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(release);
    });
  }
}

/** A script for each part, all on their way at once; where a backend is in several, each waits for the one before. */
export function sendParts<I extends Item, O>(
  parts: readonly (readonly I[])[],
  send: (part: readonly I[]) => Promise<readonly O[]>,
): Promise<readonly O[]>[] {
  const ids = parts.length > 1 ? parts.flat().map(({ id }) => id) : [];
  if (new Set(ids).size === ids.length) return parts.map(send);
  const sent: Promise<readonly O[]>[] = [];
  for (const part of parts) sent.push(sent.at(-1)?.then(() => send(part)) ?? send(part));
  return sent;
}

/** In their order, in parts of at most so many that may be together. */
export function split<T>(items: readonly T[], most: number, together?: (first: T, other: T) => boolean): T[][] {
  const parts: T[][] = [];
  let part: T[] = [];
  for (const item of items) {
    const [first] = part;
    if (first === undefined || part.length === most || together?.(first, item) === false) {
      part = [];
      parts.push(part);
    }
    part.push(item);
  }
  return parts;
}
