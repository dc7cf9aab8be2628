/** Reads everything that a registry has, page by page. */
import { decodeDocument } from '../../codec.ts';
import type { BackendRegistry, CorruptRow } from '../../contract.ts';
import { type Inside, openInside } from '../inside.ts';
import { strange } from '../strange.ts';
import { scripts } from './scripts.ts';
import { type StoredBackend, toStored } from './stored.ts';

/** Backends of one page: the server reads them in about a millisecond. */
const PAGE = 500;

export interface StoredPage {
  /** Names one life of the store's data; `none` where nothing was ever registered. */
  readonly epoch: string;
  /** How many were registered when the reading began. */
  readonly total: number;
  /** The time of the store when the page was read. */
  readonly readAt: number;
  /** Sorted by id. Those whose lease has ended are among them: nothing is left of it. */
  readonly backends: readonly StoredBackend[];
  /** Rows that cannot be read, or that the index names in a part only, sorted by id. */
  readonly corrupt: readonly CorruptRow[];
  /** When the page was asked for, by `performance.now()` of this process: nothing is younger, so what was left of a lease then is no more than `expiresInMs`. */
  readonly askedAt: number;
}

/**
 * Everything that is registered, with its leases: each backend as it is when its page is read, and each once. Who registers after the reading has begun may be missing.
 * There is a page even where nothing is registered. Writes nothing.
 *
 * Errors: `UNSUPPORTED` where the registry is not in Redis, else those of a call.
 */
export async function* storedBackends(
  registry: BackendRegistry,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<StoredPage, undefined> {
  const port = openInside(registry, 'storedBackends');
  const { table, now } = await port.look();
  const leased = await leasedIds(port);
  // What the index names in a part only, readers do not see, or for ever: it is told, and not passed over.
  const ids = [...new Set([...table.entries.keys(), ...leased])].sort();
  const { epoch } = table;
  for (let from = 0; from === 0 || from < ids.length; from += PAGE) {
    signal?.throwIfAborted();
    const askedAt = performance.now();
    yield {
      epoch,
      total: ids.length,
      ...(ids.length === 0
        ? { readAt: now, backends: [], corrupt: [] }
        : await readPart(port, ids.slice(from, from + PAGE))),
      askedAt,
    };
  }
}

async function leasedIds({ keys, calls }: Inside): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await calls.runScript(
      'storedBackends',
      scripts.leased,
      [keys.leases],
      [String(ids.length), String(PAGE)],
    );
    if (!Array.isArray(page)) return strange();
    for (const id of page) ids.push(String(id));
    if (page.length < PAGE) return ids;
  }
}

async function readPart(
  { keys, calls }: Inside,
  ids: readonly string[],
): Promise<Pick<StoredPage, 'readAt' | 'backends' | 'corrupt'>> {
  const backends: StoredBackend[] = [];
  const corrupt: CorruptRow[] = [];
  const names = [
    keys.leases,
    keys.meta,
    keys.versions,
    ...ids.map((id) => keys.document(id)),
    ...ids.map((id) => keys.heartbeat(id)),
  ];
  const reply = await calls.runScript('storedBackends', scripts.stored, names, ids);
  if (!Array.isArray(reply) || reply.length !== 1 + 4 * ids.length) return strange();
  const [now = '', ...parts] = reply.map(String);
  const readAt = Number(now) / 1_000;
  for (const [n, id] of ids.entries()) {
    const [document = '', heartbeat = '', ends = '', version = ''] = parts.slice(4 * n, 4 * n + 4);
    // It has left meanwhile.
    if (document === '' && (ends === '' || version === '')) continue;
    if (!Number.isFinite(Number(ends || Number.NaN))) {
      corrupt.push({ id, reason: ends === '' ? 'it has no lease' : `its lease ends at "${ends}"` });
      continue;
    }
    if (version === '') {
      corrupt.push({ id, reason: 'it has no version' });
      continue;
    }
    const decoded = decodeDocument(id, document);
    if (decoded.status === 'corrupt') {
      corrupt.push({ id, reason: document === '' ? 'its document is missing' : decoded.reason });
      continue;
    }
    const beatAt = Number(heartbeat === '' ? Number.NaN : heartbeat) * 1_000;
    backends.push(
      toStored(decoded.row, decoded.version, {
        lastHeartbeatAt: beatAt >= 0 && beatAt <= readAt ? beatAt : Math.min(decoded.row.registeredAt, readAt),
        expiresInMs: Math.max(0, (Number(ends) - Number(now)) / 1_000),
        readAt,
      }),
    );
  }
  return { readAt, backends, corrupt };
}
