/** A reply of `changes.lua`: one page of what has changed. */
import type { RemovalReason } from '../contract.ts';
import { strange } from './strange.ts';

/** An entry of an index: a backend and a version. */
export interface Listed {
  readonly id: string;
  readonly version: number;
}

export interface Removal extends Listed {
  readonly reason: Exclude<RemovalReason, 'replaced'>;
}

export interface Page {
  /** The time of the store in µs. */
  readonly now: number;
  readonly epoch: string;
  readonly version: number;
  /** The version that was told last over publish and subscribe. */
  readonly told: number;
  /** What was known before counts for nothing. */
  readonly anew: boolean;
  readonly expired: number;
  /** In µs. */
  readonly nextExpiry: number | undefined;
  readonly changed: readonly Listed[];
  /** How many have changed, where those that are registered are those that are known, and half of them or more have: then `changed` is empty. */
  readonly many: number;
  readonly removed: readonly Removal[];
  readonly ended: readonly string[];
}

/** Reads a page. Anything else stands in its place when another program uses the keys. */
export function readPage(reply: unknown): Page {
  if (!Array.isArray(reply) || reply.length < 9) return strange();
  const values: readonly unknown[] = reply;
  let at = 0;
  const text = (): string => String(values[at++] ?? '');
  const number = (): number => {
    const value = Number(values[at++]);
    return Number.isNaN(value) ? strange() : value;
  };
  const listed = (): Listed => ({ id: text(), version: number() });
  const many = <T>(count: number, read: () => T) => Array.from({ length: Math.max(0, count) }, read);
  const now = number();
  const epoch = text();
  const version = number();
  const told = number();
  const anew = number() === 1;
  const expired = number();
  const next = text();
  const changes = number();
  const changed = many(changes, listed);
  const removed = many(number(), () => readTombstone(listed()));
  const ended = values.slice(at).map(String);
  return {
    now,
    epoch,
    version,
    told,
    anew,
    expired,
    nextExpiry: next === '' ? undefined : Number(next),
    changed,
    many: Math.max(0, -changes),
    removed,
    ended,
  };
}

/** A tombstone is `{reason} {id}`. */
function readTombstone({ id, version }: Listed): Removal {
  const space = id.indexOf(' ');
  return { id: id.slice(space + 1), version, reason: readReason(id.slice(0, space)) };
}

export function readReason(text: string): Removal['reason'] {
  return text === 'expired' ? 'expired' : 'unregistered';
}
