/** A reply of Redis as the body of an answer. */
import { encodeReply, type Reply, ReplyError, Status } from './resp.ts';

export interface Format {
  readonly base64: boolean;
  readonly resp2: boolean;
}

function elementOf(reply: Reply, { base64 }: Format): { result: unknown } | { error: string } {
  return reply instanceof ReplyError ? { error: reply.message } : { result: jsonOf(reply, base64) };
}

/** One reply, or those of a pipeline. */
export function bodyOf(reply: Reply | readonly Reply[], format: Format, many: boolean): Buffer {
  if (format.resp2) return encodeReply(reply);
  const json = many
    ? (reply as readonly Reply[]).map((each) => elementOf(each, format))
    : elementOf(reply as Reply, format);
  return Buffer.from(JSON.stringify(json));
}

function jsonOf(reply: Reply, base64: boolean): unknown {
  if (reply === null || typeof reply === 'number') return reply;
  // Inside of a list there is no other place for an error.
  if (reply instanceof ReplyError) return reply.message;
  if (Array.isArray(reply)) return reply.map((item) => jsonOf(item, base64));
  const bytes = reply instanceof Status ? Buffer.from(reply.text) : (reply as Buffer);
  const text = bytes.toString('utf8');
  return base64 && text !== 'OK' ? bytes.toString('base64') : text;
}
