/** What can go wrong between a client and Upstash, to be switched on. */
import type { ServerResponse } from 'node:http';

/**
 * - `drop-before`: the connection is reset before the command is applied
 * - `drop-after`: it is applied, and then the connection is reset
 * - `hang`: nothing is done until the fault is over
 * - `429`: refused as too many requests, with a JSON body
 * - `503`: an error page of a proxy in between, in HTML
 * - `cut-body`: applied; the connection is reset in the middle of the answer
 * - `short-body`: applied; the answer ends in the middle and looks complete
 * - `endless-body`: applied; the answer goes on until nobody reads it
 */
export type FaultKind =
  | 'drop-before'
  | 'drop-after'
  | 'hang'
  | '429'
  | '503'
  | 'cut-body'
  | 'short-body'
  | 'endless-body';

export type Match = (commands: readonly (readonly string[])[]) => boolean;

interface Lasting {
  readonly kind: FaultKind;
  readonly over: Promise<void>;
}

export class Faults {
  /** What every answer waits for. */
  latencyMs = 0;
  /** Requests that a fault has met. */
  met = 0;
  readonly #once: { readonly kind: FaultKind; readonly match: Match }[] = [];
  readonly #lasting = new Set<Lasting>();
  readonly #streams = new Set<ServerResponse>();
  readonly #silent = new WeakSet<ServerResponse>();
  /** Resets every connection that is open now. */
  readonly cut: () => void;
  /** The replica, which the bridge must have been started with, does not follow any more until the function that this resolves to is called. */
  readonly lag: () => Promise<() => Promise<void>>;

  constructor({ cut, lag }: Pick<Faults, 'cut' | 'lag'>) {
    this.cut = cut;
    this.lag = lag;
  }

  /** The next request that matches meets the fault. */
  once(kind: FaultKind, match: Match = () => true): void {
    this.#once.push({ kind, match });
  }

  /** Every request meets the fault, until the function that this returns is called. */
  start(kind: FaultKind): () => void {
    let end: () => void = () => undefined;
    const fault: Lasting = {
      kind,
      over: new Promise((resolve) => {
        end = resolve;
      }),
    };
    this.#lasting.add(fault);
    return () => {
      this.#lasting.delete(fault);
      end();
    };
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Resets every stream. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.socket?.resetAndDestroy();
  }

  /** Ends every stream as a server does that shuts down. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** The streams that are open now stay so, and nothing comes any more. */
  silenceStreams(): void {
    for (const stream of this.#streams) this.#silent.add(stream);
  }

  /** @internal */
  stream(response: ServerResponse): (text: string) => void {
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
    return (text) => {
      if (!this.#silent.has(response)) response.write(text);
    };
  }

  /** @internal What becomes of this request. */
  async meet(commands: readonly (readonly string[])[]): Promise<Exclude<FaultKind, 'hang'> | undefined> {
    const at = this.#once.findIndex(({ match }) => match(commands));
    const [once] = at === -1 ? [] : this.#once.splice(at, 1);
    const lasting = [...this.#lasting][0];
    const kind = once?.kind ?? lasting?.kind;
    if (kind === undefined) return undefined;
    this.met += 1;
    if (kind !== 'hang') return kind;
    await (lasting?.over ?? new Promise<never>(() => undefined));
    return this.meet(commands);
  }
}
