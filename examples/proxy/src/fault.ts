import type { IncomingMessage } from 'node:http';

/**
 * What went wrong between the proxy and a backend before its response began:
 * - `unconnected`: there was no connection, so the backend has seen nothing of the request;
 * - `broken`: the connection broke; the backend may have acted on the request;
 * - `timeout`: the backend did not answer in time, and may still be at work;
 * - `malformed`: the request is one that cannot be forwarded;
 * - `other`: the backend answered something that is not HTTP.
 */
export type FaultKind = 'unconnected' | 'broken' | 'timeout' | 'malformed' | 'other';

export interface Fault {
  readonly kind: FaultKind;
  readonly status: 400 | 502 | 504;
  readonly code: string;
  readonly message: string;
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
const BROKEN: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export function isIdempotent(method: string | undefined): boolean {
  return method !== undefined && IDEMPOTENT.has(method);
}

/**
 * Whether the request may go to another backend: always when this one cannot have seen it, and after a broken connection only if it is
 * idempotent and its body is still whole. Never after a timeout: a slow fleet is not helped by twice the load.
 */
export function mayRetry(request: IncomingMessage, bodyStarted: boolean, { kind }: Fault): boolean {
  if (bodyStarted) return false;
  return kind === 'unconnected' || (kind === 'broken' && isIdempotent(request.method));
}

export function toFault(error: unknown): Fault {
  const {
    code = '',
    syscall = '',
    errors = [],
  } = error as { code?: string; syscall?: string; errors?: readonly { syscall?: string }[] };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return {
      kind: 'unconnected',
      status: 504,
      code: 'BACKEND_UNREACHABLE',
      message: 'The backend did not accept the connection in time.',
    };
  }
  // A host with several addresses fails with one error for each.
  const unconnected =
    isConnecting(syscall) || (errors.length > 0 && errors.every((each) => isConnecting(each.syscall ?? '')));
  if (unconnected || code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') {
    return { kind: 'unconnected', status: 502, code: 'BACKEND_UNREACHABLE', message: 'The backend cannot be reached.' };
  }
  if (BROKEN.has(code)) {
    return {
      kind: 'broken',
      status: 502,
      code: 'BACKEND_FAILED',
      message: 'The backend closed the connection before it answered.',
    };
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return { kind: 'timeout', status: 504, code: 'BACKEND_TIMEOUT', message: 'The backend did not answer in time.' };
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return { kind: 'malformed', status: 400, code: 'BAD_REQUEST', message: 'The request cannot be forwarded.' };
  }
  return { kind: 'other', status: 502, code: 'BACKEND_FAILED', message: 'The backend gave no valid answer.' };
}

function isConnecting(syscall: string): boolean {
  return syscall === 'connect' || syscall === 'getaddrinfo';
}
