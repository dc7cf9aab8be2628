/**
 * Why a call failed. Codes are stable; messages are for people and may change.
 *
 * - `INVALID_BACKEND`: the address or a field is wrong; the message names the field and the value. Nothing was stored.
 * - `CONFIGURATION`: an option or an environment variable is wrong; the message names it.
 * - `UNAVAILABLE`: the store cannot be reached or cannot serve now. A write may or may not have been applied: repeat it.
 * - `TIMEOUT`: no answer within `commandTimeoutMs`. A write may or may not have been applied: repeat it.
 * - `REFUSED`: the store answers and says no (authentication, permissions, out of memory). Repeating does not help.
 * - `CORRUPT_REPLY`: the store answers something that is not this registry's: another program uses its keys, or a proxy is in between.
 * - `CLOSED`: the handle was closed.
 * - `ADAPTER_NOT_INSTALLED`: the package for this store cannot be loaded, mostly because it is missing; the message says why, and has the command that installs it.
 * - `UNSUPPORTED`: this store or its version cannot do what was asked.
 */
export type RegistryErrorCode =
  | 'INVALID_BACKEND'
  | 'CONFIGURATION'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'REFUSED'
  | 'CORRUPT_REPLY'
  | 'CLOSED'
  | 'ADAPTER_NOT_INSTALLED'
  | 'UNSUPPORTED';

const brand: unique symbol = Symbol.for('@backend-registry/error') as never;

/** Every failure of a registry. Its message says what to do next and never holds a password, a token or a whole command. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Recognises an error of any copy of this package, also of one that another dependency brought along. */
  static is(error: unknown, code?: RegistryErrorCode): error is RegistryError {
    return (
      typeof error === 'object' &&
      error !== null &&
      (error as { [brand]?: unknown })[brand] === true &&
      (code === undefined || (error as RegistryError).code === code)
    );
  }
}

/** What any thrown value becomes on its way to a caller who was promised a {@link RegistryError}. */
export function toRegistryError(error: unknown, doing: string): RegistryError {
  if (RegistryError.is(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new RegistryError('UNAVAILABLE', `${doing} failed: ${why}`, { cause: error });
}

/** A registry that says these things says them again. */
export function isFinal({ code }: RegistryError): boolean {
  return ['INVALID_BACKEND', 'CONFIGURATION', 'CLOSED'].includes(code);
}

/** What is wrong in a backend: the field, its value, and what would be right. */
export function invalid(field: string, value: unknown, remedy: string): RegistryError {
  return new RegistryError('INVALID_BACKEND', `Invalid backend: ${field} is ${quote(value)}: ${remedy}.`);
}

/** What is wrong in an option: its name, its value, and what would be right. */
export function misconfigured(option: string, value: unknown, remedy: string): RegistryError {
  return new RegistryError('CONFIGURATION', `Invalid option: ${option} is ${quote(value)}: ${remedy}.`);
}

/** A value as it stands in a message: short, on one line, and recognisable whatever it is. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(withoutSecrets(value));
    return text.length > 100 ? `${text.slice(0, 96)}…"` : text;
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/** Text as it may stand in a message: in what looks like an address, credentials, query and fragment can be secrets. */
function withoutSecrets(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? '';
  const at = text.lastIndexOf('@');
  const named = /[:/]/.test(text.slice(0, Math.max(0, at))) ? `${scheme}//***${text.slice(at)}` : text;
  const end = scheme === '' ? -1 : named.search(/[?#]/);
  return end === -1 ? named : `${named.slice(0, end + 1)}***`;
}
