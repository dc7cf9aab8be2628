/** The copy of a registry that a handle keeps: brought up to date by what has changed, so that an unchanged list of any size is one short call. */
import { type DecodedDocument, decodeDocument } from '../codec.ts';
import { RegistryError } from '../error.ts';
import { ignorable } from '../ready.ts';
import { Entry, NO_EPOCH, Table } from '../table.ts';
import type { Look } from '../watch.ts';
import type { Calls } from './calls.ts';
import type { Keys } from './keys.ts';
import { readNews, type Written } from './news.ts';
import { type Listed, type Page, type Removal, readPage, readReason } from './page.ts';
import { strange } from './strange.ts';

/** Changes of one page: a page of documents is read in about a millisecond of the server's time. */
const PAGE = 500;
/** How often everything is compared with the store: a failover can lose writes that this copy has seen. */
const AUDIT_MS = 60_000;
/** What a pull may be late, beside the deadline of a call, before it counts as abandoned. */
const ABANDONED_MS = 500;

interface Row extends Listed {
  readonly text: string;
  readonly decoded: DecodedDocument;
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
  readonly table: Table = new Table(NO_EPOCH, 10_000);
  /** Why rows cannot be read, by id. */
  readonly corrupt: Map<string, string> = new Map();
  /** What stands there instead of a document. */
  readonly unreadable: Map<string, string> = new Map();
  readonly #keys: Keys;
  readonly #calls: Calls;
  /** Every change up to this version is in the table. */
  #since = 0;
  /** The last version that was told, of those whose changes are in the table. */
  #told = 0;
  /** The end of the next lease in µs. */
  #nextExpiry: number | undefined;
  /** When the store was asked, by its clock in µs and by ours in ms. */
  #asked = { store: 0, here: 0 };
  #looked = '-inf';
  #audited = 0;
  /** What was told while a pull was under way. */
  #waiting: (() => void)[] = [];
  #current: Promise<Look> | undefined;
  /** Which pull is the one that counts, and when it was answered last. */
  #turn = 0;
  #movedAt = 0;

  constructor(keys: Keys, calls: Calls) {
    this.#keys = keys;
    this.#calls = calls;
  }

  /** What is known without asking, unless it is older than this or a lease has ended meanwhile. */
  recall(maxAgeMs: number): Look | undefined {
    const ageMs = performance.now() - this.#asked.here;
    const now = this.#asked.store + ageMs * 1_000;
    if (ageMs >= maxAgeMs || now >= (this.#nextExpiry ?? Number.POSITIVE_INFINITY)) return undefined;
    return { ...this.#look(now), ageMs };
  }

  /**
   * Takes in what a script has told, and rings: with `true` if nothing is missing, so that what is known is the registry as it was then; else it must be
   * looked at.
   */
  hear(message: string, ring: (known: boolean) => void): void {
    const take = () => ring(this.#take(message));
    if (this.#current === undefined) take();
    else this.#waiting.push(take);
  }

  /** Compares everything with the store at the next look: another server may have taken over, without the last changes. */
  distrust(): void {
    this.#audited = Number.NEGATIVE_INFINITY;
  }

  /**
   * The registry as it is after this call began. Calls share a pull that has not begun yet, never one that is under way: it may have passed what was
   * written since.
   */
  async pull(): Promise<Look> {
    const before = this.#current;
    if (before !== undefined) {
      await this.#isOver(before);
      const after = this.#current;
      if (after !== undefined && (await this.#isOver(after))) return after;
    }
    return this.#begin();
  }

  #begin(): Promise<Look> {
    this.#turn += 1;
    this.#movedAt = performance.now();
    const current = this.#pull(this.#turn);
    this.#current = current;
    const done = () => {
      if (this.#current !== current) return;
      this.#current = undefined;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const take of waiting) take();
    };
    current.then(done, done);
    return current;
  }

  /**
   * Waits for a pull of another caller. On some edge runtimes what a request has begun is dropped with that request, and settles never: `false` where nothing
   * has moved for longer than a call can take.
   */
  async #isOver(pull: Promise<Look>): Promise<boolean> {
    const over = pull.then(
      () => true,
      () => true,
    );
    for (;;) {
      const leftMs = this.#movedAt + this.#calls.deadlineMs + ABANDONED_MS - performance.now();
      if (leftMs <= 0) {
        if (this.#current === pull) this.#current = undefined;
        return false;
      }
      if (await this.#calls.within(leftMs, over)) return true;
    }
  }

  async #pull(turn: number): Promise<Look> {
    let gathered = await this.#gather(this.table.epoch);
    // What this copy was told of is not there any more.
    if (!gathered.anew && gathered.last.told < this.#told) this.distrust();
    if (performance.now() - this.#audited > AUDIT_MS) {
      this.#audited = performance.now();
      // Asking in the name of another epoch begins anew.
      if (!gathered.anew && gathered.last.epoch !== NO_EPOCH && !(await this.#agrees(gathered)))
        gathered = await this.#gather('?');
    }
    // Somebody has not waited for it: what is known by now is newer.
    if (turn !== this.#turn)
      throw new RegistryError('TIMEOUT', 'read: it took so long that another read has overtaken it.');
    // All at once: whoever looks at the table sees it before or after, never in between.
    this.#apply(gathered);
    const { now, nextExpiry } = gathered.last;
    this.#asked = { store: now, here: performance.now() };
    await this.#settleExpired(gathered.last);
    this.#nextExpiry = nextExpiry;
    return this.#look(now);
  }

  #look(now: number): Look {
    const { table } = this;
    const next = this.#nextExpiry;
    const nextExpiryInMs = table.expired.size > 0 ? 0 : next === undefined ? null : Math.max(0, (next - now) / 1_000);
    return { table, now: now / 1_000, nextExpiryInMs };
  }

  /** Everything that has changed since the last pull, page by page, with its documents. */
  async #gather(epoch: string): Promise<Gathered> {
    const { table } = this;
    const rows: Row[] = [];
    const removals: Removal[] = [];
    const known = epoch === table.epoch ? String(table.entries.size) : '';
    let page = await this.#page(epoch, this.#since, this.#since, this.#looked, known);
    const { anew } = page;
    let since = 0;
    let removedSince = anew ? page.version : this.#since;
    let missing: Listed[] = [];
    for (let retried = false; ; ) {
      if (page.removed.length > 0) {
        const gone = new Set(page.removed.map(({ id }) => id));
        missing = missing.filter(({ id }) => !gone.has(id));
        removals.push(...page.removed);
      }
      // What was told needs no reading.
      const unread =
        page.many > 0
          ? [...table.entries.values()]
          : page.changed.filter(({ id, version }) => anew || table.entries.get(id)?.version !== version);
      const listed: readonly Listed[] = missing.length === 0 ? unread : [...missing, ...unread];
      const chunks = this.#documents(listed);
      const whole = page.changed.length < PAGE && page.removed.length < PAGE;
      since = page.changed.length < PAGE ? page.version : lastVersion(page.changed);
      removedSince = page.removed.length < PAGE ? Math.max(removedSince, page.version) : lastVersion(page.removed);
      // The next page is on its way while the documents of this one are read.
      const coming = whole ? undefined : ignorable(this.#page(page.epoch, since, removedSince));
      missing = [];
      let n = 0;
      for (const chunk of chunks) {
        for (const text of await chunk) {
          const { id, version } = listed[n++] as Listed;
          const row = text === null ? undefined : readRow(id, text, version);
          if (row === undefined || isBehind(row)) missing.push({ id, version });
          else rows.push(row);
        }
        this.#movedAt = performance.now();
      }
      // A client may read from replicas, which lag: the primary knows.
      if (page.many > rows.filter(({ version }) => version > this.#since).length) missing = listed.slice();
      if (missing.length > 0) missing = await this.#readAgain(missing, rows);
      // What was removed between a page and the reading of its documents stands in the next page.
      if (whole && (missing.length === 0 || retried)) break;
      if (whole) retried = true;
      const next = await (coming ?? this.#page(page.epoch, since, removedSince));
      // The data were lost while they were read.
      if (next.anew) return this.#gather(epoch);
      page = next;
    }
    for (const { id, version } of missing)
      rows.push({ id, version, text: '', decoded: { status: 'corrupt', reason: 'its document is missing' } });
    return { rows, removals, last: page, anew };
  }

  /** Reads documents from the primary. @returns what is not there */
  async #readAgain(listed: readonly Listed[], rows: Row[]): Promise<Listed[]> {
    const missing: Listed[] = [];
    for (let from = 0; from < listed.length; from += PAGE) {
      const part = listed.slice(from, from + PAGE);
      const texts = await this.#calls.documents(part.map(({ id }) => this.#keys.document(id)));
      for (const [n, { id, version }] of part.entries()) {
        const text = texts[n] ?? null;
        if (text === null) missing.push({ id, version });
        else rows.push(readRow(id, text, version));
      }
    }
    return missing;
  }

  /** The documents of these, in their order, in parts that the server reads in a moment. */
  #documents(listed: readonly Listed[]): Promise<readonly (string | null)[]>[] {
    const chunks: Promise<readonly (string | null)[]>[] = [];
    for (let from = 0; from < listed.length; from += PAGE) {
      const keys = listed.slice(from, from + PAGE).map(({ id }) => this.#keys.document(id));
      chunks.push(ignorable(this.#calls.mget(keys)));
    }
    return chunks;
  }

  /** @param known how many backends are known, where they need not be named if much of them has changed */
  async #page(epoch: string, since: number, removedSince: number, looked = '-inf', known = ''): Promise<Page> {
    const { leases, versions, removed, meta } = this.#keys;
    const args = [epoch, String(since), String(removedSince), String(PAGE), looked, known];
    const page = readPage(await this.#calls.run('changes', [leases, versions, removed, meta], args));
    this.#movedAt = performance.now();
    return page;
  }

  #apply({ rows, removals, last, anew }: Gathered): void {
    if (anew) this.#startOver(last);
    // Events come in the order of versions.
    for (const change of [...rows, ...removals].sort((a, b) => a.version - b.version)) {
      if ('reason' in change) this.#remove(change);
      else this.#write(change);
    }
    this.table.version = Math.max(this.table.version, last.version);
    this.#since = last.version;
    this.#told = last.told;
  }

  /** Applies what was told; whether the table is now what the registry was then. */
  #take(message: string): boolean {
    const news = readNews(message);
    const { table } = this;
    if (news === undefined || table.epoch === NO_EPOCH) return false;
    // A pull was faster.
    if (news.version <= this.#told) return true;
    // This server does not know what another one has told.
    if (news.before < this.#told) this.distrust();
    if (news.before !== this.#told || news.changes.length === 0) return false;
    for (const change of news.changes) {
      if ('reason' in change) this.#remove({ ...change, reason: readReason(change.reason) });
      else if (!this.#tell(change)) return false;
    }
    this.#told = news.version;
    return true;
  }

  #tell({ id, document, leaseEnds }: Written): boolean {
    const row = readRow(id, document, 0);
    if (row.decoded.status === 'corrupt') return false;
    this.#write(row);
    if (leaseEnds !== undefined) {
      this.#setExpired(id, false);
      this.#nextExpiry = Math.min(this.#nextExpiry ?? leaseEnds, leaseEnds);
    }
    return true;
  }

  #remove({ id, version, reason }: Removal): void {
    const entry = this.table.entries.get(id);
    if (entry === undefined || entry.version > version) return;
    this.#forget(id);
    this.table.remove(entry, reason, version);
  }

  #write({ id, version, text, decoded }: Row): void {
    const known = this.table.entries.get(id);
    const entry = known ?? new Entry(id);
    if (known === undefined) this.table.add(entry);
    else if (decoded.status === 'readable' ? known.version >= version : this.unreadable.get(id) === text) return;
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

  #startOver({ epoch }: Page): void {
    const { table } = this;
    // From no epoch to the first one, nothing is lost.
    if (table.epoch === NO_EPOCH && table.entries.size === 0) table.epoch = epoch;
    else table.reset(epoch);
    this.corrupt.clear();
    this.unreadable.clear();
  }

  #forget(id: string): void {
    this.corrupt.delete(id);
    this.unreadable.delete(id);
  }

  /** Which leases have ended. A page has those since the last look; if the number does not fit, there were more, or somebody has come back: then all are asked for. */
  async #settleExpired({ now, ended, expired }: Page): Promise<void> {
    const { table } = this;
    for (const id of ended) this.#setExpired(id, true);
    if (table.expired.size !== expired) {
      const all = await this.#expiredIds();
      for (const entry of [...table.expired]) if (!all.has(entry.id)) table.setExpired(entry, false);
      for (const id of all) this.#setExpired(id, true);
    }
    this.#looked = table.expired.size === expired ? String(now) : '-inf';
  }

  async #expiredIds(): Promise<Set<string>> {
    const ids = new Set<string>();
    for (let from = 0; ; from += PAGE) {
      const page = await this.#calls.run('expired', [this.#keys.leases], [String(from), String(PAGE)]);
      if (!Array.isArray(page)) return strange();
      for (const id of page) ids.add(String(id));
      if (page.length < PAGE) return ids;
    }
  }

  #setExpired(id: string, expired: boolean): void {
    const entry = this.table.entries.get(id);
    if (entry !== undefined) this.table.setExpired(entry, expired);
  }

  /** Whether ids and versions are those of the store, what is about to be applied aside. */
  async #agrees({ rows, removals, last }: Gathered): Promise<boolean> {
    const { table } = this;
    const known = new Map(Array.from(table.entries.values(), ({ id, version }) => [id, version]));
    for (const { id } of [...rows, ...removals]) known.delete(id);
    const pending = new Set(rows.map(({ id }) => id));
    for (let since = 0; ; ) {
      const page = await this.#page(table.epoch, since, last.version);
      if (page.anew) return false;
      for (const { id, version } of page.changed) {
        if (version <= last.version && !pending.has(id) && known.get(id) !== version) return false;
        known.delete(id);
      }
      for (const { id } of page.removed) known.delete(id);
      if (page.changed.length < PAGE) return known.size === 0;
      since = lastVersion(page.changed);
    }
  }
}

/** Whether a document is older than its entry in the index. */
function isBehind({ decoded, version }: Row): boolean {
  return decoded.status === 'readable' && decoded.version < version;
}

function readRow(id: string, text: string, listed: number): Row {
  const decoded = decodeDocument(id, text);
  // A document can be newer than the page that named it.
  const version = decoded.status === 'readable' ? Math.max(decoded.version, listed) : listed;
  return { id, version, text, decoded };
}

function lastVersion(list: readonly Listed[]): number {
  return list.at(-1)?.version ?? 0;
}
