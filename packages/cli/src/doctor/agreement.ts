/** Do the parts of the index name the same backends? They differ where the ACL stopped a script half-way, or somebody changed a key by hand. */
import type { Layout } from '../layout.ts';
import { isDenied, type Raw, reasonOf } from '../raw.ts';
import { printable } from '../text.ts';
import { type Check, fail, ok, shown, warn } from './check.ts';

const NAME = 'index';
const BEATS = 'heartbeats';
const PAGE = 500;
/** Pages of each part, unless all were asked for. */
const MOST_PAGES = 200;
/** Looked at once more, at one moment. */
const MOST_SUSPECTS = 500;

/** What stands in each part, at one moment. */
const LOOK = `
local reply = {}
local leases = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local lives = redis.call('HMGET', KEYS[2], unpack(ARGV))
local versions = redis.call('ZMSCORE', KEYS[3], unpack(ARGV))
for n = 1, #ARGV do reply[n] = (leases[n] and 1 or 0) + (lives[n] and 2 or 0) + (versions[n] and 4 or 0) end
return reply`;
const PARTS = ['lease', 'incarnation', 'version'] as const;
const WHOLE = 7;

/** The index, and the heartbeats of those in it. */
export async function checkIndex(raw: Raw, layout: Layout, deep: boolean, signal: AbortSignal): Promise<Check[]> {
  const most = deep ? Number.POSITIVE_INFINITY : MOST_PAGES;
  let leased: ReadonlyMap<string, number>;
  try {
    leased = await members(raw, layout.leases, most, signal);
  } catch (error) {
    return [notCompared(error), notLookedAt(error)];
  }
  return [
    await checkAgreement(raw, layout, leased, most, signal),
    await checkHeartbeats(raw, layout, [...leased.keys()], signal),
  ];
}

function notCompared(error: unknown): Check {
  return warn(NAME, `Its parts cannot be compared (${reasonOf(error)}).`, 'It takes the rights of a proxy.');
}

function notLookedAt(error: unknown): Check {
  return warn(BEATS, `It cannot be looked at (${reasonOf(error)}).`);
}

async function checkAgreement(
  raw: Raw,
  { leases, incarnations, versions, meta }: Layout,
  leased: ReadonlyMap<string, number>,
  most: number,
  signal: AbortSignal,
): Promise<Check> {
  try {
    const versioned = await members(raw, versions, most, signal);
    const living = await lives(raw, incarnations, most, signal);
    const parts = living === undefined ? [leased, versioned] : [leased, versioned, living];
    const ids = new Set(parts.flatMap((part) => [...part.keys()]));
    const suspects = [...ids].filter((id) => parts.some((part) => !part.has(id))).slice(0, MOST_SUSPECTS);
    const torn: string[] = [];
    if (suspects.length > 0) {
      const answer = (await raw.call('EVAL', LOOK, 3, leases, incarnations, versions, ...suspects)) as number[];
      for (const [n, id] of suspects.entries()) {
        const found = Number(answer[n]);
        // Who has left meanwhile is in none.
        if (found === WHOLE || found === 0) continue;
        torn.push(`${id} (no ${PARTS.filter((_, bit) => (found & (1 << bit)) === 0).join(', no ')})`);
      }
    }
    if (torn.length > 0) {
      const [first = ''] = torn;
      return fail(
        NAME,
        `${torn.length === 1 ? '1 backend stands' : `${torn.length} backends stand`} in a part of it only: ${shown(torn)}.`,
        `${torn.length === 1 ? '' : 'For each: '}backend-registry unregister ${printable(first.replace(/ \(.*$/, ''))}: a process that runs registers anew.`,
      );
    }
    // They come in the order of their versions.
    const newest = [...versioned.values()].at(-1) ?? 0;
    const version = Number(((await raw.call('HMGET', meta, 'version')) as (string | null)[])[0] ?? 0);
    if (newest > version)
      return fail(
        NAME,
        `A backend has changed after the last change that the registry knows of (version ${newest} after ${version}): readers do not find it.`,
        'Any change that is written now mends it: register a backend, or drain one and take that back.',
      );
    const whole = parts.every((part) => part.size < most * PAGE);
    const said = 'All of its parts name the same backends.';
    return whole
      ? ok(NAME, said)
      : warn(NAME, `${said} It is large, and only a part was looked at: --deep looks at all.`);
  } catch (error) {
    return notCompared(error);
  }
}

/** Heartbeats that are none: programs that read them by the public format take those backends for dead. */
async function checkHeartbeats(raw: Raw, layout: Layout, ids: readonly string[], signal: AbortSignal): Promise<Check> {
  const wrong: string[] = [];
  try {
    for (let from = 0; from < ids.length; from += PAGE) {
      signal.throwIfAborted();
      const part = ids.slice(from, from + PAGE);
      const texts = (await raw.call('MGET', ...part.map((id) => layout.heartbeat(id)))) as (string | null)[];
      wrong.push(...part.filter((_, n) => !(Number(texts[n] ?? Number.NaN) > 0)));
    }
  } catch (error) {
    return notLookedAt(error);
  }
  if (wrong.length === 0) return ok(BEATS, 'Each backend has one, and each is a time.');
  // Who leaves or registers meanwhile may have none yet.
  const [first = ''] = wrong;
  return warn(
    BEATS,
    `${wrong.length === 1 ? '1 backend has' : `${wrong.length} backends have`} none that is a time, which other programs read as dead: ${shown(wrong)}.`,
    `Does another program write there? DEL ${layout.heartbeat(printable(first))}, then backend-registry heartbeat ${printable(first)}, or wait for its own.`,
  );
}

/** With their scores. */
async function members(raw: Raw, key: string, most: number, signal: AbortSignal): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let page = 0; page < most; page += 1) {
    signal.throwIfAborted();
    const limit = ['LIMIT', page * PAGE, PAGE] as const;
    const answer = (await raw.call('ZRANGEBYSCORE', key, '-inf', '+inf', 'WITHSCORES', ...limit)) as unknown[];
    // In pairs, or one after the other: that depends on the protocol.
    const flat = answer.flat();
    for (let n = 0; n < flat.length; n += 2) found.set(String(flat[n]), Number(flat[n + 1]));
    if (flat.length < 2 * PAGE) break;
  }
  return found;
}

/** `undefined` where this user may not go through them: the other parts are compared all the same. */
async function lives(
  raw: Raw,
  key: string,
  most: number,
  signal: AbortSignal,
): Promise<Map<string, string> | undefined> {
  const found = new Map<string, string>();
  let cursor = '0';
  try {
    for (let page = 0; page < most; page += 1) {
      signal.throwIfAborted();
      const [next, entries] = (await raw.call('HSCAN', key, cursor, 'COUNT', PAGE)) as [string | number, string[]];
      for (let n = 0; n < entries.length; n += 2) found.set(String(entries[n]), String(entries[n + 1]));
      cursor = String(next);
      if (cursor === '0') break;
    }
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
  return found;
}
