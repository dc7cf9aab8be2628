/** Results as a table for people. */
import type { Result, Spread } from './measure.ts';
import type { MemoryUse } from './sections/memory.ts';

export function table(results: readonly Result[]): string {
  const head = ['work', 'ours /s', 'limit /s', 'ratio (lowest – highest)', 'target'];
  const rows = results.map(({ name, ours, limit, ratio, target, targetRatio }) => [
    name,
    count(ours.median),
    count(limit.median),
    ratios(ratio),
    goal(target, ours.median, targetRatio, ratio.median),
  ]);
  return markdown(head, rows);
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A target in words, and whether it was reached. */
export function target(words: string, reached: boolean): string {
  return `${words} ${reached ? '✓' : '✗'}`;
}

/** Milliseconds, with the lowest and the highest of the rounds. */
export function milliseconds({ median, low, high }: Spread): string {
  return `${ms(median)} (${ms(low)} – ${ms(high)})`;
}

export function ms(value: number): string {
  return value < 10 ? value.toFixed(value < 1 ? 3 : 2) : value.toFixed(1);
}

export function limits(results: readonly Result[]): string {
  return results.map(({ name, limitIs }) => `- ${name}: ${limitIs}`).join('\n');
}

export function memoryTable({
  backends,
  bytesPerBackend,
  stringBytesPerBackend,
  bytesPerMillionReads,
}: MemoryUse): string {
  return [
    '| what | bytes | target |',
    '| --- | --- | --- |',
    `| heap of one backend, of ${count(backends)} | ${count(bytesPerBackend)} | |`,
    `| … without its own strings | ${count(bytesPerBackend - stringBytesPerBackend)} | < 1,000 |`,
    `| left behind by a million reads of a view | ${count(bytesPerMillionReads)} | no allocation |`,
  ].join('\n');
}

export function count(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

/** A target, and whether it was reached. */
function goal(least: number | undefined, ours: number, leastRatio: number | undefined, ratio: number): string {
  if (least !== undefined) return target(`${count(least)} /s`, ours >= least);
  if (leastRatio !== undefined) return target(`${leastRatio} ×`, ratio >= leastRatio);
  return '';
}

function ratios({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`;
}

/** What a cell says of a system that failed. */
export function failureText(error: unknown): string {
  return `failed: ${String(error).split('\n')[0]}`;
}
