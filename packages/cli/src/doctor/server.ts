/** What the server is, and what it does with the data. */
import type { Place } from '../place.ts';
import { isDenied, type Raw, reasonOf } from '../raw.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { count, type Info, parseInfo } from './info.ts';

export async function readInfo(raw: Raw): Promise<Info | Check> {
  try {
    return parseInfo(String(await raw.call('INFO')));
  } catch (error) {
    const why = isDenied(error) ? 'this user may not ask (INFO)' : reasonOf(error);
    return warn(
      'server',
      `Version, memory and persistence are not known: ${why}.`,
      'Run the doctor as a user who may INFO.',
    );
  }
}

/** Redis 6.2 has the first ZMSCORE; Valkey begins at 7.2. */
export function checkVersion(info: Info): Check {
  const name = 'server';
  const valkey = info.get('valkey_version');
  const version = info.get('redis_version') ?? '';
  const shown = valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version === '') return warn(name, 'The server does not say which version it is. It must do what Redis 6.2 does.');
  if (major < 6 || (major === 6 && minor < 2))
    return fail(name, `${shown} is too old: it must be Redis 6.2 or newer, or Valkey.`, 'Update the server.');
  return ok(name, `${shown}, up for ${days(count(info, 'uptime_in_seconds'))}.`);
}

function days(seconds: number): string {
  const many = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? '' : 's'}`;
  if (seconds < 3_600) return many(Math.floor(seconds / 60), 'minute');
  return seconds < 172_800 ? many(Math.floor(seconds / 3_600), 'hour') : many(Math.floor(seconds / 86_400), 'day');
}

export function checkRole(info: Info, place: Place): Check {
  const name = 'replication';
  if (info.get('role') === 'master') {
    const replicas = count(info, 'connected_slaves');
    if (replicas > 0) return ok(name, `It is the master of ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}.`);
    if (place.kind === 'redis' || place.kind === 'node-redis')
      return ok(name, 'It is a master without replicas: while it is down, views serve what they saw last.');
    return warn(
      name,
      'The master has no replica that is connected: nobody can take over.',
      'Look at the replicas: INFO replication.',
    );
  }
  return fail(
    name,
    'It is a replica: it takes no writes, and what it reads may be old.',
    `Use the master, ${info.get('master_host') ?? '?'}:${info.get('master_port') ?? '?'}, or name the Sentinels with --sentinel.`,
  );
}

export function checkMemory(info: Info): Check {
  const name = 'memory';
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  const most = count(info, 'maxmemory');
  const used = count(info, 'used_memory');
  const evicts = policy.startsWith('allkeys-');
  const evicted = count(info, 'evicted_keys');
  const remedy = 'CONFIG SET maxmemory-policy noeviction, and in redis.conf.';
  if (evicts && most > 0) {
    const so = evicted > 0 ? `, and ${evicted} keys were` : '';
    return fail(
      name,
      `maxmemory-policy is ${policy}: when memory runs out, keys of the registry are thrown away${so}.`,
      remedy,
    );
  }
  if (evicts)
    return warn(
      name,
      `maxmemory-policy is ${policy}: with a maxmemory, keys of the registry would be thrown away.`,
      remedy,
    );
  if (most > 0 && used > 0.9 * most)
    return warn(
      name,
      `${percent(used / most)} of maxmemory is used: when it is full, registrations and heartbeats are refused.`,
      'Raise maxmemory, or remove what does not belong there.',
    );
  const left = most === 0 ? 'no maxmemory' : `${percent(used / most)} of maxmemory used`;
  return ok(name, `maxmemory-policy is ${policy}; ${left}. The registry gives its keys no TTL, and none is evicted.`);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** @param save the setting of that name, where it may be asked @param appendfsync likewise */
export function checkPersistence(info: Info, save: string | undefined, appendfsync: string | undefined): Check {
  const name = 'persistence';
  const aof = info.get('aof_enabled') === '1';
  if (info.get('rdb_last_bgsave_status') === 'err' || (aof && info.get('aof_last_write_status') === 'err'))
    return fail(
      name,
      'The last time that data were saved, it failed: the server may refuse all writes.',
      'Look at its log: is the disk full, or may it not write there?',
    );
  if (aof && appendfsync === undefined)
    return ok(name, 'AOF: a restart loses few changes or none; how many cannot be asked (CONFIG GET appendfsync).');
  if (aof && appendfsync === 'no')
    return warn(
      name,
      'AOF that the system writes when it likes (appendfsync no): where the machine fails, the changes of half a minute can be gone.',
      'Set appendfsync everysec.',
    );
  if (aof)
    return ok(
      name,
      appendfsync === 'always'
        ? 'AOF: a restart loses nothing (appendfsync always).'
        : 'AOF: a restart loses nothing, a lost machine the last second of changes; where the disk is slow, two seconds (appendfsync everysec).',
    );
  if (save === undefined)
    return warn(name, 'Without AOF; whether it saves snapshots cannot be asked (CONFIG GET).', 'Set appendonly yes.');
  if (save !== '')
    return warn(
      name,
      `Snapshots only (save ${save}): after a restart, what changed since the last one is gone, and who was removed may be back until it expires.`,
      'Set appendonly yes.',
    );
  return warn(
    name,
    'Nothing is saved: after a restart the registry is empty until backends have registered again, within one heartbeat interval of each.',
    'Set appendonly yes, or accept that: views hold what they saw meanwhile.',
  );
}

export async function readSetting(raw: Raw, setting: string): Promise<string | undefined> {
  try {
    const answer = (await raw.call('CONFIG', 'GET', setting)) as readonly string[] | Readonly<Record<string, string>>;
    return Array.isArray(answer) ? answer[1] : (answer as Readonly<Record<string, string>>)[setting];
  } catch {
    // Who may not ask does not know.
    return undefined;
  }
}
