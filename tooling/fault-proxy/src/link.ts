import type { Socket } from 'node:net';
import type { Conversation } from './conversation.ts';
import { type Conditions, Pipe, reset } from './pipe.ts';
import type { Direction } from './traffic.ts';

/** What a proxy tells the connections that it carries, and hears from them. */
export interface Carrier extends Conditions {
  readonly requests: Direction;
  readonly replies: Direction;
  /** Whether the reply to this request is to be lost. */
  loses(request: Buffer): boolean;
  /** The server has answered that request. */
  lost(): void;
  /** The last byte that may pass has passed, on `link`. */
  spent(link: Link): void;
}

/** One connection of a client, and its connection to the server. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #carrier: Carrier;
  readonly #conversation: Conversation;
  readonly #requests: Pipe;
  readonly #replies: Pipe;
  #forgotten = false;
  /** The number of the reply that does not come back. */
  #lostReply = Number.POSITIVE_INFINITY;
  /** The beginning of a reply of which it is not known yet whether it is the lost one. */
  #withheld: Buffer = Buffer.alloc(0);

  constructor(client: Socket, server: Socket, carrier: Carrier, conversation: Conversation) {
    this.#client = client;
    this.#server = server;
    this.#carrier = carrier;
    this.#conversation = conversation;
    this.#requests = new Pipe(client, server, carrier);
    this.#replies = new Pipe(server, client, carrier);
    client.on('data', (chunk: Buffer) => this.#onRequestBytes(chunk));
    server.on('data', (chunk: Buffer) => this.#onReplyBytes(chunk));
    for (const [from, pipe] of [
      [client, this.#requests],
      [server, this.#replies],
    ] as const) {
      from.setNoDelay(true);
      from.once('end', () => pipe.end('finished'));
      from.on('error', () => pipe.end('lost'));
    }
    if (carrier.frozen) this.hold();
  }

  /** The client has not gone, as far as one can see. */
  get open(): boolean {
    return !this.#client.destroyed && !this.#client.readableEnded;
  }

  /** Ends both connections at once, with a reset. */
  cut(): void {
    reset(this.#client);
    reset(this.#server);
  }

  hold(): void {
    this.#requests.hold();
    this.#replies.hold();
  }

  /** Holds what comes, for good. */
  forget(): void {
    this.hold();
    this.#forgotten = true;
  }

  resume(): void {
    if (this.#forgotten) return;
    this.#requests.resume();
    this.#replies.resume();
  }

  #onRequestBytes(chunk: Buffer): void {
    const { bytes, last } = this.#carrier.requests.admit(chunk);
    const requests = this.#conversation.request(bytes);
    this.#carrier.requests.messages += requests.length;
    for (const request of requests) {
      if (this.#lostReply !== Number.POSITIVE_INFINITY || !this.#carrier.loses(request.bytes)) continue;
      this.#lostReply = request.number;
    }
    this.#requests.write(bytes);
    if (!last) return;
    reset(this.#client);
    // No reset here: it would overtake the bytes, as long as the server has not read them.
    this.#requests.end('finished');
    this.#carrier.spent(this);
  }

  #onReplyBytes(chunk: Buffer): void {
    const { bytes, last } = this.#carrier.replies.admit(chunk);
    const replies = this.#conversation.reply(bytes);
    this.#carrier.replies.messages += replies.length;
    const lost = replies.some(({ number }) => number >= this.#lostReply);
    this.#replies.write(this.#passing(bytes, replies));
    if (!last && !lost) return;
    reset(this.#server);
    this.#replies.end('lost');
    if (lost) this.#carrier.lost();
    if (last) this.#carrier.spent(this);
  }

  /** What may go back of what is here: all of it, or what stands before the reply that is lost. */
  #passing(bytes: Buffer, replies: readonly { number: number; end: number }[]): Buffer {
    if (this.#lostReply === Number.POSITIVE_INFINITY) return bytes;
    const before = replies.findLast(({ number }) => number < this.#lostReply);
    const here = Buffer.concat([this.#withheld, bytes]);
    const end = before === undefined ? 0 : this.#withheld.length + before.end;
    this.#withheld = here.subarray(end);
    return here.subarray(0, end);
  }
}
