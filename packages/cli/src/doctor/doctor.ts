/** All checks, in their order: each stands on those before it. */
import { type CorruptRow, RegistryError, type RegistryOptions } from '@backend-registry/core';
import { layoutOf, prefixOf } from '../layout.ts';
import { DEFAULT_TIMEOUT_MS, type Place, type RedisPlace } from '../place.ts';
import { openRaw, overTcp, type Raw, reasonOf } from '../raw.ts';
import { openStore } from '../store.ts';
import { checkIndex } from './agreement.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkTargets, targetsOf } from './connection.ts';
import { wrongKind } from './kind.ts';
import { logIn } from './login.ts';
import { checkOperations, isRightsRefusal } from './operations.ts';
import { checkPermissions } from './permissions.ts';
import type { Role } from './role.ts';
import { checkGhosts, checkKeys, checkRegistry } from './rows.ts';
import { checkMemory, checkPersistence, checkRole, checkVersion, readInfo, readSetting } from './server.ts';
import { checkClock, checkRoundTrip, checkScripts } from './speed.ts';
import { checkCluster, checkPrefix, checkSentinel } from './topology.ts';

export interface Examination {
  readonly role: Role;
  /** Writes nothing. */
  readonly readOnly: boolean;
  /** Goes through all keys, however many there are. */
  readonly deep: boolean;
  readonly signal: AbortSignal;
}

/** @returns whether the store could be reached at all */
export async function examine(place: Place, how: Examination, tell: (check: Check) => void): Promise<boolean> {
  const timeoutMs = place.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  return place.kind === 'upstash'
    ? examineUpstash(place, how, timeoutMs, tell)
    : examineRedis(place, overTcp(place), how, timeoutMs, tell);
}

async function examineRedis(
  place: Place,
  tcp: RedisPlace,
  how: Examination,
  timeoutMs: number,
  tell: (check: Check) => void,
): Promise<boolean> {
  const tellIfAny = (check: Check | undefined): Check | undefined => {
    if (check !== undefined) tell(check);
    return check;
  };
  const reached = await checkTargets(targetsOf(tcp), timeoutMs);
  for (const check of reached) tell(check);
  if (reached.some(({ status }) => status === 'fail')) return false;
  const login = await logIn(tcp);
  if (login.raw === undefined) {
    const why = await wrongKind(place, tcp).catch(() => undefined);
    tell(why === undefined ? login.check : fail('authentication', why.message, why.remedy));
    return false;
  }
  tell(login.check);
  await using raw = login.raw;

  const info = await readInfo(raw);
  if (!('status' in info) && info.get('redis_mode') === 'sentinel') {
    const why = await wrongKind(place, tcp).catch(() => undefined);
    tell(fail('server', why?.message ?? 'It is a Sentinel, and no Redis.', why?.remedy ?? 'Add --sentinel NAME.'));
    return false;
  }
  const rights = await attempt('permissions', () => checkPermissions(raw, place, how.role, login.user));
  tell(rights);
  if ('status' in info) tell(info);
  else {
    tell(checkVersion(info));
    tell(checkRole(info, place));
  }
  const facts = 'status' in info ? undefined : info;
  tellIfAny(await checkSentinel(tcp));
  const cluster = tellIfAny(await checkCluster(raw, facts, place));
  const prefix = checkPrefix(place);
  tell(prefix);
  if (facts !== undefined) {
    tell(checkMemory(facts));
    tell(checkPersistence(facts, await readSetting(raw, 'save'), await readSetting(raw, 'appendfsync')));
  }
  // Nothing of the registry can work there.
  if (prefix.status === 'fail' || cluster?.status === 'fail') return true;
  await examineRegistry(raw, place, { ...how, hasRights: rights.status !== 'fail' }, timeoutMs, tell);
  return true;
}

async function examineUpstash(
  place: Extract<Place, { kind: 'upstash' }>,
  how: Examination,
  timeoutMs: number,
  tell: (check: Check) => void,
): Promise<boolean> {
  await using raw = await openRaw(place);
  try {
    await raw.call('PING');
    tell(ok('address', `${place.shown} answers, and takes the token.`));
  } catch (error) {
    tell(upstashFailure(place.shown, error));
    return false;
  }
  await examineRegistry(raw, place, { ...how, hasRights: true }, timeoutMs, tell);
  return true;
}

function upstashFailure(shown: string, error: unknown): Check {
  const why = reasonOf(error);
  if (why === 'WRONGPASS' || /unauthorized/i.test(String((error as Error | null)?.message)))
    return fail(
      'authentication',
      `${shown} does not take this token.`,
      'Copy it anew from the console of Upstash: UPSTASH_REDIS_REST_TOKEN.',
    );
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  const code = typeof cause?.code === 'string' ? cause.code : why;
  return fail(
    'address',
    `${shown} does not answer as Upstash does (${code}).`,
    'Check UPSTASH_REDIS_REST_URL and the network.',
  );
}

/** What stands on plain commands and the contract alone. */
async function examineRegistry(
  raw: Raw,
  place: Place,
  how: Examination & { readonly hasRights: boolean },
  timeoutMs: number,
  tell: (check: Check) => void,
): Promise<void> {
  const layout = layoutOf(prefixOf(place));
  const corrupt: CorruptRow[] = [];
  tell(await attempt('clock', () => checkClock(raw)));
  tell(await attempt('scripts', () => checkScripts(raw)));
  tell(await attempt('round trip', () => checkRoundTrip(raw, timeoutMs)));
  if (how.readOnly) tell(warn('operations', 'Not tried: --read-only.'));
  else {
    const open = (options: RegistryOptions) => openStore({ ...place, keyPrefix: options.keyPrefix }, options);
    for (const check of await checkOperations(raw, open, layout.prefix, how.hasRights, how.signal)) tell(check);
  }
  tell(await attempt('keys', () => checkKeys(raw, layout)));
  try {
    await using registry = await openStore(place, { onCorrupt: (row) => corrupt.push(row) });
    for (const check of await checkRegistry(registry, raw, layout, corrupt)) tell(check);
  } catch (error) {
    tell(
      how.role === 'backend' && isRightsRefusal(error)
        ? warn('backends', 'Not looked at: this user may not list them, and a backend need not.')
        : fail(
            'backends',
            `They cannot be listed: ${RegistryError.is(error) ? error.message : reasonOf(error)}`,
            'See the checks above.',
          ),
    );
  }
  for (const check of await checkIndex(raw, layout, how.deep, how.signal)) tell(check);
  tell(await attempt('ghosts', () => checkGhosts(raw, layout, how.deep, how.signal)));
}

/** What could not even be asked is said, and the next check is made. */
async function attempt(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return warn(name, `It cannot be looked at (${reasonOf(error)}).`);
  }
}
