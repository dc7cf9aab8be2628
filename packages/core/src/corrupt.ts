import type { CorruptRow } from './contract.ts';
import { tell } from './ready.ts';

/** Tells `onCorrupt` of each row that cannot be read, once for each reason. */
export class CorruptReports {
  readonly #onCorrupt: ((row: CorruptRow) => void) | undefined;
  readonly #told = new Map<string, string>();

  constructor(onCorrupt: ((row: CorruptRow) => void) | undefined) {
    this.#onCorrupt = onCorrupt;
  }

  /** @param rows every row that cannot be read now, with the reason */
  tell(rows: ReadonlyMap<string, string>): void {
    for (const id of this.#told.keys()) if (!rows.has(id)) this.#told.delete(id);
    for (const [id, reason] of rows) {
      if (this.#told.get(id) === reason) continue;
      this.#told.set(id, reason);
      tell(this.#onCorrupt, { id, reason });
    }
  }
}
