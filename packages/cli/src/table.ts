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

/**
 * Lines, the titles first.
 *
 * @param columns of the terminal, where there is one: then what can be cut is cut, and where that is not enough the last columns are left out
 */
export function table<R>(rows: readonly R[], layout: readonly Column<R>[], style: Style, columns?: number): string[] {
  const texts = rows.map((row) => layout.map((column) => column.text(row)));
  const natural = layout.map(({ title }, n) => Math.max(width(title), ...texts.map((cells) => width(cells[n] ?? ''))));
  const widths = columns === undefined ? natural : fitted(natural, layout, columns);
  const line = (cells: readonly string[], paint: (text: string, n: number) => string): string =>
    widths
      .map((most, n) => {
        const padded = pad(cut(cells[n] ?? '', most), most, layout[n]?.align);
        return paint(n === widths.length - 1 && layout[n]?.align !== 'right' ? padded.trimEnd() : padded, n);
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

/** As many columns as there is room for, at least one: what stands first names the row. */
function fitted<R>(natural: readonly number[], layout: readonly Column<R>[], columns: number): number[] {
  for (let count = natural.length; ; count -= 1) {
    const widths = natural.slice(0, count);
    if (shrink(widths, layout.slice(0, count), columns) || count <= 1) return widths;
  }
}

/** Cuts columns, the last ones first; whether they fit then. */
function shrink<R>(widths: number[], layout: readonly Column<R>[], columns: number): boolean {
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1) - columns;
  for (const [n, { least }] of [...layout.entries()].reverse()) {
    if (excess <= 0) break;
    const cutBy = Math.min(excess, Math.max(0, (widths[n] ?? 0) - (least ?? Number.POSITIVE_INFINITY)));
    widths[n] = (widths[n] ?? 0) - cutBy;
    excess -= cutBy;
  }
  return excess <= 0;
}
