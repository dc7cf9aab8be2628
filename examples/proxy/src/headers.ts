import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { TLSSocket } from 'node:tls';

/** Meant for one connection only (RFC 9110, 7.6.1), and `Trailer` and `Expect`, whose business ends at this proxy. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const PSEUDONYM = 'backend-registry-example';

/** What the backend is sent. `X-Forwarded-For` is extended, host and protocol are what this proxy saw. */
export function requestHeaders(request: IncomingMessage): Record<string, string | string[]> {
  const headers = endToEnd(request.headers);
  append(headers, 'x-forwarded-for', request.socket.remoteAddress ?? 'unknown');
  if (request.headers.host !== undefined) headers['x-forwarded-host'] = request.headers.host;
  headers['x-forwarded-proto'] = request.socket instanceof TLSSocket ? 'https' : 'http';
  append(headers, 'via', `${request.httpVersion} ${PSEUDONYM}`);
  return headers;
}

/** What the client is sent. */
export function responseHeaders(received: IncomingHttpHeaders): OutgoingHttpHeaders {
  const headers = endToEnd(received);
  append(headers, 'via', `1.1 ${PSEUDONYM}`);
  return headers;
}

function endToEnd(received: IncomingHttpHeaders): Record<string, string | string[]> {
  const connection: string | readonly string[] = received.connection ?? '';
  const named = new Set(
    connection
      .toString()
      .toLowerCase()
      .split(/[\s,]+/),
  );
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(received)) {
    if (value !== undefined && !HOP_BY_HOP.has(name) && !named.has(name)) headers[name] = value;
  }
  return headers;
}

function append(headers: Record<string, string | string[]>, name: string, value: string): void {
  const before = headers[name];
  headers[name] = before === undefined ? value : `${before.toString()}, ${value}`;
}
