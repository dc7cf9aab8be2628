/** What a failed request means. No error repeats a command or a token, and none has a cause that does. */
import { RegistryError, type RegistryErrorCode } from '@backend-registry/core';

const TOKEN = 'WRONGPASS: Upstash does not take this token: check it, and that it belongs to this url';
const TOO_LARGE =
  'LIMIT: the request is larger than Upstash takes: register fewer backends at once, or with less metadata';
const TOO_MANY = 'LIMIT: Upstash takes no more requests for now: ask it less often';

/** What Upstash itself refuses, by status or text, and what to do. A message that begins with a word in capitals is not tried again. */
const REFUSALS: readonly (readonly [RegExp | number, RegistryErrorCode, string])[] = [
  [401, 'REFUSED', TOKEN],
  [/^(WRONGPASS|NOAUTH)\b|^unauthorized/i, 'REFUSED', TOKEN],
  [/^NOPERM\b/, 'REFUSED', 'NOPERM: this token may only read: use the one that may write'],
  [
    /max (daily |monthly )?requests? limit/i,
    'REFUSED',
    'LIMIT: the plan of this database has no requests left: raise it',
  ],
  [/capacity quota/i, 'REFUSED', 'LIMIT: the database is full: raise its plan'],
  [/max (request|single record) size|too large/i, 'REFUSED', TOO_LARGE],
  [413, 'REFUSED', TOO_LARGE],
  [429, 'UNAVAILABLE', TOO_MANY],
  [/too many requests|rate.?limit|max concurrent connections/i, 'UNAVAILABLE', TOO_MANY],
  [403, 'REFUSED', 'HTTP 403: whoever answers there does not let this request through: is it Upstash?'],
  [404, 'REFUSED', 'HTTP 404: there is no Upstash at this address: copy the url from its console'],
];

/** What Upstash says when the path of a url is where a command should be. */
const NO_COMMAND = /unknown command|not available|failed to parse|unsupported|wrong number of arguments|syntax error/i;

/** What repeats a command: a client behind the words of Redis, Redis behind those of its own, whoever stands in between. */
const REPEATED = /, (command was|with args beginning with): /;

/** Of what Redis says, all that tells what it means. What stands between could be an argument, or what a proxy was sent. */
const TELLING = new RegExp(
  [
    /^[A-Z]{2,12}\b/,
    /\bWRONGTYPE\b/,
    /\bSCHEMA \d{1,9}\b/,
    /not allowed from script/,
    /[Uu]nknown ([Rr]edis |sub)?command/,
    /syntax error/,
    /[Ww]rong number of arguments/,
    /Authentication required/,
    /The user executing the script/,
    /ACL failure in script/,
    /max number of clients reached/,
    /value is not an integer or out of range/,
    /maximum allowed size/,
    /Protocol error/,
    /no such key/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/**
 * An error that was answered. What Redis itself says is left to the registry.
 *
 * @param path whether the url has one
 */
export function answered(text: string, status?: number, path = false): Error {
  const [message = ''] = text.split(REPEATED, 1);
  for (const [sign, code, remedy] of REFUSALS) {
    if (typeof sign === 'number' ? sign === status : sign.test(message)) return new RegistryError(code, `${remedy}.`);
  }
  if (path && NO_COMMAND.test(message)) {
    return new RegistryError(
      'REFUSED',
      'PATH: Upstash takes the path of the url for a command: leave it out, as in "https://….upstash.io".',
    );
  }
  const telling = message.match(TELLING) ?? [];
  return /^[A-Z]{2,12}\b/.test(message) ? new Error(telling.join(' ')) : notUpstash(status);
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
export function thrown(error: unknown): Error {
  if (!(error instanceof Error)) return unanswered(error);
  const { message, name } = error;
  if (name === 'UpstashJSONParseError' || name === 'SyntaxError') return notUpstash();
  if (name !== 'UpstashError') return unanswered(error);
  // It puts its own words in front.
  return answered(message.replace(/^Command 1 \[ \w+ \] failed: /, ''));
}

/** A request that had no answer. Of what was thrown, only names are kept: its words can have headers in them. */
export function unanswered(error: unknown): Error {
  const { name, code, cause } = Object(error) as Readonly<Record<'name' | 'code' | 'cause', unknown>>;
  // What the system calls it tells more than what fetch does.
  const { code: reason = code } = Object(cause) as { code?: unknown };
  const told = new Error(`A request had no answer${isName(name) ? ` (${name})` : ''}`);
  return isName(reason) ? Object.assign(told, { code: reason }) : told;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_]{1,40}$/.test(value);
}

/** A request that was given up. */
export function late(timeoutMs: number, cause: unknown): RegistryError {
  const message = `No answer from Upstash within ${timeoutMs} ms. Check the network, or raise commandTimeoutMs.`;
  return new RegistryError('TIMEOUT', message, { cause });
}

/** An answer that was given up: nothing of this registry is as large. */
export function tooLong(bytes: number): RegistryError {
  return new RegistryError(
    'CORRUPT_REPLY',
    `LIMIT: the answer is larger than ${bytes / 2 ** 20} MiB. Is a proxy in between, or is the metadata of many backends that long?`,
  );
}
