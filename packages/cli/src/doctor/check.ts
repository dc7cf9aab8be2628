/** What one check has found. */
import { printable } from '../text.ts';

export interface Check {
  readonly name: string;
  /** `warn`: it works, and something is not as it should be, or could not be looked at. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message };
}

export function warn(name: string, message: string, remedy?: string): Check {
  return { name, status: 'warn', message, ...(remedy !== undefined && { remedy }) };
}

export function fail(name: string, message: string, remedy: string): Check {
  return { name, status: 'fail', message, remedy };
}

const SHOWN = 5;

/** The first of them, and how many more there are. */
export function shown(texts: readonly string[]): string {
  const some = texts.slice(0, SHOWN).map(printable).join(', ');
  return texts.length > SHOWN ? `${some} and ${texts.length - SHOWN} more` : some;
}
