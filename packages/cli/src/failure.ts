/** What a failure is told with: one line that says what to do, and what the program ends with. */
import { RegistryError, type RegistryErrorCode } from '@backend-registry/core';
import { EXIT, type Exit } from './exit.ts';
import { printable } from './text.ts';

/** Asked in a way that cannot be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure of the store, and which store it is, or of what is written to. Its message holds no secret. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

const BY_CODE: Readonly<Record<RegistryErrorCode, Exit>> = {
  INVALID_BACKEND: EXIT.usage,
  CONFIGURATION: EXIT.usage,
  ADAPTER_NOT_INSTALLED: EXIT.usage,
  UNAVAILABLE: EXIT.store,
  TIMEOUT: EXIT.store,
  REFUSED: EXIT.store,
  CORRUPT_REPLY: EXIT.store,
  CLOSED: EXIT.store,
  UNSUPPORTED: EXIT.store,
};

export interface Failure {
  readonly exit: Exit;
  readonly line: string;
}

/** @param place where the registry is, if that was known by then: without a secret */
export function toFailure(error: unknown, place?: string): Failure {
  if (error instanceof UsageError) return { exit: EXIT.usage, line: oneLine(error.message) };
  if (error instanceof StoreError) return { exit: EXIT.store, line: oneLine(error.message) };
  if (RegistryError.is(error)) {
    const exit = BY_CODE[error.code];
    const where = exit === EXIT.store && place !== undefined ? `${place}: ` : '';
    return { exit, line: `${where}${oneLine(inOptions(error.message))}` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exit: EXIT.store, line: oneLine(message) };
}

/** What the library calls its options by, as this program does, which has no client of anybody's. */
export function inOptions(message: string): string {
  return message
    .replace(/\bcommandTimeoutMs\b/g, '--timeout')
    .replace(/\bkeyPrefix\b/g, '--prefix')
    .replace('; a client of your own must be connected', '');
}

/**
 * What somebody has typed, as it may stand in a message: in what is not understood, a password, a token or a query can stand anywhere before an `@` and after a
 * `?`, `#` or `=`.
 */
export function withoutSecrets(text: string): string {
  // `--tokenSECRET`: no option is longer than these, and none has other characters.
  const [option = '', isToken] = /^--(token)?[a-z-]{0,24}/i.exec(text) ?? [];
  if (isToken !== undefined && !/^--token(=|$)/i.test(text)) return '--token***';
  if (option !== '' && !/^(=|$)/.test(text.slice(option.length))) return `${option}***`;
  const named = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
  const rest = /^-|:\/\//.test(named) ? named.replace(/([?#=]).+$/s, '$1***') : named;
  return printable(rest.length > 80 ? `${rest.slice(0, 79)}…` : rest);
}

export function quoted(text: string): string {
  return JSON.stringify(withoutSecrets(text));
}

/** The name of a file, which may be an address that stands in the wrong place. */
export function fileName(path: string): string {
  return /:\/\/|:.*@/s.test(path) ? withoutSecrets(path) : printable(path);
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' '));
}
