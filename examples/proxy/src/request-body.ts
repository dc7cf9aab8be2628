import type { IncomingMessage, ServerResponse } from 'node:http';

/** The body of a request on its way through: read as fast as the backend takes it, and not before there is one that does. */
export class RequestBody {
  readonly isEmpty: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly isAwaited: boolean;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #started = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const { 'content-length': length, 'transfer-encoding': encoding, expect } = request.headers;
    this.isEmpty = encoding === undefined && Number(length ?? 0) === 0;
    this.isAwaited = expect?.toLowerCase() === '100-continue';
    this.#request = request;
    this.#response = response;
  }

  /** Whether a backend has begun to read. From then on it cannot be sent to another. */
  get started(): boolean {
    return this.#started;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.#started = true;
    if (this.isAwaited) this.#response.writeContinue();
    try {
      // When the backend fails, the client must hear of it on its connection, which leaving the loop would close otherwise.
      yield* this.#request.iterator({ destroyOnReturn: false });
    } finally {
      // What the backend did not take is dropped: a client reads the answer once it has sent everything.
      this.#request.resume();
    }
  }
}
