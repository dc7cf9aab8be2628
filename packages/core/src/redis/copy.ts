/** The copy of a registry that a handle keeps: brought up to date by what has changed, so that an unchanged list of any size is one short call. */
import { type DecodedDocument, decodeDocument } from '../codec.ts';
import type { RemovalReason } from '../contract.ts';
import { RegistryError } from '../error.ts';
import { ignorable } from '../ready.ts';
import { Entry, NO_EPOCH, Table } from '../table.ts';
import type { Look } from '../watch.ts';
import type { Calls } from './calls.ts';
import type { Keys } from './keys.ts';

/** Changes of one page: a page of documents is read in about a millisecond of the server's time. */
const PAGE = 500;
/** How often everything is compared with the store: a failover can lose writes that this copy has seen. */
const AUDIT_MS = 60_000;

/** One page of what has changed. */
interface Page {
  readonly now: number;
  readonly epoch: string;
  readonly version: number;
  readonly anew: boolean;
  readonly expired: number;
  readonly nextExpiry: number | undefined;
  readonly changed: readonly (readonly [id: string, version: number])[];
  readonly removed: readonly (readonly [reasonAndId: string, version: number])[];
  readonly ended: readonly string[];
}

interface Row {
  readonly id: string;
  readonly version: number;
  readonly text: string;
  readonly decoded: DecodedDocument;
}

interface Removal {
  readonly id: string;
  readonly version: number;
  readonly reason: Exclude<RemovalReason, 'replaced'>;
}

interface Gathered {
  readonly rows: readonly Row[];
  readonly removals: readonly Removal[];
  /** The page that the pull ended with. */
  readonly last: Page;
  /** What was known before counts for nothing. */
  readonly anew: boolean;
}

export class Copy {
  readonly table: Table = new Table(NO_EPOCH, { maxTombstones: 10_000 });
  /** Why rows cannot be read, by id. */
  readonly corrupt: Map<string, string> = new Map();
  /** What stands there instead of a document. */
  readonly unreadable: Map<string, string> = new Map();
  readonly #keys: Keys;
  readonly #calls: Calls;
  #looked = '-inf';
  #audited = 0;
  #current: Promise<Look> | undefined;
  #next: Promise<Look> | undefined;

  constructor(keys: Keys, calls: Calls) {
    this.#keys = keys;
    this.#calls = calls;
  }

  /**
   * The registry as it is after this call began. Calls share a pull that has not begun yet, never one that is under way: it may have passed what was
   * written since.
   */
  pull(): Promise<Look> {
    if (this.#current === undefined) return this.#begin();
    this.#next ??= this.#current.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Look> {
    this.#next = undefined;
    const current = this.#pull();
    this.#current = current;
    const done = () => {
      if (this.#current === current) this.#current = undefined;
    };
    current.then(done, done);
    return current;
  }

  async #pull(): Promise<Look> {
    let gathered = await this.#gather(this.table.epoch);
    if (performance.now() - this.#audited > AUDIT_MS) {
      this.#audited = performance.now();
      // Asking in the name of another epoch begins anew.
      if (!gathered.anew && gathered.last.epoch !== NO_EPOCH && !(await this.#agrees(gathered)))
        gathered = await this.#gather('?');
    }
    // All at once: whoever looks at the table sees it before or after, never in between.
    this.#apply(gathered);
    const { now, nextExpiry } = await this.#settleExpired(gathered.last);
    const { table } = this;
    const nextExpiryInMs =
      table.expired.size > 0 ? 0 : nextExpiry === undefined ? null : Math.max(0, (nextExpiry - now) / 1_000);
    return { table, now: now / 1_000, nextExpiryInMs };
  }

  /** Everything that has changed since the last pull, page by page, with its documents. */
  async #gather(epoch: string): Promise<Gathered> {
    const rows: Row[] = [];
    const removals: Removal[] = [];
    let page = await this.#page(epoch, this.table.version, this.table.version, this.#looked);
    const { anew } = page;
    let since = 0;
    let removedSince = anew ? page.version : this.table.version;
    let missing = new Map<string, number>();
    for (let retried = false; ; ) {
      for (const [reasonAndId, version] of page.removed) {
        const { id, reason } = readTombstone(reasonAndId);
        removals.push({ id, reason, version });
        missing.delete(id);
      }
      const listed = missing.size === 0 ? page.changed : [...missing, ...page.changed];
      const documents = listed.length === 0 ? [] : this.#calls.mget(listed.map(([id]) => this.#keys.document(id)));
      const whole = page.changed.length < PAGE && page.removed.length < PAGE;
      since = page.changed.length < PAGE ? page.version : lastVersion(page.changed);
      removedSince = page.removed.length < PAGE ? Math.max(removedSince, page.version) : lastVersion(page.removed);
      // The next page is on its way while the documents of this one are read.
      const coming = whole ? undefined : ignorable(this.#page(page.epoch, since, removedSince, '-inf'));
      const texts = await documents;
      missing = new Map();
      for (const [n, [id, version]] of listed.entries()) {
        const text = texts[n] ?? null;
        if (text === null) missing.set(id, version);
        else rows.push(readRow(id, text, version));
      }
      // What was removed between a page and the reading of its documents stands in the next page.
      if (whole && (missing.size === 0 || retried)) break;
      if (whole) retried = true;
      const next = await (coming ?? this.#page(page.epoch, since, removedSince, '-inf'));
      // The data were lost while they were read.
      if (next.anew) return this.#gather(epoch);
      page = next;
    }
    for (const [id, version] of missing)
      rows.push({ id, version, text: '', decoded: { status: 'corrupt', reason: 'its document is missing' } });
    return { rows, removals, last: page, anew };
  }

  async #page(epoch: string, since: number, removedSince: number, looked: string): Promise<Page> {
    const { leases, versions, removed, meta } = this.#keys;
    const args = [epoch, String(since), String(removedSince), String(PAGE), looked];
    return readPage(await this.#calls.run('changes', [leases, versions, removed, meta], args));
  }

  #apply({ rows, removals, last, anew }: Gathered): void {
    const { table } = this;
    if (anew) this.#startOver(last);
    // The history of the table is in the order of versions.
    for (const change of [...rows, ...removals].sort((a, b) => a.version - b.version)) {
      const entry = table.entries.get(change.id);
      if ('reason' in change) {
        if (entry === undefined) continue;
        this.#forget(change.id);
        table.remove(entry, change.reason, change.version);
      } else {
        this.#write(entry, change);
      }
    }
    table.version = last.version;
  }

  #write(known: Entry | undefined, { id, version, text, decoded }: Row): void {
    const entry = known ?? new Entry(id);
    if (known === undefined) this.table.add(entry);
    this.#forget(id);
    if (decoded.status === 'readable') {
      entry.row = decoded.row;
    } else {
      entry.row = undefined;
      this.corrupt.set(id, decoded.reason);
      this.unreadable.set(id, text);
    }
    this.table.changed(entry, version);
  }

  #startOver({ epoch, version }: Page): void {
    const { table } = this;
    // From no epoch to the first one, nothing is lost.
    const first = table.epoch === NO_EPOCH && table.entries.size === 0;
    if (first) table.epoch = epoch;
    else table.reset(epoch);
    table.floor = first ? 0 : version;
    this.corrupt.clear();
    this.unreadable.clear();
  }

  #forget(id: string): void {
    this.corrupt.delete(id);
    this.unreadable.delete(id);
  }

  /** Which leases have ended. A page has those since the last look; if the number does not fit, somebody has come back: then all are asked for. */
  async #settleExpired(last: Page): Promise<Page> {
    const { table } = this;
    let page = last;
    for (const id of page.ended) this.#setExpired(id, true);
    if (table.expired.size !== page.expired) {
      page = await this.#page(table.epoch, table.version, table.version, '-inf');
      const all = new Set(page.ended);
      for (const entry of [...table.expired]) if (!all.has(entry.id)) table.setExpired(entry, false);
      for (const id of page.ended) this.#setExpired(id, true);
    }
    this.#looked = table.expired.size === page.expired ? String(page.now) : '-inf';
    return page;
  }

  #setExpired(id: string, expired: boolean): void {
    const entry = this.table.entries.get(id);
    if (entry !== undefined) this.table.setExpired(entry, expired);
  }

  /** Whether ids and versions are those of the store, what is about to be applied aside. */
  async #agrees({ rows, removals }: Gathered): Promise<boolean> {
    const { table } = this;
    const known = new Map(Array.from(table.entries.values(), ({ id, version }) => [id, version]));
    for (const { id } of [...rows, ...removals]) known.delete(id);
    const pending = new Set(rows.map(({ id }) => id));
    for (let since = 0; ; ) {
      const page = await this.#page(table.epoch, since, table.version, '-inf');
      if (page.anew) return false;
      for (const [id, version] of page.changed) {
        if (version <= table.version && !pending.has(id) && known.get(id) !== version) return false;
        known.delete(id);
      }
      for (const [reasonAndId] of page.removed) known.delete(readTombstone(reasonAndId).id);
      if (page.changed.length < PAGE) return known.size === 0;
      since = lastVersion(page.changed);
    }
  }
}

function readRow(id: string, text: string, listed: number): Row {
  const decoded = decodeDocument(id, text);
  // A document can be newer than the page that named it.
  const version = decoded.status === 'readable' ? Math.max(decoded.version, listed) : listed;
  return { id, version, text, decoded };
}

function readTombstone(reasonAndId: string): { id: string; reason: Removal['reason'] } {
  const space = reasonAndId.indexOf(' ');
  return {
    id: reasonAndId.slice(space + 1),
    reason: reasonAndId.slice(0, space) === 'expired' ? 'expired' : 'unregistered',
  };
}

function lastVersion(list: readonly (readonly [string, number])[]): number {
  return list.at(-1)?.[1] ?? 0;
}

/** A reply of `changes.lua`. Anything else stands in its place when another program uses the keys. */
function readPage(reply: unknown): Page {
  if (!Array.isArray(reply) || reply.length < 8) throw strange();
  const values: readonly unknown[] = reply;
  let at = 0;
  const text = (): string => String(values[at++] ?? '');
  const number = (): number => {
    const value = Number(values[at++]);
    if (Number.isNaN(value)) throw strange();
    return value;
  };
  const pairs = (): (readonly [string, number])[] => {
    const count = number();
    return Array.from({ length: count }, () => [text(), number()] as const);
  };
  const now = number();
  const epoch = text();
  const version = number();
  const anew = number() === 1;
  const expired = number();
  const next = text();
  const changed = pairs();
  const removed = pairs();
  const ended = values.slice(at).map(String);
  return {
    now,
    epoch,
    version,
    anew,
    expired,
    nextExpiry: next === '' ? undefined : Number(next),
    changed,
    removed,
    ended,
  };
}

function strange(): RegistryError {
  return new RegistryError(
    'CORRUPT_REPLY',
    'Redis answers something that is not this registry. Is a proxy in between, or does another program use its keys?',
  );
}
