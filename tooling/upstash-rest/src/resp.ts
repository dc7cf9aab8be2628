/** The Redis protocol, version 2, with what JSON needs to know: which text is a status, and which an error. */

export type Argument = string | Buffer;
export type Command = readonly Argument[];

export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An error reply. It is no failure of the bridge: it may stand inside of a list. */
export class ReplyError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export type Reply = Status | ReplyError | Buffer | number | null | readonly Reply[];

export function encodeCommand(command: Command): Buffer {
  const parts: (string | Buffer)[] = [`*${command.length}\r\n`];
  for (const argument of command) parts.push(`$${Buffer.byteLength(argument)}\r\n`, argument, '\r\n');
  return join(parts);
}

export function encodeReply(reply: Reply): Buffer {
  const parts: (string | Buffer)[] = [];
  const add = (item: Reply): void => {
    if (item === null) parts.push('$-1\r\n');
    else if (typeof item === 'number') parts.push(`:${item}\r\n`);
    else if (item instanceof Status) parts.push(`+${item.text}\r\n`);
    else if (item instanceof ReplyError) parts.push(`-${item.message}\r\n`);
    else if (Buffer.isBuffer(item)) parts.push(`$${item.length}\r\n`, item, '\r\n');
    else {
      parts.push(`*${item.length}\r\n`);
      item.forEach(add);
    }
  };
  add(reply);
  return join(parts);
}

/** Takes bytes as they come, and gives each reply when it is complete. */
export class Decoder {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** The replies that these bytes complete. */
  push(chunk: Buffer): Reply[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const replies: Reply[] = [];
    for (let end = 0; ; end = this.#at) {
      const reply = this.#read();
      if (reply === undefined) {
        this.#bytes = this.#bytes.subarray(end);
        this.#at = 0;
        return replies;
      }
      replies.push(reply);
    }
  }

  /** The reply that begins here; `undefined` while it is not complete. */
  #read(): Reply | undefined {
    const end = this.#bytes.indexOf('\r\n', this.#at);
    if (end === -1) return undefined;
    const type = this.#bytes[this.#at];
    const text = this.#bytes.toString('utf8', this.#at + 1, end);
    this.#at = end + 2;
    switch (type) {
      case 0x2b: // +
        return new Status(text);
      case 0x2d: // -
        return new ReplyError(text);
      case 0x3a: // :
        return Number(text);
      case 0x24: // $
        return this.#readBytes(Number(text));
      case 0x2a: // *
        return this.#readList(Number(text));
      default:
        throw new Error(`Not a reply of Redis: ${text}`);
    }
  }

  #readBytes(length: number): Buffer | null | undefined {
    if (length === -1) return null;
    const start = this.#at;
    if (this.#bytes.length < start + length + 2) return undefined;
    this.#at = start + length + 2;
    return this.#bytes.subarray(start, start + length);
  }

  #readList(length: number): Reply[] | null | undefined {
    if (length === -1) return null;
    const items: Reply[] = [];
    while (items.length < length) {
      const item = this.#read();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
}

function join(parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}
