/** Numbers as a line of blocks. */

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The newest at the right; as high as the highest of them. Where all are 0 there is nothing to draw. */
export function sparkline(values: readonly number[], columns: number): string {
  const shown = values.slice(-columns);
  const most = Math.max(0, ...shown);
  if (most === 0) return ' '.repeat(columns);
  return shown
    .map((value) => BLOCKS[Math.round((value / most) * (BLOCKS.length - 1))])
    .join('')
    .padStart(columns);
}
