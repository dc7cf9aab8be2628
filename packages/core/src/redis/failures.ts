/** What an error of a client means: try again, or tell the caller, and what to do about it. */
import { RegistryError, type RegistryErrorCode } from '../error.ts';

/** The store cannot serve now, and says so; or the connection is gone. Trying again helps. */
const PASSING =
  /^(LOADING|READONLY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|BUSY|MOVED|ASK|NOREPLICAS|UNBLOCKED|ERR max number of clients)\b/;

const OF_ANOTHER_VERSION = /unknown (redis |sub)?command|syntax error|wrong number of arguments/i;

/** What the store refuses, and the remedy. Trying again does not help. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH\b|Authentication required/, 'it needs a password: put it into the url or the client'],
  [/^WRONGPASS\b|invalid (username-password|password)/, 'it does not take this user or password: check the url'],
  [
    // Of a command in a script, only the words tell.
    /^NOPERM\b|The user executing the script|ACL failure in script/,
    'its ACL does not allow this user what the registry needs: allow its keys, its channel and the commands of its scripts',
  ],
  [/^OOM\b/, 'it is out of memory: raise maxmemory, and keep maxmemory-policy noeviction'],
  [/WRONGTYPE\b/, 'another program uses one of the keys of this registry: choose another keyPrefix'],
  [
    /^CROSSSLOT\b/,
    'on a Cluster every key must be in one slot: give a keyPrefix with a hash tag, like "{backend-registry}:"',
  ],
  [/No such master with that name/, 'its Sentinels do not know this master: check sentinel.name'],
  [/only \(P\|S\)SUBSCRIBE/, 'this client listens, and can ask nothing else: give another one'],
  [/cluster support disabled/, 'it is no node of a Cluster: give its url, and not cluster'],
  [/^MISCONF\b/, 'it cannot save its data and therefore takes no writes: look at its log'],
  [OF_ANOTHER_VERSION, 'it does not know what it is asked: it must be Redis 6.2 or newer, with no command renamed'],
];

/** What the server may be quoted with: nothing that could be an argument. */
const QUOTABLE =
  /max number of clients reached|value is not an integer or out of range|invalid DB index|SELECT is not allowed in cluster mode|maximum allowed size|Protocol error|no such key/i;

export function isNoScript(error: unknown): boolean {
  return messageOf(error).startsWith('NOSCRIPT');
}

/**
 * The error of a connection that is not in its database. Its message tells which one that is.
 *
 * @param error what the server answered to SELECT; any other refusal, as of a password, stays what it is
 */
export function notSelected<T>(database: unknown, error: T): T | Error {
  const message = messageOf(error);
  return /^(ERR|NOPERM)\b.*(\bDB index\b|\bselect\b|value is)/i.test(message)
    ? new Error(`SELECT ${database}: ${message}`)
    : error;
}

/** Whether the same call may succeed in a moment. Whatever is no answer of the store is a failure of the connection. */
export function isPassing(error: unknown): boolean {
  const message = messageOf(error);
  return PASSING.test(message) || !isReply(error);
}

export function toFailure(error: unknown, doing: string): RegistryError {
  if (RegistryError.is(error)) return error;
  const message = messageOf(error);
  const fail = (code: RegistryErrorCode, what: string) =>
    new RegistryError(code, `${doing}: ${what}`, { cause: withoutCommand(error) });
  const [, schema] = /\bSCHEMA (\S+)/.exec(message) ?? [];
  if (schema !== undefined) {
    return fail(
      'UNSUPPORTED',
      `the registry was written by another version of this library (schema ${schema}, not 1). Use that version, or another keyPrefix.`,
    );
  }
  const [, database] = /^SELECT (\w+): /.exec(message) ?? [];
  if (database !== undefined) {
    return fail(
      'REFUSED',
      `Redis refuses database ${database}: it has fewer, or its ACL does not allow this user SELECT. Check db and the url.`,
    );
  }
  const [, remedy] = REFUSALS.find(([pattern]) => pattern.test(message)) ?? [];
  if (remedy !== undefined) return fail('REFUSED', `Redis refuses: ${remedy}.`);
  const [word] = message.split(' ');
  const [said = word] = QUOTABLE.exec(message) ?? [];
  if (PASSING.test(message)) return fail('UNAVAILABLE', `Redis cannot serve now (${said}). Try again.`);
  if (isReply(error)) return fail('REFUSED', `Redis answers with an error (${said}).`);
  // What both clients say of one that was never connected, that was closed, or that has given up.
  const own = /(client|connection) is closed/i.test(message) ? '; a client of your own must be connected' : '';
  return fail(
    'UNAVAILABLE',
    `Redis cannot be reached${codeOf(error)}. Check that it runs, its address and the network${own}.`,
  );
}

/** An error that the server sent: both clients keep its text, which begins with a word in capitals. */
export function isReply(error: unknown): boolean {
  return /^[A-Z]{2,}\b/.test(messageOf(error)) && !/^E[A-Z]{4,}/.test(messageOf(error));
}

/** ioredis hangs the whole command on an error, a password among its arguments: whoever logs the error would print it. */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error) || !('command' in error)) return error;
  const copy = new Error(error.message);
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}

/** What the system calls the failure, like ECONNREFUSED. */
function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? ` (${code})` : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
