/** What is asked of a run. */
export interface Asked {
  /** Whether the row with this name is to be measured. */
  wanted(row: string): boolean;
  /** Takes its time: as many repetitions as the promises name. */
  readonly full: boolean;
}

/** One question: measures, and resolves to the text between its marks in `docs/performance.md`; to nothing where no row is wanted. */
export type Section = (asked: Asked) => Promise<string | undefined>;
