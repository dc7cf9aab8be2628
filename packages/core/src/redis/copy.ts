/** The copy of a registry that a handle keeps: brought up to date by what has changed, so that an unchanged list of any size is one short call. */
import { sameEntries } from '../backend.ts';
import { type DecodedDocument, decodeDocument } from '../codec.ts';
import { RegistryError } from '../error.ts';
import { ignorable } from '../ready.ts';
import { Entry, NO_EPOCH, Table } from '../table.ts';
import type { Look } from '../watch.ts';
import { type Calls, LOOKING } from './calls.ts';
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
const MOST_STRANGERS = 100;

interface Row extends Listed {
  readonly text: string;
  readonly decoded: DecodedDocument;
}

interface Gathered {
  readonly rows: Row[];
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
  /** The newest version that a message has brought, or that was told before the subscription began. */
  #heard: number | undefined;
  #missedSince: number | undefined;
  /** Epochs of other registries on the same channel. */
  readonly #strangers = new Set<string>();
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
    const take = () => {
      const known = this.#take(message);
      if (known !== undefined) ring(known);
    };
    if (this.#current === undefined) take();
    else this.#waiting.push(take);
  }

  /** A subscription has begun: what is told from now on is heard. */
  tuneIn(): void {
    this.#heard = undefined;
    this.#missedSince = undefined;
  }

  /** For how long something is known to have been told that was not heard. */
  get deafForMs(): number {
    return this.#missedSince === undefined ? 0 : performance.now() - this.#missedSince;
  }

  /** Compares everything with the store at the next look: another server may have taken over, without the last changes. */
  distrust(): void {
    this.#audited = Number.NEGATIVE_INFINITY;
  }

  /**
   * The registry as it is after this call began. Calls share a pull that has not begun yet, never one that is under way: it may have passed what was
   * written since. What takes longer than a call may goes on, so that a later call finds what it has brought.
   */
  pull(): Promise<Look> {
    const before = this.#current;
    let failure: unknown;
    before?.catch((error: unknown) => {
      failure = error;
    });
    const { until } = this.#calls;
    const turn = async () => {
      if (before === undefined) return this.#begin();
      await this.#isOver(before);
      // One that begins now would go on when nobody waits for it any more, and on an edge runtime would be dropped.
      if (failure !== undefined && 2 * (until - performance.now()) < this.#calls.deadlineMs) throw failure;
      const after = this.#current;
      return after !== undefined && (await this.#isOver(after)) ? after : this.#begin();
    };
    return this.#calls.inTime(LOOKING, turn(), () => failure);
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
    current.then(done, () => {
      // What was due may not have been compared.
      this.distrust();
      done();
    });
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
    const due = this.#isAuditDue();
    // Before anything is read: whoever distrusts it meanwhile means what is being read, too.
    if (due) this.#audited = performance.now();
    let gathered = await this.#gather(this.table.epoch);
    // What this copy was told of is not there any more, or comes later than what came after it.
    const follows = gathered.anew || this.#follows(gathered);
    if (!follows || (!gathered.anew && gathered.last.told < this.#told)) this.distrust();
    if ((due || this.#isAuditDue()) && !gathered.anew && gathered.last.epoch !== NO_EPOCH) {
      this.#audited = performance.now();
      const damaged = follows && (await this.#agrees(gathered)) ? await this.#damaged() : undefined;
      // Asking in the name of another epoch begins anew.
      if (damaged === undefined) gathered = await this.#gather('?');
      else gathered.rows.push(...damaged);
    }
    this.#checkTurn(turn);
    // All at once: whoever looks at the table sees it before or after, never in between. Who has expired, where that has to be asked, comes after.
    this.#apply(gathered);
    const { now, nextExpiry, ended, expired } = gathered.last;
    const asked = { store: now, here: performance.now() };
    for (const id of ended) this.#setExpired(id, true);
    // If the number does not fit, there were more than a page has, or somebody has come back; if time has gone back, it may fit by chance.
    if (this.table.expired.size !== expired || now < Number(this.#looked)) {
      const all = await this.#expiredIds();
      this.#checkTurn(turn);
      for (const entry of [...this.table.expired]) if (!all.has(entry.id)) this.table.setExpired(entry, false);
      for (const id of all) this.#setExpired(id, true);
    }
    this.#looked = this.table.expired.size === expired ? String(now) : '-inf';
    this.#asked = asked;
    this.#nextExpiry = nextExpiry;
    return this.#look(now);
  }

  /** Where somebody has not waited for a pull, what is known by now is newer. */
  #checkTurn(turn: number): void {
    if (turn !== this.#turn) throw new RegistryError('TIMEOUT', 'read: another read has overtaken it.');
  }

  #isAuditDue(): boolean {
    return performance.now() - this.#audited > AUDIT_MS;
  }

  #look(now: number): Look {
    const { table } = this;
    const next = this.#nextExpiry;
    const nextExpiryInMs = next === undefined ? null : Math.max(0, (next - now) / 1_000);
    return { table, now: now / 1_000, nextExpiryInMs };
  }

  /** Everything that has changed since the last pull, page by page, with its documents. */
  async #gather(epoch: string): Promise<Gathered> {
    const { table } = this;
    const rows: Row[] = [];
    const removals: Removal[] = [];
    // Where it begins anew because something did not agree, versions are what it goes by: a document may be older than the index says.
    const known = epoch === table.epoch ? table.entries.size : undefined;
    let page = await this.#page(epoch, this.#since, this.#since, this.#looked, known);
    const { anew } = page;
    for (;;) {
      removals.push(...page.removed);
      // What was told needs no reading.
      const listed: readonly Listed[] =
        page.many > 0
          ? [...table.entries.values()]
          : page.changed.filter(({ id, version }) => anew || table.entries.get(id)?.version !== version);
      const reading = ignorable(this.#read(listed));
      // The next page is on its way while the documents of this one are read.
      const coming = isLast(page)
        ? undefined
        : ignorable(this.#page(page.epoch, page.changedUpTo, page.removedUpTo, '-inf', known === 0 ? 0 : undefined));
      const { read, doubtful } = await reading;
      // Gone meanwhile, or a client reads from replicas, which lag: the primary knows.
      const behind = page.many > read.filter(({ version }) => version > this.#since).length;
      rows.push(...read, ...(await this.#readAgain(behind ? listed : doubtful)));
      if (coming === undefined) break;
      const next = await coming;
      // The data were lost while they were read.
      if (next.anew) return this.#gather(epoch);
      page = next;
    }
    return { rows, removals, last: page, anew };
  }

  /** Reads documents from the primary, of those that are registered still: who has left meanwhile stands in the next pull. */
  async #readAgain(listed: readonly Listed[]): Promise<Row[]> {
    const rows: Row[] = [];
    for (let from = 0; from < listed.length; from += PAGE) {
      for (const { id, version, text } of await this.#calls.documents(this.#keys, listed.slice(from, from + PAGE))) {
        if (version === undefined) continue;
        if (text !== null) rows.push(readRow(id, text, version));
        else rows.push({ id, version, text: '', decoded: { status: 'corrupt', reason: 'its document is missing' } });
      }
    }
    return rows;
  }

  /**
   * What cannot be read any more, though nobody has changed it through a registry. `undefined` where the same version says something else: after the clock of the
   * store went back, versions follow each other and not time, and a server that comes back with older data gives them again.
   */
  async #damaged(): Promise<Row[] | undefined> {
    const { entries } = this.table;
    const { read, doubtful } = await this.#read([...entries.values()].filter(({ row }) => row !== undefined));
    if (read.some((row) => contradicts(row, entries.get(row.id)))) return undefined;
    return (await this.#readAgain([...doubtful, ...read.filter(isCorrupt)])).filter(isCorrupt);
  }

  /**
   * Reads documents, in parts that the server reads in a moment. Doubtful are those that are not there, or are older than their entry in the index, or cannot be
   * read and have no version.
   */
  async #read(listed: readonly Listed[]): Promise<{ read: Row[]; doubtful: Listed[] }> {
    const chunks: Promise<readonly (string | null)[]>[] = [];
    for (let from = 0; from < listed.length; from += PAGE) {
      chunks.push(ignorable(this.#calls.read(this.#keys, listed.slice(from, from + PAGE))));
    }
    const read: Row[] = [];
    const doubtful: Listed[] = [];
    let n = 0;
    for (const chunk of chunks) {
      for (const text of await chunk) {
        const { id, version } = listed[n++] as Listed;
        const row = text === null ? undefined : readRow(id, text, version);
        if (row === undefined || isBehind(row) || (row.version === 0 && isCorrupt(row))) doubtful.push({ id, version });
        else read.push(row);
      }
      this.#movedAt = performance.now();
    }
    return { read, doubtful };
  }

  /** @param known how many backends are known, where not each change needs to be named with its version */
  async #page(epoch: string, since: number, removedSince: number, looked = '-inf', known?: number): Promise<Page> {
    const { leases, versions, removed, meta } = this.#keys;
    // An old document is known by the version in the index.
    const asKnown = known === 0 && this.#calls.mayLag ? undefined : known;
    const args = [epoch, String(since), String(removedSince), String(PAGE), looked, String(asKnown ?? '')];
    const page = readPage(
      await this.#calls.run('changes', [leases, versions, removed, meta], args, LOOKING),
      asKnown !== 0,
    );
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
    this.#strangers.delete(last.epoch);
    this.#heard ??= last.told;
    if (this.#heard >= last.told) this.#missedSince = undefined;
    else this.#missedSince ??= performance.now();
  }

  /** Applies what was told; whether the table is now what the registry was then. `undefined`: it is not of this registry. */
  #take(message: string): boolean | undefined {
    const news = readNews(message);
    const { table } = this;
    if (news.epoch !== table.epoch) {
      // Of another registry, or this one has begun anew: the first time, a look tells.
      if (this.#strangers.has(news.epoch)) return undefined;
      if (this.#strangers.size === MOST_STRANGERS) this.#strangers.clear();
      this.#strangers.add(news.epoch);
      return false;
    }
    if (!('version' in news)) return false;
    this.#heard = Math.max(this.#heard ?? 0, news.version);
    if (this.#heard >= this.#told) this.#missedSince = undefined;
    // A pull was faster.
    if (news.version <= this.#told) return true;
    // This server does not know what another one has told.
    if (news.before < this.#told) this.distrust();
    if (news.before !== this.#told || news.changes.length === 0) return false;
    for (const change of news.changes) {
      if ('reason' in change) this.#remove({ ...change, reason: readReason(change.reason) });
      else if (!this.#takeWritten(change)) return false;
    }
    this.#told = news.version;
    return true;
  }

  #takeWritten({ id, document, leaseEnds }: Written): boolean {
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

  async #expiredIds(): Promise<Set<string>> {
    const ids = new Set<string>();
    for (let from = 0; ; from += PAGE) {
      const page = await this.#calls.run('expired', [this.#keys.leases], [String(from), String(PAGE)], LOOKING);
      if (!Array.isArray(page)) return strange();
      for (const id of page) ids.add(String(id));
      this.#movedAt = performance.now();
      if (page.length < PAGE) return ids;
    }
  }

  #setExpired(id: string, expired: boolean): void {
    const entry = this.table.entries.get(id);
    if (entry !== undefined) this.table.setExpired(entry, expired);
  }

  /** Whether what is about to be applied is newer than what is known. */
  #follows({ rows, removals }: Gathered): boolean {
    const { entries } = this.table;
    return [...rows, ...removals].every(({ id, version }) => version >= (entries.get(id)?.version ?? 0));
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
      if (page.changedUpTo === page.version) return known.size === 0;
      since = page.changedUpTo;
    }
  }
}

function isCorrupt({ decoded }: Row): boolean {
  return decoded.status === 'corrupt';
}

/** Whether a document is older than its entry in the index. */
function isBehind({ decoded, version }: Row): boolean {
  return decoded.status === 'readable' && decoded.version < version;
}

/** Whether a document with the version of this entry is not what it was. */
function contradicts({ decoded }: Row, entry: Entry | undefined): boolean {
  if (decoded.status === 'corrupt' || entry?.row === undefined || entry.version !== decoded.version) return false;
  const { metadata, ...scalars } = decoded.row;
  const known = entry.row;
  return (
    (Object.keys(scalars) as (keyof typeof scalars)[]).some((field) => scalars[field] !== known[field]) ||
    !sameEntries(metadata, known.metadata)
  );
}

function readRow(id: string, text: string, listed: number): Row {
  const decoded = decodeDocument(id, text);
  if (decoded.status === 'corrupt') return { id, version: listed, text, decoded };
  // A document can be newer than the page that named it. Only a text that cannot be read is looked at again.
  return { id, version: Math.max(decoded.version, listed), text: '', decoded };
}

function isLast({ version, changedUpTo, removedUpTo }: Page): boolean {
  return changedUpTo === version && removedUpTo === version;
}
