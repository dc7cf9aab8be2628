/**
 * A registry as a file: JSON lines. The first line says what it is, the last one how many backends stand between, so that a file that was cut short is known as such.
 * Each line between is a backend as `storedBackends()` reads it: with what was left of its lease, and when that was read.
 */
import { RegistryError } from '@backend-registry/core';
import { readStoredBackend, type StoredBackend } from '@backend-registry/core/move';
import { UsageError } from './failure.ts';
import { jsonOf } from './text.ts';

const FORMAT = 'backend-registry/export';
const SCHEMA = 1;

/** @param writtenAt by the clock of this machine, in ms; times of backends are by that of their store */
export function headerLine(epoch: string, writtenAt: number): string {
  return jsonOf({ format: FORMAT, schema: SCHEMA, epoch, writtenAt });
}

export function backendLine(backend: StoredBackend): string {
  return jsonOf(backend);
}

export function endLine(backends: number): string {
  return jsonOf({ end: { backends } });
}

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface ReadFile {
  readonly backends: readonly StoredBackend[];
  readonly bad: readonly BadLine[];
}

/** Reads a file whole. Throws a {@link UsageError} where it is none of these at all. */
export async function readExport(lines: AsyncIterable<string>): Promise<ReadFile> {
  const backends: StoredBackend[] = [];
  const bad: BadLine[] = [];
  const seen = new Map<string, number>();
  let number = 0;
  let end: number | undefined;
  for await (const text of lines) {
    number += 1;
    if (number === 1) {
      checkHeader(text);
      continue;
    }
    if (text.trim() === '') continue;
    if (end !== undefined) {
      bad.push({ line: number, reason: 'it comes after the end' });
      continue;
    }
    const value = parse(text);
    end = endOf(value);
    if (end !== undefined) continue;
    try {
      if (value === undefined) throw new RegistryError('INVALID_BACKEND', 'it is not JSON');
      const backend = readStoredBackend(value);
      const before = seen.get(backend.id);
      if (before !== undefined)
        throw new RegistryError('INVALID_BACKEND', `${backend.id} stands in line ${before} already`);
      seen.set(backend.id, number);
      backends.push(backend);
    } catch (error) {
      if (!RegistryError.is(error, 'INVALID_BACKEND')) throw error;
      bad.push({ line: number, reason: error.message });
    }
  }
  if (number === 0) throw new UsageError('The file is empty: it must be one that backend-registry export has written.');
  if (end === undefined) bad.push({ line: number + 1, reason: 'the file is cut short: its last line is missing' });
  else if (bad.length === 0 && end !== backends.length)
    bad.push({
      line: number,
      reason: `the file is not whole: it says that it has ${end} backends, and has ${backends.length}`,
    });
  return { backends, bad };
}

function checkHeader(text: string): void {
  const header = parse(text) as { format?: unknown; schema?: unknown } | undefined | null;
  if (header?.format !== FORMAT)
    throw new UsageError(
      `This is no file of backend-registry export: its first line must be {"format":"${FORMAT}","schema":${SCHEMA},…}.`,
    );
  if (header.schema !== SCHEMA)
    throw new UsageError(
      'The file was written by another version of this program, in a schema that this one does not know: import it with that version.',
    );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function endOf(value: unknown): number | undefined {
  const end = (value as { end?: { backends?: unknown } } | undefined | null)?.end?.backends;
  return typeof end === 'number' ? end : undefined;
}
