/** What stands in the registry itself: rows that cannot be read, and rows that belong to nothing. */
import type { BackendRegistry, CorruptRow } from '@backend-registry/core';
import { escapeGlob } from '@backend-registry/core/redis';
import { type Layout, typesOf } from '../layout.ts';
import { intruderOf, type Raw, reasonOf } from '../raw.ts';
import { printable } from '../text.ts';
import { type Check, fail, ok, shown, warn } from './check.ts';

/** Backends whose rows are asked for a TTL: those whose leases end first. */
const MOST_ROWS = 50;
/** Keys that a scan looks at unless all were asked for. */
const MOST_STEPS = 400;

export async function checkRegistry(
  registry: BackendRegistry,
  raw: Raw,
  layout: Layout,
  unreadable: readonly CorruptRow[],
): Promise<Check[]> {
  const backends = await registry.listBackends();
  const corrupt = await Promise.all(
    unreadable.map(async ({ id, reason }) => {
      const type = await raw.call('TYPE', layout.document(id)).then(String, () => 'none');
      return { id, reason: type === 'none' || type === 'string' ? reason : `it is a ${type} of another program` };
    }),
  );
  const counts = new Map<string, number>();
  for (const { status } of backends) counts.set(status, (counts.get(status) ?? 0) + 1);
  const said = Array.from(counts, ([status, many]) => `${many} ${status}`).join(', ');
  const expired = counts.get('expired') ?? 0;
  const remedy = 'Do they run, and reach the store? If they are gone: backend-registry cleanup.';
  const checks = [
    expired > 0 && expired === backends.length
      ? fail(
          'backends',
          backends.length === 1
            ? 'The only one that is registered has expired: proxies have nowhere to go.'
            : `All ${backends.length} that are registered have expired: proxies have nowhere to go.`,
          remedy,
        )
      : expired * 2 >= backends.length && expired > 0
        ? warn('backends', `${backends.length} registered: ${said}.`, remedy)
        : ok('backends', backends.length === 0 ? 'None is registered.' : `${backends.length} registered: ${said}.`),
  ];
  if (corrupt.length > 0)
    checks.push(
      warn(
        'rows',
        `${corrupt.length} cannot be read: ${shown(corrupt.map(({ id, reason }) => `${id} (${reason})`))}.`,
        'backend-registry cleanup removes them; a process that announces itself then registers anew.',
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
    const intruder = await intruderOf(raw, typesOf(layout));
    if (intruder !== undefined) return fail(name, intruder.message, `${intruder.remedy}, or choose another prefix.`);
    const schema = await raw.call('HGET', meta, 'schema');
    if (schema !== null && String(schema) !== '1')
      return fail(
        name,
        `They were written by another version of this library (schema ${printable(String(schema))}, not 1).`,
        'Use that version, or another prefix.',
      );
    const some = ((await raw.call('ZRANGE', leases, 0, MOST_ROWS - 1)) as string[]).map(String);
    const rows = some.flatMap((id) => [layout.document(id), layout.heartbeat(id)]);
    const asked = [leases, incarnations, versions, removed, meta, ...rows];
    const lasting = await Promise.all(asked.map((key) => raw.call('PTTL', key)));
    const dying = asked.filter((_, n) => Number(lasting[n]) >= 0);
    if (dying.length > 0)
      return fail(
        name,
        `${shown(dying)} will be deleted: somebody has given a TTL to them.`,
        `PERSIST ${printable(dying[0] ?? '')}, and find who did it.`,
      );
    return ok(
      name,
      schema === null
        ? 'There are none yet under this prefix.'
        : `Their schema is known, and none of them has a TTL${some.length < MOST_ROWS ? '' : `, as far as those of ${MOST_ROWS} backends say`}.`,
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
          const lives = (await raw.call('HMGET', layout.incarnations, ...ids)) as (string | null)[];
          const leases = (await raw.call('ZMSCORE', layout.leases, ...ids)) as (string | number | null)[];
          ghosts[kind].push(...ids.filter((_, n) => lives[n] === null && leases[n] === null));
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
  const messages: string[] = [];
  const remedies: string[] = [];
  const { adoptable, alien } = await sorted(raw, layout, ghosts.documents);
  if (adoptable.length > 0) {
    messages.push(
      `${adoptable.length === 1 ? '1 document stands' : `${adoptable.length} documents stand`} in no index, as other programs write them: ${shown(adoptable)}.`,
    );
    remedies.push('To take them in: backend-registry adopt.');
  }
  if (alien.length > 0) {
    messages.push(
      `${alien.length === 1 ? '1 key that begins like a document holds none' : `${alien.length} keys that begin like a document hold none`}: ${shown(alien)}.`,
    );
    remedies.push(
      `Find who writes them, or choose another prefix. To remove one: DEL ${layout.document(printable(alien[0] ?? ''))}`,
    );
  }
  // A document that is taken in takes its heartbeat with it.
  const beats = ghosts.heartbeats.filter((id) => !ghosts.documents.includes(id));
  if (beats.length > 0) {
    messages.push(
      `${beats.length === 1 ? '1 heartbeat has' : `${beats.length} heartbeats have`} no backend, and ${beats.length === 1 ? 'does' : 'do'} no harm: ${shown(beats)}.`,
    );
    remedies.push(`To remove one: DEL ${layout.heartbeat(printable(beats[0] ?? ''))}`);
  }
  if (messages.length > 0) return warn(name, `${messages.join(' ')}${part}`, remedies.join(' '));
  const all = 'Every document and heartbeat belongs to a backend.';
  return whole ? ok(name, all) : warn(name, `${all}${part}`);
}

/** More need not be read for an advice. */
const MOST_READ = 500;

/** Which of these keys hold an object of JSON: what else it takes, `adopt` says of each. */
async function sorted(
  raw: Raw,
  layout: Layout,
  ids: readonly string[],
): Promise<{ adoptable: string[]; alien: string[] }> {
  const some = ids.slice(0, MOST_READ);
  const texts =
    some.length === 0 ? [] : ((await raw.call('MGET', ...some.map((id) => layout.document(id)))) as (string | null)[]);
  const alien = new Set(some.filter((_, n) => !isObject(texts[n] ?? '')));
  return { adoptable: ids.filter((id) => !alien.has(id)), alien: [...alien] };
}

/** Whether it is JSON of an object. */
export function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
