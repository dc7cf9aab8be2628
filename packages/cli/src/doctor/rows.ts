/** What stands in the registry itself: rows that cannot be read, and rows that belong to nothing. */
import type { BackendRegistry, CorruptRow } from '@backend-registry/core';
import { escapeGlob } from '@backend-registry/core/redis';
import type { Layout } from '../layout.ts';
import { type Raw, reasonOf } from '../raw.ts';
import { printable } from '../text.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Keys that a scan looks at unless all were asked for. */
const MOST_STEPS = 400;
const SHOWN = 5;

export async function checkRegistry(registry: BackendRegistry, corrupt: readonly CorruptRow[]): Promise<Check[]> {
  const backends = await registry.listBackends();
  const counts = new Map<string, number>();
  for (const { status } of backends) counts.set(status, (counts.get(status) ?? 0) + 1);
  const said = Array.from(counts, ([status, many]) => `${many} ${status}`).join(', ');
  const expired = counts.get('expired') ?? 0;
  const checks = [
    expired > 0 && expired * 2 >= backends.length
      ? warn(
          'backends',
          `${backends.length} registered: ${said}.`,
          'Do they run, and reach the store? If they are gone: backend-registry cleanup.',
        )
      : ok('backends', backends.length === 0 ? 'None is registered.' : `${backends.length} registered: ${said}.`),
  ];
  if (corrupt.length > 0)
    checks.push(
      warn(
        'rows',
        `${corrupt.length} cannot be read: ${shown(corrupt.map(({ id, reason }) => `${id} (${reason})`))}.`,
        'Who announces itself registers anew; the others go with: backend-registry cleanup.',
      ),
    );
  else checks.push(ok('rows', 'All can be read.'));
  return checks;
}

/** The registry's own keys: no TTL, and a schema that is known. */
export async function checkKeys(raw: Raw, layout: Layout): Promise<Check> {
  const name = 'keys';
  const { leases, incarnations, versions, removed, meta } = layout;
  try {
    const schema = await raw.call('HGET', meta, 'schema');
    if (schema !== null && String(schema) !== '1')
      return fail(
        name,
        `They were written by another version of this library (schema ${printable(String(schema))}, not 1).`,
        'Use that version, or another prefix.',
      );
    const dying: string[] = [];
    for (const key of [leases, incarnations, versions, removed, meta])
      if (Number(await raw.call('PTTL', key)) >= 0) dying.push(key);
    if (dying.length > 0)
      return fail(
        name,
        `${shown(dying)} will be deleted: somebody has given a TTL to them.`,
        `PERSIST ${dying[0]}, and find who did it.`,
      );
    return ok(
      name,
      schema === null ? 'There are none yet under this prefix.' : 'Their schema is known, and none of them has a TTL.',
    );
  } catch (error) {
    return warn(name, `They cannot be looked at (${reasonOf(error)}).`);
  }
}

/** Documents and heartbeats that stand in no index. */
export async function checkGhosts(raw: Raw, layout: Layout, deep: boolean, signal: AbortSignal): Promise<Check> {
  const name = 'ghosts';
  const ghosts: Record<'documents' | 'heartbeats', string[]> = { documents: [], heartbeats: [] };
  let whole = true;
  try {
    for (const [kind, first] of [
      ['documents', layout.document('')],
      ['heartbeats', layout.heartbeat('')],
    ] as const) {
      let cursor = '0';
      for (let step = 0; ; step += 1) {
        signal.throwIfAborted();
        const [next, keys] = await raw.scan(cursor, `${escapeGlob(first)}*`);
        const ids = keys.map((key) => key.slice(first.length));
        if (ids.length > 0) {
          const known = (await raw.call('HMGET', layout.incarnations, ...ids)) as (string | null)[];
          ghosts[kind].push(...ids.filter((_, n) => known[n] === null));
        }
        cursor = next;
        if (cursor === '0') break;
        if (!deep && step >= MOST_STEPS) {
          whole = false;
          break;
        }
      }
    }
  } catch (error) {
    return warn(name, `Keys cannot be gone through (${reasonOf(error)}).`, 'It takes SCAN and HMGET.');
  }
  const part = whole ? '' : ' The database is large, and only a part of it was looked at: --deep looks at all.';
  if (ghosts.documents.length > 0)
    return warn(
      name,
      `${ghosts.documents.length === 1 ? '1 document stands' : `${ghosts.documents.length} documents stand`} in no index, as other programs write them: ${shown(ghosts.documents)}.${part}`,
      'To take them in: backend-registry adopt.',
    );
  if (ghosts.heartbeats.length > 0)
    return warn(
      name,
      `${ghosts.heartbeats.length === 1 ? '1 heartbeat has' : `${ghosts.heartbeats.length} heartbeats have`} no backend: ${shown(ghosts.heartbeats)}.${part}`,
      `They do no harm. To remove one: DEL ${layout.heartbeat(printable(ghosts.heartbeats[0] ?? ''))}`,
    );
  const all = 'Every document and heartbeat belongs to a backend.';
  return whole ? ok(name, all) : warn(name, `${all}${part}`);
}

function shown(texts: readonly string[]): string {
  const some = texts.slice(0, SHOWN).map(printable).join(', ');
  return texts.length > SHOWN ? `${some} and ${texts.length - SHOWN} more` : some;
}
