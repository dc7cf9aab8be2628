/** What became of the backends that were to be copied, as it is told. */
import type { CorruptRow } from '@backend-registry/core';
import type { RestoreResult } from '@backend-registry/core/move';
import type { Io } from './io.ts';
import { printable } from './text.ts';

type Status = RestoreResult['status'];

const SAID: Readonly<Record<Status, string>> = {
  restored: 'restored',
  updated: 'brought up to date',
  renewed: 'copied before, lease renewed',
  unchanged: 'copied before, nothing new',
  present: 'registered there already, or changed there: left alone',
  unregistered: 'unregistered there since: left out',
  foreign: 'kept there by another program: left alone (backend-registry adopt takes them in)',
  expired: 'expired: not copied',
};

/** Whether it is not to be there, by what became of it. */
export function isLeftOut(status: Status | undefined): boolean {
  return status === 'unregistered' || status === 'expired';
}

/** Those that an operator may want to look at, one by one. */
const NAMED: readonly Status[] = ['present', 'unregistered', 'foreign', 'expired'];
const MOST_NAMED = 10;

export class Tally {
  readonly corrupt: Map<string, string> = new Map();
  readonly #statuses = new Map<string, Status>();

  add({ id, status }: Pick<RestoreResult, 'id' | 'status'>): void {
    const before = this.#statuses.get(id);
    // Copied by this command and looked at again: it says what it did first.
    const again = before === 'restored' && ['updated', 'renewed', 'unchanged'].includes(status);
    if (!again) this.#statuses.set(id, status);
  }

  addCorrupt(rows: readonly CorruptRow[]): void {
    for (const { id, reason } of rows) this.corrupt.set(id, reason);
  }

  get(id: string): Status | undefined {
    return this.#statuses.get(id);
  }

  ids(status: Status): string[] {
    return [...this.#statuses].filter(([, each]) => each === status).map(([id]) => id);
  }

  /** Copied by now, or by an earlier command. */
  get copied(): number {
    return (['restored', 'updated', 'renewed', 'unchanged'] as const).reduce(
      (sum, each) => sum + this.ids(each).length,
      0,
    );
  }

  toJSON(): Record<string, unknown> {
    const statuses = Object.keys(SAID) as Status[];
    return {
      ...Object.fromEntries(
        statuses.map((status) => [status, NAMED.includes(status) ? this.ids(status).sort() : this.ids(status).length]),
      ),
      corrupt: Array.from(this.corrupt, ([id, reason]) => ({ id, reason })),
    };
  }

  /** A line for each status that occurred, and those that were not copied by name. */
  tell(io: Io): void {
    for (const [status, words] of Object.entries(SAID) as [Status, string][]) {
      const ids = this.ids(status);
      if (ids.length === 0) continue;
      io.print(`${count(ids.length).padStart(9)}  ${words}`);
      if (NAMED.includes(status)) nameSome(io, ids.sort());
    }
    if (this.corrupt.size === 0) return;
    io.print(`${count(this.corrupt.size).padStart(9)}  cannot be read: not copied`);
    nameSome(
      io,
      Array.from(this.corrupt, ([id, reason]) => `${id}: ${reason}`),
    );
  }
}

export function nameSome(io: Io, texts: readonly string[]): void {
  for (const text of texts.slice(0, MOST_NAMED)) io.print(`${' '.repeat(11)}${io.style.dim(printable(text))}`);
  const more = texts.length - MOST_NAMED;
  if (more > 0) io.print(`${' '.repeat(11)}${io.style.dim(`… and ${count(more)} more`)}`);
}

export function count(number: number): string {
  return number.toLocaleString('en');
}

export function backends(number: number): string {
  return `${count(number)} ${number === 1 ? 'backend' : 'backends'}`;
}
