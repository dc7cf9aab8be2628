/** Asks the store for all that it says of one address. */
import { type Backend, type BackendDetail, type CorruptRow, RegistryError } from '@backend-registry/core';
import { escapeGlob } from '@backend-registry/core/redis';
import { isObject } from './doctor/rows.ts';
import type { Findings } from './explanation.ts';
import { idOf, layoutOf, prefixOf } from './layout.ts';
import type { Place } from './place.ts';
import { openRaw, type Raw, reasonOf } from './raw.ts';
import type { StoreRegistry } from './store.ts';

/** Steps of the search for the same address under other prefixes: more keys are not worth the wait. */
const MOST_STEPS = 100;

/** @param corrupt what `onCorrupt` of the registry has told: it is read after the registry was */
export async function find(
  registry: StoreRegistry,
  place: Place,
  url: string,
  corrupt: readonly CorruptRow[],
): Promise<Findings> {
  const id = await idOf(url);
  const unknown: string[] = [];
  let seen = await look(registry, id, url);
  // Between the two questions, it may have come or gone.
  if ((seen.backend === undefined) !== (seen.listed === undefined)) seen = await look(registry, id, url);
  const { backend, listed } = seen;
  if (seen.refused) unknown.push('what proxies see (this user may not list)');
  const broken = corrupt.find((row) => row.id === id);
  const asked = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      unknown.push(`${what} (${reasonOf(error)})`);
      return undefined;
    }
  };
  const common = { id, backend, listed, corrupt: broken, unknown };
  const raw = await asked('what stands beside the registry', () => openRaw(place));
  if (raw === undefined)
    return { ...common, now: Date.now(), removal: undefined, foreign: undefined, nameless: false, elsewhere: [] };
  await using _ = raw;
  const layout = layoutOf(prefixOf(place));
  const now = (await asked('the time of the store', () => timeOf(raw))) ?? Date.now();
  const absent = backend === undefined && listed === undefined && broken === undefined;
  const removal = absent ? await asked('how it left', () => removalOf(raw, layout.removed, id)) : undefined;
  const [document] = (
    absent ? ((await asked('whether there is a document', () => raw.call('MGET', layout.document(id)))) ?? []) : []
  ) as (string | null | undefined)[];
  const foreign = typeof document !== 'string' ? undefined : isObject(document) ? 'document' : 'other';
  const [life] = (
    backend === undefined
      ? []
      : ((await asked('its incarnation', () => raw.call('HMGET', layout.incarnations, id))) ?? [])
  ) as (string | null | undefined)[];
  const elsewhere = absent ? await asked('other prefixes', () => prefixesOf(raw, id, layout.prefix)) : [];
  return {
    ...common,
    now,
    removal: removal ?? undefined,
    foreign,
    nameless: life === null,
    elsewhere: elsewhere ?? [],
  };
}

/** The backend itself, and as a proxy sees it. */
async function look(
  registry: StoreRegistry,
  id: string,
  url: string,
): Promise<{ backend: BackendDetail | undefined; listed: Backend | undefined; refused: boolean }> {
  const backend = (await registry.getBackend({ url })) ?? undefined;
  try {
    const all = await registry.listBackends();
    return { backend, listed: all.find((each) => each.id === id), refused: false };
  } catch (error) {
    if (!RegistryError.is(error, 'REFUSED')) throw error;
    return { backend, listed: backend, refused: true };
  }
}

async function timeOf(raw: Raw): Promise<number> {
  const [seconds, micros] = (await raw.call('TIME')) as [string | number, string | number];
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

/** A tombstone's version is the time of the removal, in µs. */
async function removalOf(raw: Raw, removed: string, id: string): Promise<Findings['removal'] | null> {
  const reasons = ['unregistered', 'expired'] as const;
  const scores = (await raw.call('ZMSCORE', removed, ...reasons.map((reason) => `${reason} ${id}`))) as (
    | string
    | number
    | null
  )[];
  const found = reasons.flatMap((reason, n) => {
    const score = scores[n];
    return score === null || score === undefined ? [] : [{ reason, at: Number(score) / 1_000 }];
  });
  return found.sort((a, b) => b.at - a.at)[0] ?? null;
}

async function prefixesOf(raw: Raw, id: string, own: string): Promise<string[]> {
  const end = `backend:${id}`;
  const prefixes = new Set<string>();
  let cursor = '0';
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [next, keys] = await raw.scan(cursor, `*${escapeGlob(end)}`, true);
    for (const key of keys) prefixes.add(key.slice(0, -end.length));
    cursor = next;
    if (cursor === '0') break;
  }
  prefixes.delete(own);
  return [...prefixes].sort();
}
