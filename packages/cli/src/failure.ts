/** What a failure is told with: one line that says what to do, and what the program ends with. */
import { RegistryError, type RegistryErrorCode } from '@backend-registry/core';
import { EXIT, type Exit } from './exit.ts';

/** Asked in a way that cannot be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure of the store, and which store it is. Its message holds no secret. */
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
  if (error instanceof UsageError) return { exit: EXIT.usage, line: error.message };
  if (error instanceof StoreError) return { exit: EXIT.store, line: error.message };
  if (RegistryError.is(error)) {
    const exit = BY_CODE[error.code];
    const where = exit === EXIT.store && place !== undefined ? `${place}: ` : '';
    return { exit, line: `${where}${oneLine(error.message)}` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exit: EXIT.store, line: oneLine(message) };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
