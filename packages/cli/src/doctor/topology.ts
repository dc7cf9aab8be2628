/** Cluster and Sentinel: does the place say what the servers are? */
import { withHashTag } from '@backend-registry/core/redis';
import type { Place, RedisPlace } from '../place.ts';
import { type Raw, reasonOf, redisRaw } from '../raw.ts';
import { printable } from '../text.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { atOf } from './connection.ts';
import { type Info, parseInfo } from './info.ts';

export function checkPrefix(place: Place): Check {
  if (place.kind !== 'cluster')
    return ok(
      'prefix',
      place.keyPrefix === undefined
        ? 'The keys have none: this is the registry of everybody who gives none in this database.'
        : `The keys begin with "${printable(place.keyPrefix)}".`,
    );
  try {
    const { keyPrefix } = withHashTag({ keyPrefix: place.keyPrefix });
    return ok('prefix', `All keys of "${keyPrefix}" are in one slot.`);
  } catch {
    return fail(
      'prefix',
      `The prefix ${JSON.stringify(place.keyPrefix)} has no hash tag: on a Cluster, its keys would be in many slots.`,
      `Write it with one, like --prefix "{${place.keyPrefix}}:", in the options of every registry too.`,
    );
  }
}

export async function checkCluster(raw: Raw, info: Info | undefined, place: Place): Promise<Check | undefined> {
  if (place.kind !== 'cluster') {
    if (info === undefined) return undefined;
    if (info.get('cluster_enabled') !== '1') return ok('cluster', 'It is one server, and no node of a Cluster.');
    return fail(
      'cluster',
      'It is a node of a Cluster, and is used as one server.',
      'Add --cluster, and make the registry with { cluster: [nodes] }.',
    );
  }
  try {
    const state = parseInfo(String(await raw.call('CLUSTER', 'INFO')));
    const said = `${state.get('cluster_size') ?? '?'} masters, ${state.get('cluster_known_nodes') ?? '?'} nodes`;
    if (state.get('cluster_state') === 'ok') return ok('cluster', `The Cluster is whole: ${said}.`);
    return fail(
      'cluster',
      `The Cluster is not whole (${said}, ${state.get('cluster_slots_ok') ?? '?'} of 16384 slots served): calls fail.`,
      'Bring back the masters that are missing: redis-cli --cluster check.',
    );
  } catch (error) {
    return warn('cluster', `The state of the Cluster cannot be asked (${reasonOf(error)}).`);
  }
}

export async function checkSentinel(place: RedisPlace): Promise<Check | undefined> {
  if (place.kind !== 'sentinel') return undefined;
  const answers = await Promise.all(place.nodes.map((node) => askQuorum(place, atOf(node))));
  // One that does not answer, the others stand in for.
  return answers.find(({ status }) => status !== 'warn') ?? answers[0];
}

async function askQuorum(place: RedisPlace & { readonly kind: 'sentinel' }, at: string): Promise<Check> {
  const { tls } = place.login;
  const url = `${tls === undefined ? 'redis' : 'rediss'}://${at}`;
  try {
    await using sentinel = await redisRaw({ ...place, kind: 'redis', url, db: undefined, tls });
    return ok('sentinel', `${String(await sentinel.call('SENTINEL', 'CKQUORUM', place.name))}.`);
  } catch (error) {
    const quorum = /^NOQUORUM (.*)/.exec(String((error as Error | null)?.message))?.[1];
    if (quorum !== undefined)
      return fail('sentinel', `No failover is possible: ${quorum}`, 'Start the Sentinels that are missing.');
    return warn('sentinel', `${at} cannot be asked (${reasonOf(error)}).`);
  }
}
