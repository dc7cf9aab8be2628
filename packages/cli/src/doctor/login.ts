/** Who the server takes us for. */

import type { RedisPlace } from '../place.ts';
import { isDenied, openRaw, type Raw, reasonOf } from '../raw.ts';
import { type Check, fail, ok, warn } from './check.ts';

const NAME = 'authentication';

/** A connection where the server lets us in, and what there is to say about it. */
export async function logIn(place: RedisPlace): Promise<{ raw?: Raw; check: Check; user?: string }> {
  let raw: Raw;
  try {
    raw = await openRaw(place);
  } catch (error) {
    return { check: refusal(place, error) };
  }
  try {
    const answer = await raw.call('ACL', 'WHOAMI');
    if (typeof answer !== 'string' || answer === 'OK') {
      await raw[Symbol.asyncDispose]();
      return { check: fail(NAME, 'What answers there is no Redis.', 'Check the address and the port.') };
    }
    const user = answer;
    const check = (await isOpen(raw, user))
      ? warn(
          NAME,
          `User "${user}" needs no password: whoever reaches this server may change the registry.`,
          'Set a password (requirepass, or ACL SETUSER), or let nobody else reach it.',
        )
      : ok(NAME, `Logged in as "${user}".`);
    return { raw, user, check };
  } catch (error) {
    if (isDenied(error)) {
      const user = userOf(place);
      return {
        raw,
        ...(user !== undefined && { user }),
        check: ok(NAME, 'Logged in. This user may not ask who it is (ACL WHOAMI).'),
      };
    }
    await raw[Symbol.asyncDispose]();
    return { check: refusal(place, error, raw.node) };
  }
}

/** @param node of a Cluster that was asked; `undefined`: none of them let us in */
function refusal(place: RedisPlace, error: unknown, node?: string): Check {
  const message = String((error as Error | null)?.message);
  if (/NOAUTH|Authentication required/i.test(message))
    return fail(
      NAME,
      'The server needs a password, and none was given.',
      'Put it into the url: redis://:PASSWORD@host, or redis://USER:PASSWORD@host.',
    );
  if (/WRONGPASS|invalid password|without any password|no password is set/i.test(message))
    return fail(
      NAME,
      'The server does not take this user or password.',
      'Check both; in a url, / ? # and @ are written %2F, %3F, %23 and %40.',
    );
  if (place.kind === 'sentinel') {
    const [{ host, port } = { host: '', port: 0 }] = place.nodes;
    return fail(
      NAME,
      `The Sentinels name no master "${place.name}" that answers (${reasonOf(error)}).`,
      `Ask one of them: redis-cli -h ${host} -p ${port} SENTINEL GET-MASTER-ADDR-BY-NAME ${place.name}`,
    );
  }
  if (/DB index|invalid DB/i.test(message))
    return fail(NAME, 'The server has no database of this number.', 'Check --db, REDIS_DB or the end of the url.');
  if (place.kind === 'cluster' && node === undefined)
    return fail(
      'cluster',
      `No node of the Cluster says where the slots are (${reasonOf(error)}).`,
      'They may be loading or frozen: look at the log of each.',
    );
  if (node !== undefined)
    return fail(
      'cluster',
      `The node ${node}, which has the keys of this registry, does not answer (${reasonOf(error)}).`,
      'It may be down, loading or frozen: look at its log. Where it has a replica, the Cluster fails over.',
    );
  return fail(
    NAME,
    `The server takes connections and does not answer (${reasonOf(error)}).`,
    'It may be loading, frozen, or no Redis at all: look at its log.',
  );
}

/** Whether this is the default user, without a password, on more than this machine's own addresses. */
async function isOpen(raw: Raw, user: string): Promise<boolean> {
  try {
    const description = (await raw.call('ACL', 'GETUSER', user)) as unknown;
    return JSON.stringify(description).includes('"nopass"');
  } catch {
    // It may not ask: then it is not everybody.
    return false;
  }
}

/** As the place names it. */
export function userOf(place: RedisPlace): string | undefined {
  if (place.kind !== 'redis') return place.login.username;
  const { username } = new URL(place.url);
  return username === '' ? undefined : decodeURIComponent(username);
}
