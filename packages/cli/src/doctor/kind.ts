/** What stands at the address, where it is not what the options say: a Sentinel, a node of a Cluster, TLS. */
import { DEFAULT_TIMEOUT_MS, type Place, type RedisPlace } from '../place.ts';
import { isDenied, type Raw, redisRaw } from '../raw.ts';
import { printable } from '../text.ts';
import { atOf, checkTargets, greetingOf, speaksTls, type Target, targetsOf } from './connection.ts';
import { parseInfo } from './info.ts';
import { userOf } from './login.ts';
import { ON_CLUSTER } from './permissions.ts';

const SLOTS = 16_384;

/** Each question may take so long. */
const LONGEST_MS = 700;

export interface Finding {
  readonly message: string;
  readonly remedy: string;
}

/** @returns nothing where it is what they say, or does not tell */
export async function wrongKind(place: Place, tcp: RedisPlace): Promise<Finding | undefined> {
  // Whoever waits has waited for the failure already.
  const timeoutMs = Math.min(LONGEST_MS, place.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS);
  const targets = targetsOf(tcp);
  const found = await Promise.all(
    targets.map(async (target) => {
      const checks = await checkTargets([target], timeoutMs);
      const failed = checks.find(({ status }) => status === 'fail');
      return { target, failed, greeting: failed === undefined ? await greetingOf(target, timeoutMs) : undefined };
    }),
  );
  // The first that speaks, or else that is there.
  const there = found.filter(({ failed }) => failed?.name !== 'address');
  const [first] = [...there.filter(({ greeting }) => greeting !== undefined), ...there];
  if (first === undefined) return undefined;
  const { target, failed: untrusted, greeting } = first;
  if (untrusted !== undefined) return { message: untrusted.message, remedy: untrusted.remedy ?? '' };
  const [answer, speaks] = await Promise.all([
    askRole({ ...tcp, commandTimeoutMs: timeoutMs }, target),
    target.tls === undefined && speaksTls(target, timeoutMs),
  ]);
  if (answer === undefined) {
    if (greeting !== undefined && !/^(\+PONG|-[A-Z]+ )/.test(greeting))
      return { message: `What answers at ${atOf(target)} is no Redis.`, remedy: 'Check the address and the port.' };
    return target.tls === undefined && speaks
      ? { message: `${atOf(target)} speaks TLS.`, remedy: 'Begin the url with rediss://.' }
      : undefined;
  }
  if (answer.mayNot.length > 0)
    return {
      message: `This user lacks what every client of a Cluster needs: ${answer.mayNot.join(', ')}.`,
      remedy: `On every node: ACL SETUSER ${userOf(tcp) ?? 'USER'} ${ON_CLUSTER.map((command) => `+${command}`).join(' ')}`,
    };
  return contradiction(place, target, answer);
}

interface Kind {
  /** The masters that it knows; `undefined`: it is no Sentinel. */
  readonly masters: readonly string[] | undefined;
  readonly inCluster: boolean;
  /** How many slots of its Cluster nobody serves. */
  readonly slotsLost: number;
  /** What a client asks it first where it is to be a Cluster, and this user may not. */
  readonly mayNot: readonly string[];
}

/** `undefined`: it does not talk, or not about this. */
async function askRole(tcp: RedisPlace, { host, port, tls }: Target): Promise<Kind | undefined> {
  const login = tcp.kind === 'redis' ? new URL(tcp.url) : undefined;
  const url = new URL(`${tls === undefined ? 'redis' : 'rediss'}://${atOf({ host, port })}`);
  if (login !== undefined) {
    url.username = login.username;
    url.password = login.password;
  } else if (tcp.kind !== 'redis') {
    url.username = encodeURIComponent(tcp.login.username ?? '');
    url.password = encodeURIComponent(tcp.login.password ?? '');
  }
  const { commandTimeoutMs, shown } = tcp;
  const one: RedisPlace = {
    ...{ kind: 'redis', url: url.href, db: undefined, tls, keyPrefix: undefined },
    ...{ commandTimeoutMs, shown, side: undefined },
  };
  await using raw = await redisRaw(one).catch(() => undefined);
  if (raw === undefined) return undefined;
  try {
    const mayNot = tcp.kind === 'cluster' ? await deniedInCluster(raw) : [];
    if (mayNot.length > 0) return { masters: undefined, inCluster: true, slotsLost: 0, mayNot };
    const [role, names] = (await raw.call('ROLE')) as [unknown, unknown];
    const masters = String(role) === 'sentinel' && Array.isArray(names) ? names.map(String) : undefined;
    const state =
      masters === undefined
        ? await raw.call('CLUSTER', 'INFO').then(
            (text) => parseInfo(String(text)),
            () => undefined,
          )
        : undefined;
    const slotsLost = state?.get('cluster_state') === 'fail' ? SLOTS - Number(state.get('cluster_slots_ok') ?? 0) : 0;
    return { masters, inCluster: state !== undefined, slotsLost, mayNot };
  } catch {
    return undefined;
  }
}

async function deniedInCluster(raw: Raw): Promise<string[]> {
  const denied: string[] = [];
  for (const what of ['SLOTS', 'INFO'])
    await raw.call('CLUSTER', what).catch((error: unknown) => isDenied(error) && denied.push(`CLUSTER ${what}`));
  return denied;
}

function contradiction(place: Place, target: Target, { masters, inCluster, slotsLost }: Kind): Finding | undefined {
  const option = (name: string): string => (place.side === undefined ? `--${name}` : `--${place.side}-${name}`);
  const here = atOf(target);
  if (place.kind === 'sentinel') {
    if (masters === undefined)
      return { message: `${here} is no Sentinel.`, remedy: `Leave ${option('sentinel')} out, or name the Sentinels.` };
    if (masters.includes(place.name)) return undefined;
    const known = masters.length === 0 ? 'none' : masters.map(printable).join(', ');
    return {
      message: `The Sentinel ${here} knows no master ${JSON.stringify(printable(place.name))}.`,
      remedy: `It knows ${known}: ${option('sentinel')} NAME.`,
    };
  }
  if (masters !== undefined) {
    const name = masters.length === 1 ? printable(masters[0] ?? '') : 'NAME';
    return { message: `${here} is a Sentinel, and no Redis.`, remedy: `Add ${option('sentinel')} ${name}.` };
  }
  if (place.kind === 'cluster')
    return inCluster
      ? slotsLost > 0
        ? {
            message: `The Cluster is not whole: ${slotsLost} of ${SLOTS} slots are served by nobody.`,
            remedy: 'Bring back the masters that are missing: redis-cli --cluster check.',
          }
        : undefined
      : { message: `${here} is no node of a Cluster.`, remedy: `Leave ${option('cluster')} out.` };
  return inCluster ? { message: `${here} is a node of a Cluster.`, remedy: `Add ${option('cluster')}.` } : undefined;
}
