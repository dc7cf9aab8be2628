/** Writes into a registry what was read from another one. */
import { toBackend } from '../../backend.ts';
import { encodeDocument, toJson } from '../../codec.ts';
import type { Backend, BackendRegistry } from '../../contract.ts';
import { invalid, misconfigured } from '../../error.ts';
import { readList } from '../../input.ts';
import { randomName } from '../../random.ts';
import { type Inside, openInside } from '../inside.ts';
import { strange } from '../strange.ts';
import { scripts } from './scripts.ts';
import { readStoredBackend, type StoredBackend } from './stored.ts';

/** Backends of one script: the server is busy with it for a millisecond or two. */
const BATCH = 50;
/** Scripts that are on their way at once. */
const IN_FLIGHT = 4;

export interface RestoreOptions {
  /**
   * When the backends were asked for, by `performance.now()` of this process, as {@link StoredPage} has it: their leases are shorter by what has passed since. Without it,
   * that is what lies between their `readAt` and the time of this store: exact where the clocks of both stores agree.
   */
  readonly askedAt?: number;
  /** Writes nothing, and answers what would be answered; the version of a backend is one that it could have had. Default `false`. */
  readonly dryRun?: boolean;
}

/**
 * Written:
 * - `restored`: it was absent;
 * - `updated`: an earlier call had restored it, nobody has announced or changed it here since, and the other store has a newer state or life of it. Or its lease had ended here, and it has
 *   beaten there since;
 * - `renewed`: an earlier call had restored it, nobody has announced or changed it here since, and it has beaten there since, so that its lease is longer now.
 *
 * Left alone:
 * - `unchanged`: an earlier call had restored it, nobody has announced or changed it here since, and there is nothing new;
 * - `present`: it is registered here, and was announced here, or changed here, or what is here is newer. Where an earlier call had restored it and it was changed here, but
 *   not announced, only its lease follows the other store;
 * - `unregistered`: it was unregistered here after its last heartbeat there, or after an earlier call had restored this life;
 * - `foreign`: it is not registered, but another program keeps a document or a heartbeat of it here;
 * - `expired`: nothing is left of its lease.
 */
export type RestoreResult =
  | { readonly id: string; readonly status: 'restored' | 'updated'; readonly backend: Backend }
  | { readonly id: string; readonly status: Kept };

type Kept = 'renewed' | 'unchanged' | 'present' | 'unregistered' | 'foreign' | 'expired';

const KEPT: readonly string[] = [
  'renewed',
  'unchanged',
  'present',
  'unregistered',
  'foreign',
  'expired',
] satisfies Kept[];

/**
 * Registers backends that were read from another store, with all that it knew of them: incarnation, health, drain, metrics, what they declare, when they were registered,
 * and what is left of their leases. Answers in the same order.
 *
 * - **Newer data stay.** Whatever is registered here is left alone, also if it registers at the same moment; only what an earlier call has restored, and nobody has
 *   announced or changed here since, follows the other store. That is remembered for a day after the last call: later, everything here counts as announced.
 * - **A lease never grows by copying.** It ends here when it ends there, or earlier by as long as the answers of the two stores took; however often a call is sent again.
 * - **Safe to repeat.** A reply that was lost is given again by the script that is sent again, whatever has happened since. A call that has failed may have written some;
 *   made again, it answers `unchanged` for those. Each backend is written whole or not at all.
 *
 * Times (`registeredAt`, `metricsUpdatedAt`) stay those of the clock of the other store.
 *
 * Errors: `INVALID_BACKEND` where a backend lacks something or stands in the list twice, and nothing is written; `UNSUPPORTED` where the registry is not in Redis;
 * else those of a call.
 */
export async function restoreBackends(
  registry: BackendRegistry,
  backends: readonly StoredBackend[],
  options: RestoreOptions = {},
): Promise<RestoreResult[]> {
  const port = openInside(registry, 'restoreBackends');
  const startedAt = performance.now();
  const given = readList(backends, 'restoreBackends').map(readStoredBackend);
  const ids = new Set<string>();
  for (const { id } of given) {
    if (ids.has(id)) throw invalid('id', id, 'it must be in the list once');
    ids.add(id);
  }
  const { askedAt } = options;
  if (askedAt !== undefined && !(Number.isFinite(askedAt) && askedAt <= startedAt))
    throw misconfigured('askedAt', askedAt, 'it must be a time that performance.now() has told');
  if (given.length === 0) return [];
  const call = { name: randomName(), epoch: options.dryRun ? '' : randomName() };
  const [time] = await run(port, call, []);
  const now = Number(time);
  // The time of the store was told at the earliest when it was asked, and this counts as if at the latest: leases end early by that, never late.
  const waitedMs = performance.now() - (askedAt ?? startedAt);
  const items = given.map((backend): Item => {
    const leftMs = Math.min(
      backend.expiresInMs - waitedMs,
      askedAt === undefined ? backend.readAt + backend.expiresInMs - now / 1_000 : Number.POSITIVE_INFINITY,
    );
    const ends = Math.floor(now + leftMs * 1_000);
    const sinceBeatMs = Math.max(0, backend.readAt - backend.lastHeartbeatAt) + backend.expiresInMs;
    return { backend, ends, beatAt: Math.max(0, Math.floor(ends - sinceBeatMs * 1_000)) };
  });
  const live = items.filter(({ ends }) => ends > now);
  const parts: Item[][] = [];
  for (let from = 0; from < live.length; from += BATCH) parts.push(live.slice(from, from + BATCH));
  const results = new Map<string, RestoreResult>();
  const work = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift())
      for (const result of await restorePart(port, call, part)) results.set(result.id, result);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return given.map(({ id }) => results.get(id) ?? { id, status: 'expired' });
}

interface CallName {
  readonly name: string;
  /** For a registry in which nothing was registered yet; '' where nothing is to be written. */
  readonly epoch: string;
}

interface Item {
  readonly backend: StoredBackend;
  /** In µs, by the clock of the registry that is written. */
  readonly ends: number;
  readonly beatAt: number;
}

async function restorePart(port: Inside, call: CallName, items: readonly Item[]): Promise<RestoreResult[]> {
  const [, ...reply] = await run(port, call, items);
  return items.map(({ backend }, n): RestoreResult => {
    const { id } = backend;
    const [status = '', version = ''] = reply.slice(2 * n, 2 * n + 2);
    if (status === 'restored' || status === 'updated')
      return { id, status, backend: toBackend(backend, Number(version), false) };
    return KEPT.includes(status) ? { id, status: status as Kept } : strange();
  });
}

async function run({ keys, calls }: Inside, call: CallName, items: readonly Item[]): Promise<string[]> {
  const { leases, incarnations, versions, removed, meta, copies, channel } = keys;
  const names = [leases, incarnations, versions, removed, meta, copies];
  const args = [channel, call.epoch, call.name];
  for (const { backend } of items) names.push(keys.document(backend.id));
  for (const { backend } of items) names.push(keys.heartbeat(backend.id));
  for (const { backend, ends, beatAt } of items) {
    const [head = '', tail = ''] = partsOf(encodeDocument(backend, 0));
    args.push(
      toJson(backend.incarnation),
      backend.version,
      String(ends),
      seconds(beatAt),
      head,
      tail,
      String(backend.lastHeartbeatAt),
    );
  }
  const reply = await calls.runScript('restoreBackends', scripts.restore, names, args);
  return Array.isArray(reply) && reply.length === 1 + 2 * items.length ? reply.map(String) : strange();
}

/** What stands before its version, and after it. A url has no quote, so nothing before says the same. */
function partsOf(document: string): string[] {
  const name = ',"version":';
  const at = document.indexOf(name) + name.length;
  return [document.slice(0, at), document.slice(at + 1)];
}

/** As a heartbeat stands in Redis. @param micros since 1970 */
function seconds(micros: number): string {
  return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`;
}
