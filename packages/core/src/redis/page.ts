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
  /** Up to which version changes are named: that of the registry where there is no further page. */
  readonly changedUpTo: number;
  readonly removedUpTo: number;
  /** With version 0 where it was not asked for. */
  readonly changed: readonly Listed[];
  /** How many have changed, where those that are registered are those that are known, and half of them or more have: then `changed` is empty. */
  readonly many: number;
  readonly removed: readonly Removal[];
  readonly ended: readonly string[];
}

/** Reads a page. Anything else stands in its place when another program uses the keys. @param versions whether changes are named with theirs */
export function readPage(reply: unknown, versions: boolean): Page {
  if (!Array.isArray(reply) || reply.length < 7) return strange();
  const texts: readonly string[] = reply.map(String);
  const [now = '', epoch = '', version = '', told = '', anew, expired = '', next = ''] = texts;
  const [changedUpTo = version, removedUpTo = version, many = '0', changed = '', removed = '', ended = ''] =
    texts.slice(7);
  return {
    now: readNumber(now),
    epoch,
    version: readNumber(version),
    told: readNumber(told),
    anew: anew === '1',
    expired: readNumber(expired),
    nextExpiry: readEnd(next),
    changedUpTo: readNumber(changedUpTo),
    removedUpTo: readNumber(removedUpTo),
    changed: versions ? readListed(changed) : readTexts(changed).map((id) => ({ id, version: 0 })),
    many: readNumber(many),
    removed: readListed(removed).map(readTombstone),
    ended: readTexts(ended),
  };
}

/** The end of a lease in µs, if there is one; a lease that somebody has given none, by hand, is `inf`. */
export function readEnd(text: string): number | undefined {
  return text === '' || text === 'inf' ? undefined : readNumber(text.replace('inf', 'Infinity'));
}

function readNumber(text: string): number {
  const value = Number(text);
  return Number.isNaN(value) ? strange() : value;
}

function readTexts(text: string): string[] {
  return text === '' ? [] : text.split('\t');
}

/** Ids and versions in turn. What another program has put there may have a tab in it: an id ends where a number follows. */
function readListed(text: string): Listed[] {
  const listed: Listed[] = [];
  let id: string | undefined;
  for (const part of readTexts(text)) {
    if (id !== undefined && /^\d+$/.test(part)) {
      listed.push({ id, version: Number(part) });
      id = undefined;
    } else {
      id = id === undefined ? part : `${id}\t${part}`;
    }
  }
  return id === undefined ? listed : strange();
}

/** A tombstone is `{reason} {id}`. */
function readTombstone({ id, version }: Listed): Removal {
  const space = id.indexOf(' ');
  return { id: id.slice(space + 1), version, reason: readReason(id.slice(0, space)) };
}

export function readReason(text: string): Removal['reason'] {
  return text === 'expired' ? 'expired' : 'unregistered';
}
