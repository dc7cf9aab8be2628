/** Rows in columns, as wide as what stands in them. */
import type { Style } from './io.ts';
import { cut, pad, width } from './text.ts';

export interface Column<R> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Printable. */
  text(row: R): string;
  /** How it looks; it must not change the width. */
  paint?(text: string, row: R): string;
  /** Narrower than this it does not get when the table must fit; without it, it is never cut. */
  readonly least?: number;
}

const GAP = '  ';

/** Lines, the titles first. @param columns of the terminal, where there is one: then what can be cut is cut, the last columns first */
export function table<R>(rows: readonly R[], layout: readonly Column<R>[], style: Style, columns?: number): string[] {
  const texts = rows.map((row) => layout.map((column) => column.text(row)));
  const widths = layout.map(({ title }, n) => Math.max(width(title), ...texts.map((cells) => width(cells[n] ?? ''))));
  if (columns !== undefined) shrink(widths, layout, columns);
  const line = (cells: readonly string[], paint: (text: string, n: number) => string): string =>
    cells
      .map((cell, n) => {
        const padded = pad(cut(cell, widths[n] ?? 0), widths[n] ?? 0, layout[n]?.align);
        return paint(n === cells.length - 1 && layout[n]?.align !== 'right' ? padded.trimEnd() : padded, n);
      })
      .join(GAP)
      .trimEnd();
  const titles = line(
    layout.map(({ title }) => title),
    style.dim,
  );
  return [
    titles,
    ...texts.map((cells, at) => line(cells, (text, n) => layout[n]?.paint?.(text, rows[at] as R) ?? text)),
  ];
}

/** The last ones first: what stands first names the row. */
function shrink<R>(widths: number[], layout: readonly Column<R>[], columns: number): void {
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1) - columns;
  for (const [n, { least }] of [...layout.entries()].reverse()) {
    if (excess <= 0) return;
    const cutBy = Math.min(excess, Math.max(0, (widths[n] ?? 0) - (least ?? Number.POSITIVE_INFINITY)));
    widths[n] = (widths[n] ?? 0) - cutBy;
    excess -= cutBy;
  }
}
