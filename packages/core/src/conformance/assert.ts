/** Assertions that run wherever a registry runs: no test runner, no Node. */
import { RegistryError, type RegistryErrorCode } from '../index.ts';

/** A promise of the contract that was not kept. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

export function fail(message: string): never {
  throw new ConformanceError(message);
}

export function ok(value: unknown, message: string): asserts value {
  if (!value) fail(message);
}

/** Deep equality by value: the names of objects in any order, arrays in order, `undefined` and an absent name are different. */
export function equal(actual: unknown, expected: unknown, message: string): void {
  const [got, wanted] = [show(actual), show(expected)];
  if (got !== wanted) fail(`${message}\n  expected ${wanted}\n  but got  ${got}`);
}

/** The promise must reject with this code, and a message that says something. */
export async function rejects(
  promise: Promise<unknown>,
  code: RegistryErrorCode | readonly RegistryErrorCode[],
  message: string,
): Promise<RegistryError> {
  const codes = typeof code === 'string' ? [code] : code;
  const error = await rejection(promise, message);
  ok(RegistryError.is(error), `${message}: it rejected with ${String(error)}, which is no RegistryError`);
  ok(
    codes.includes(error.code),
    `${message}: it rejected with ${error.code} (${error.message}), not with ${codes.join(' or ')}`,
  );
  ok(error.message.length > 10, `${message}: its message says nothing`);
  return error;
}

/** The promise must reject with a TypeError. */
export async function rejectsType(promise: Promise<unknown>, message: string): Promise<TypeError> {
  const error = await rejection(promise, message);
  ok(error instanceof TypeError, `${message}: it rejected with ${String(error)}, which is no TypeError`);
  return error;
}

/** Waits are counted in such parts: of the time in which this process stands still, which is no fault of the store, one counts. */
const SLICE_MS = 100;

/** Looks again until nothing is wrong, for what a store needs a moment for. The last failure is what is told. */
export async function eventually<T>(look: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  let leftMs = withinMs;
  const timer = setInterval(() => {
    leftMs -= SLICE_MS;
  }, SLICE_MS);
  try {
    for (;;) {
      try {
        return await look();
      } catch (error) {
        if (leftMs <= 0) throw error;
      }
      await pause(5);
    }
  } finally {
    clearInterval(timer);
  }
}

/** Settles like the promise, but fails if that takes too long. Time in which this process stands still does not count. */
export async function within<T>(ms: number, promise: Promise<T>, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const wait = (leftMs: number): void => {
      timer = setTimeout(
        () => {
          if (leftMs > SLICE_MS) wait(leftMs - SLICE_MS);
          else reject(new ConformanceError(`${message}: not within ${ms} ms`));
        },
        Math.min(leftMs, SLICE_MS),
      );
    };
    wait(ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets real time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function rejection(promise: Promise<unknown>, message: string): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return fail(`${message}: it resolved to ${show(value)}`);
}

function show(value: unknown): string {
  return (
    JSON.stringify(ordered(value), (_, part: unknown) =>
      part === undefined ? '(undefined)' : typeof part === 'number' && !Number.isFinite(part) ? `(${part})` : part,
    ) ?? '(undefined)'
  );
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, ordered(part)]),
  );
}
