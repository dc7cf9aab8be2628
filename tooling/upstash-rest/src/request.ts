/** What a request asks for. */
import type { IncomingMessage } from 'node:http';
import type { Format } from './reply.ts';

export const MAX_BODY_BYTES = 10 * 1024 * 1024;

export type Asked =
  | { readonly kind: 'command'; readonly commands: readonly [readonly string[]] }
  | { readonly kind: 'pipeline' | 'multi-exec'; readonly commands: readonly (readonly string[])[] }
  | { readonly kind: 'stream'; readonly command: readonly string[] };

/** An answer that is no reply of Redis. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export function formatOf({ headers }: IncomingMessage): Format {
  return {
    base64: headers['upstash-encoding'] === 'base64',
    resp2: headers['upstash-response-format'] === 'resp2',
  };
}

export function tokenOf({ headers }: IncomingMessage, url: URL): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? url.searchParams.get('_token') ?? undefined;
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What comes is read to its end, so that the answer is heard.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) {
    throw new Refusal(413, `ERR max request size exceeded. Limit: ${MAX_BODY_BYTES} bytes, Actual: ${bytes} bytes`);
  }
  return Buffer.concat(chunks);
}

export function readRequest(request: IncomingMessage, url: URL, body: Buffer): Asked {
  const path = url.pathname.split('/').slice(1).map(decode);
  const [first = '', ...rest] = path;
  const wantsStream = request.headers.accept?.includes('text/event-stream') === true;
  const word = first.toLowerCase();
  if (wantsStream && (word === 'subscribe' || word === 'psubscribe' || word === 'monitor')) {
    return { kind: 'stream', command: [word, ...rest] };
  }
  if (rest.length === 0 && (word === 'pipeline' || word === 'multi-exec')) {
    const list = parse(body);
    if (!Array.isArray(list)) throw unparsable();
    return { kind: word, commands: list.map(readCommand) };
  }
  if (first === '') return { kind: 'command', commands: [readCommand(parse(body))] };
  const command = path.at(-1) === '' ? path.slice(0, -1) : path;
  if (body.length > 0) command.push(body.toString('utf8'));
  for (const [name, value] of url.searchParams) {
    if (name === '_token') continue;
    command.push(name, ...(value === '' ? [] : [value]));
  }
  return { kind: 'command', commands: [command] };
}

function readCommand(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) throw unparsable();
  return value.map((argument) => {
    if (typeof argument === 'object' || argument === undefined) throw unparsable();
    return String(argument);
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw unparsable(cause);
  }
}

function unparsable(cause?: unknown): Refusal {
  const message = 'ERR failed to parse the request: a command is a JSON array of strings and numbers';
  return new Refusal(400, message, { cause });
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw unparsable(cause);
  }
}
