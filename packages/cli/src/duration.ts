/** Durations as people write them: `500ms`, `2s`, `1.5m`, `1h`, `30d`. */
import { quoted, UsageError } from './failure.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In milliseconds, more than 0. */
export function readDuration(text: string, option: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new UsageError(`${option} is ${quoted(text)}: write a duration with its unit, like 500ms, 2s or 1m.`);
}

/** A duration as it is read at a glance: two figures, the largest unit that fits. */
export function showDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`;
  if (ms < 99_500) return `${Math.round(ms / 1_000)}s`;
  if (ms < 5_970_000) return `${Math.round(ms / 60_000)}m`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)}h`;
  return `${Math.round(ms / 86_400_000)}d`;
}
