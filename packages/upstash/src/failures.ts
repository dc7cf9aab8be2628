/** What a failed request means. No message repeats a command or a token. */
import { RegistryError, type RegistryErrorCode } from '@backend-registry/core';

/** What Upstash itself refuses, by status or text, and what to do. A message that begins with a word in capitals is not tried again. */
const REFUSALS: readonly (readonly [RegExp | number, RegistryErrorCode, string])[] = [
  [401, 'REFUSED', 'WRONGPASS: Upstash does not take this token: check it, and that it belongs to this url'],
  [
    /^(WRONGPASS|NOAUTH)\b/,
    'REFUSED',
    'WRONGPASS: Upstash does not take this token: check it, and that it belongs to this url',
  ],
  [/^NOPERM\b/, 'REFUSED', 'NOPERM: this token may only read: use the one that may write'],
  [
    /max (daily |monthly )?requests? limit/i,
    'REFUSED',
    'LIMIT: the plan of this database has no requests left: raise it',
  ],
  [/capacity quota/i, 'REFUSED', 'LIMIT: the database is full: raise its plan'],
  [
    /max request size/i,
    'REFUSED',
    'LIMIT: the request is larger than Upstash takes: register fewer backends at once, or with less metadata',
  ],
  [
    413,
    'REFUSED',
    'LIMIT: the request is larger than Upstash takes: register fewer backends at once, or with less metadata',
  ],
  [429, 'UNAVAILABLE', 'LIMIT: Upstash takes no more requests for now: ask it less often'],
  [/too many requests|rate.?limit/i, 'UNAVAILABLE', 'LIMIT: Upstash takes no more requests for now: ask it less often'],
];

/** What repeats a command: a client behind the words of Redis, Redis behind those of its own, whoever stands in between. */
const REPEATED = /, (command was|with args beginning with): /;

/** An error that was answered. What Redis itself says is left to the registry. */
export function answered(text: string, status?: number): Error {
  const [message = ''] = text.split(REPEATED, 1);
  for (const [sign, code, remedy] of REFUSALS) {
    if (typeof sign === 'number' ? sign === status : sign.test(message)) return new RegistryError(code, `${remedy}.`);
  }
  return new Error(message);
}

/** What answered is not Upstash: a proxy in between, or half an answer. */
export function notUpstash(status?: number): RegistryError {
  const what = status === undefined || status < 300 ? 'something' : `HTTP ${status} and something`;
  return new RegistryError(
    'UNAVAILABLE',
    `Upstash answers with ${what} that is no reply. Is a proxy in between? Try again.`,
  );
}

/** What a client of the caller's has thrown. */
export function thrown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message, name } = error;
  if (name === 'UpstashJSONParseError' || name === 'SyntaxError') return notUpstash();
  if (name !== 'UpstashError') return error;
  // It puts its own words in front.
  return answered(message.replace(/^Command 1 \[ \w+ \] failed: /, ''));
}

/** A request that had no answer. */
export function unanswered(error: unknown): unknown {
  const { cause } = Object(error) as { cause?: unknown };
  const { code } = Object(cause) as { code?: unknown };
  // What the system calls it tells more than what fetch does.
  return typeof code === 'string' && error instanceof Error
    ? Object.assign(new Error(error.message, { cause }), { code })
    : error;
}

/** A request that was given up. */
export function late(timeoutMs: number, cause: unknown): RegistryError {
  const message = `No answer from Upstash within ${timeoutMs} ms. Check the network, or raise commandTimeoutMs.`;
  return new RegistryError('TIMEOUT', message, { cause });
}
