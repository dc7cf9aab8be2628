/** What a server answers. Text is decoded as UTF-8. */
export type Reply = string | number | null | readonly Reply[];

export function encode(command: readonly (string | number)[]): Buffer {
  const parts = command.map((argument) => {
    const text = String(argument);
    return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  });
  return Buffer.from(`*${parts.length}\r\n${parts.join('')}`);
}

/** The reply that begins at `start` and where it ends; `undefined` while it is not complete. */
export function decode(bytes: Buffer, start: number): { reply: Reply | Error; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd === -1) return undefined;
  const text = bytes.toString('utf8', start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (bytes.toString('latin1', start, start + 1)) {
    case '+':
      return { reply: text, end };
    case '-':
      return { reply: new Error(text), end };
    case ':':
      return { reply: Number(text), end };
    case '$':
      return decodeText(bytes, end, Number(text));
    case '*':
      return decodeList(bytes, end, Number(text));
    default:
      throw new Error(`Not a reply of Redis: ${bytes.toString('utf8', start, lineEnd)}`);
  }
}

function decodeText(bytes: Buffer, start: number, length: number): { reply: Reply; end: number } | undefined {
  if (length === -1) return { reply: null, end: start };
  const end = start + length;
  return bytes.length < end + 2 ? undefined : { reply: bytes.toString('utf8', start, end), end: end + 2 };
}

function decodeList(bytes: Buffer, start: number, length: number): { reply: Reply | Error; end: number } | undefined {
  if (length === -1) return { reply: null, end: start };
  const items: Reply[] = [];
  let failure: Error | undefined;
  let end = start;
  for (let index = 0; index < length; index++) {
    const item = decode(bytes, end);
    if (item === undefined) return undefined;
    if (item.reply instanceof Error) failure ??= item.reply;
    else items.push(item.reply);
    end = item.end;
  }
  return { reply: failure ?? items, end };
}
