import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type References, referencesOf } from './references.ts';

/** The files that are loaded, at once or later, when `entry` is: found by following relative imports. */
export function reach(
  entry: string,
  read: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): Map<string, References> {
  const reached = new Map<string, References>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (reached.has(file)) continue;
    const references = referencesOf(read(file), file);
    reached.set(file, references);
    for (const specifier of references.imports)
      if (specifier.startsWith('.')) queue.push(resolve(dirname(file), specifier));
  }
  return reached;
}
