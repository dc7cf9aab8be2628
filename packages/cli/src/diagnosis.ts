/** Why a store was not reached, or refused, where its own answer does not say: what stands at the address is asked once more, by simpler questions. */
import { RegistryError } from '@backend-registry/core';
import { type Finding, wrongKind } from './doctor/kind.ts';
import { userOf } from './doctor/login.ts';
import { checkPermissions } from './doctor/permissions.ts';
import type { Role } from './doctor/role.ts';
import { idOf, layoutOf, prefixOf, typesOf } from './layout.ts';
import type { Place, RedisPlace } from './place.ts';
import { intruderOf, overTcp, redisRaw } from './raw.ts';

/** What commands need that are not an operator's own. */
const ROLES: Readonly<Record<string, Role>> = {
  ...{ list: 'proxy', get: 'proxy', watch: 'proxy', top: 'proxy', explain: 'proxy' },
  ...{ register: 'backend', heartbeat: 'backend', health: 'backend', drain: 'backend', unregister: 'backend' },
  cleanup: 'cleaner',
};

/**
 * The cause and what to do about it, in one line; `undefined` where the failure itself says all that is known. Never rejects.
 *
 * @param command what was typed: it tells which rights the user should have
 * @param url of the backend that was meant, if it was about one
 */
export async function diagnose(
  error: unknown,
  place: Place,
  command: string,
  url?: string,
): Promise<string | undefined> {
  if (place.kind === 'upstash' || !RegistryError.is(error)) return undefined;
  const tcp = overTcp(place);
  const said = ({ message, remedy }: Finding): string => `${message} ${remedy}`.trimEnd();
  try {
    if (/\bACL does not allow this user what\b/.test(error.message))
      return await missingRights(place, tcp, ROLES[command] ?? 'operator').then((found) => found && said(found));
    if (/\banother program uses one of the keys\b/.test(error.message))
      return await wrongType(place, tcp, url).then((found) => found && said(found));
    // Wrong passwords, a full memory and the like are told as they are.
    if (
      error.code === 'REFUSED' &&
      !/does not know what it is asked|on a Cluster every key|is no node of a Cluster|Sentinels do not know/.test(
        error.message,
      )
    )
      return undefined;
    if (error.code !== 'UNAVAILABLE' && error.code !== 'TIMEOUT' && error.code !== 'REFUSED') return undefined;
    return await wrongKind(place, tcp).then((found) => found && said(found));
  } catch {
    // It answers none of this either.
    return undefined;
  }
}

async function missingRights(place: Place, tcp: RedisPlace, role: Role): Promise<Finding | undefined> {
  await using raw = await redisRaw(tcp);
  const user = await raw.call('ACL', 'WHOAMI').then(String, () => userOf(tcp));
  const { status, message, remedy } = await checkPermissions(raw, place, role, user);
  return status === 'fail' ? { message: `Redis refuses. ${message}`, remedy: remedy ?? '' } : undefined;
}

async function wrongType(place: Place, tcp: RedisPlace, url: string | undefined): Promise<Finding | undefined> {
  await using raw = await redisRaw(tcp);
  const layout = layoutOf(prefixOf(place));
  const types = new Map(typesOf(layout));
  const id = url === undefined ? undefined : await idOf(url).catch(() => undefined);
  if (id !== undefined) for (const key of [layout.document(id), layout.heartbeat(id)]) types.set(key, 'string');
  const intruder = await intruderOf(raw, types);
  return intruder && { ...intruder, remedy: `${intruder.remedy}, or choose another --prefix.` };
}
