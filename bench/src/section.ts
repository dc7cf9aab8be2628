/** What is asked of a run. */
export interface Asked {
  /** Whether the row with this name is to be measured. */
  wanted(row: string): boolean;
  /** Takes its time: as many repetitions as the promises name. */
  readonly full: boolean;
}

/** One question: what is measured is data, and what people read is made of nothing but that. */
export interface Section<Data = unknown> {
  /** Resolves to what is written as JSON; to nothing where no row is wanted. */
  measure(asked: Asked): Promise<Data | undefined>;
  /** Markdown, for between the marks of the section. */
  text(data: Data): string;
}
