/** `name=value`, as options have it. */
import { quoted, UsageError } from './failure.ts';

export function readPairs(texts: readonly string[], option: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`${option} ${quoted(text)}: write name=value.`);
    if (Object.hasOwn(pairs, text.slice(0, at)))
      throw new UsageError(`${option} ${quoted(text)}: its name is given twice.`);
    Object.defineProperty(pairs, text.slice(0, at), {
      value: text.slice(at + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return pairs;
}
