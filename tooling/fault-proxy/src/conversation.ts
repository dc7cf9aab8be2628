import { type Frame, Frames } from './frames.ts';

/** Which reply answers which request on one connection. */
export interface Conversation {
  /** The requests that the chunk completes; `number` is that of the reply to each. */
  request(chunk: Buffer): { bytes: Buffer; number: number }[];
  /** The replies that the chunk completes, with the place in the chunk behind each. */
  reply(chunk: Buffer): { number: number; end: number }[];
}

const SUBSCRIPTION = /^\*\d+\r\n\$\d+\r\n[ps]?(un)?subscribe\r\n/i;
const NOTICE = /^\*\d+\r\n\$\d+\r\n([ps]?message|[ps]?(un)?subscribe)\r\n/;

/**
 * Redis: the n-th reply answers the n-th request. Subscriptions are no requests in this sense, nor are replies what
 * they bring.
 */
export class RedisConversation implements Conversation {
  readonly #requestFrames = new Frames();
  readonly #replyFrames = new Frames();
  #requests = 0;
  #replies = 0;
  #subscribes = false;

  request(chunk: Buffer): { bytes: Buffer; number: number }[] {
    return this.#requestFrames.push(chunk).map(({ bytes }) => {
      if (SUBSCRIPTION.test(head(bytes))) this.#subscribes = true;
      else this.#requests++;
      return { bytes, number: this.#requests };
    });
  }

  reply(chunk: Buffer): { number: number; end: number }[] {
    return this.#replyFrames.push(chunk).map((frame) => {
      if (!this.#isNotice(frame)) this.#replies++;
      return { number: this.#replies, end: frame.end };
    });
  }

  #isNotice({ bytes }: Frame): boolean {
    const start = head(bytes);
    return start.startsWith('>') || (this.#subscribes && NOTICE.test(start));
  }
}

/** A protocol that is not known, such as HTTP: what comes after a chunk of the client's answers that chunk. */
export class ChunkConversation implements Conversation {
  #requests = 0;

  request(chunk: Buffer): { bytes: Buffer; number: number }[] {
    this.#requests++;
    return [{ bytes: chunk, number: this.#requests }];
  }

  reply(chunk: Buffer): { number: number; end: number }[] {
    return [{ number: this.#requests, end: chunk.length }];
  }
}

function head(bytes: Buffer): string {
  return bytes.toString('latin1', 0, 48);
}
