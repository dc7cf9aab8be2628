/** Something about one backend. */
interface Item {
  readonly id: string;
}

/** For what is written before it, a part waits no longer than this: the deadline of its calls begins when it is sent. */
const PATIENCE_MS = 20;

/**
 * Calls of one kind that are made in the same turn of the event loop share their scripts: with many in flight, a turn has many. Nothing waits longer for it than for
 * the turn to end and, where the client says when it has written, for the parts before it to be written; nobody waits for the answer to the script of somebody else.
 */
export class Batch<I extends Item, O> {
  readonly #most: number;
  readonly #send: (part: readonly I[]) => Promise<readonly O[]>;
  readonly #written: (() => Promise<void>) | undefined;
  #items: I[] = [];
  #sent: Promise<readonly Promise<readonly O[]>[]> | undefined;
  #release: (() => void) | undefined;
  /** Parts that are sent once those before them are written. */
  #waiting: { readonly since: number; send(): void }[] = [];
  #sending = false;

  /**
   * @param most items of one script
   * @param send runs it, and answers for each item, in order
   * @param written resolves when what was sent has left. Where there is such a thing, the server runs one script while the next one is made; else all are sent at once
   */
  constructor(most: number, send: (part: readonly I[]) => Promise<readonly O[]>, written?: () => Promise<void>) {
    this.#most = most;
    this.#send = send;
    this.#written = written;
  }

  async add(item: I): Promise<O> {
    this.#sent ??= this.#collect();
    const place = this.#items.push(item) - 1;
    const parts = await this.#sent;
    const answers = await parts[Math.floor(place / this.#most)];
    return answers?.[place % this.#most] as O;
  }

  /** The answers for all of these, which share no script with others. @param until see {@link sendParts} */
  async addAll(items: readonly I[], until: number): Promise<O[]> {
    this.#release?.();
    return (await Promise.all(this.#sendParts(items, until))).flat();
  }

  /** Sends what was collected and what is waiting now, because something else must come after it. */
  flush(): void {
    this.#release?.();
    this.#sendWaiting();
  }

  #collect(): Promise<readonly Promise<readonly O[]>[]> {
    return new Promise((resolve) => {
      const release = () => {
        if (this.#release !== release) return;
        const items = this.#items;
        this.#items = [];
        this.#sent = undefined;
        this.#release = undefined;
        resolve(this.#sendParts(items));
      };
      this.#release = release;
      // After the reactions of everything that this turn has settled: their callers make their next calls in them.
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(release);
    });
  }

  #sendParts(items: readonly I[], until?: number): readonly Promise<readonly O[]>[] {
    const parts = split(items, this.#most);
    if (this.#written === undefined || areChained(parts)) {
      this.#sendWaiting();
      return sendParts(parts, this.#send, until);
    }
    const since = performance.now();
    const wait = (part: readonly I[]) =>
      new Promise<readonly O[]>((resolve) => {
        this.#waiting.push({ since, send: () => resolve(this.#send(part)) });
      });
    const sent = parts.map(wait);
    if (!this.#sending) void this.#sendInTurn(this.#written);
    return sent;
  }

  async #sendInTurn(written: () => Promise<void>): Promise<void> {
    this.#sending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.send();
      if (performance.now() - next.since > PATIENCE_MS) this.#sendWaiting();
      await written();
    }
    this.#sending = false;
  }

  #sendWaiting(): void {
    for (const { send } of this.#waiting.splice(0)) send();
  }
}

/**
 * A script for each part, all on their way at once; where a backend is in several, each waits for the one before.
 *
 * @param until none of those begins then, by `performance.now()`, for nobody waits for its answer any more
 */
export function sendParts<I extends Item, O>(
  parts: readonly (readonly I[])[],
  send: (part: readonly I[]) => Promise<readonly O[]>,
  until: number = Number.POSITIVE_INFINITY,
): Promise<readonly O[]>[] {
  if (!areChained(parts)) return parts.map(send);
  const sent: Promise<readonly O[]>[] = [];
  for (const part of parts)
    sent.push(sent.at(-1)?.then(() => (performance.now() < until ? send(part) : never())) ?? send(part));
  return sent;
}

/** Of what does not begin any more: the deadline of its call is the answer. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Whether a backend is in several parts. */
function areChained(parts: readonly (readonly Item[])[]): boolean {
  const ids = parts.length > 1 ? parts.flat().map(({ id }) => id) : [];
  return new Set(ids).size < ids.length;
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
