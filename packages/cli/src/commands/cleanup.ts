import type { CleanupResult } from '@backend-registry/core';
import type { Call } from '../call.ts';
import { EXIT, type Exit } from '../exit.ts';
import { quoted, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import type { PlaceOptions } from '../place.ts';
import type { StoreRegistry } from '../store.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions {
  readonly dryRun?: boolean;
  readonly limit?: string;
  readonly json?: boolean;
}

/** So many that expired together say that something between them and the store is broken, as `startCleanup` has it. */
const MASS = 5;

export async function run(call: Call, options: Options): Promise<Exit> {
  const { io } = call;
  const limit = readLimit(options.limit);
  if (options.dryRun) return dryRun(call, options);
  const registry = await call.open(call.place(options));
  const result = await registry.cleanupExpiredBackends(limit === undefined ? {} : { limit });
  if (options.json) {
    io.print(jsonOf(result));
    return EXIT.done;
  }
  tellRows(io, result);
  const left =
    limit === undefined ? 'Others have ended meanwhile: run it again.' : 'There are more: --limit left them.';
  const more = result.nextExpiryInMs === 0 ? ` ${left}` : '';
  io.say(`${count(result)} removed.${more}`);
  if (result.removed.length >= MASS && (await registry.listBackends()).length === 0)
    io.say('None is left: did they reach the store? Those that announce themselves register again.');
  return EXIT.done;
}

/** The order in which they would go is not known here, so `--limit` has no meaning. */
async function dryRun({ io, place, open }: Call, options: Options): Promise<Exit> {
  if (options.limit !== undefined) throw new UsageError('--dry-run shows all that would go: leave --limit out.');
  const corrupt: string[] = [];
  const registry: StoreRegistry = await open(place(options), { onCorrupt: ({ id }) => corrupt.push(id) });
  const all = await registry.listBackends();
  const expired = all.filter(({ status }) => status === 'expired');
  if (options.json) {
    io.print(jsonOf({ expired, corrupt }));
    return EXIT.done;
  }
  tellRows(io, { removed: expired, corrupt });
  io.say(`${count({ removed: expired, corrupt })} would be removed. Nothing was.`);
  if (all.length >= MASS && expired.length * 2 > all.length)
    io.say(`These are ${expired.length} of ${all.length}: do they reach the store?`);
  return EXIT.done;
}

function tellRows(io: Io, { removed, corrupt }: Pick<CleanupResult, 'removed' | 'corrupt'>): void {
  for (const { id } of removed) io.print(printable(id));
  for (const id of corrupt) io.print(`${printable(id)} (unreadable)`);
}

function count({ removed, corrupt }: Pick<CleanupResult, 'removed' | 'corrupt'>): string {
  const backends = `${removed.length} expired ${removed.length === 1 ? 'backend' : 'backends'}`;
  if (corrupt.length === 0) return backends;
  return `${backends} and ${corrupt.length} unreadable ${corrupt.length === 1 ? 'row' : 'rows'}`;
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--limit is ${quoted(text)}: it must be a whole number, 1 or more.`);
}
