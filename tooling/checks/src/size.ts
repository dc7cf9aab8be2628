import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

interface Size {
  readonly minified: number;
  readonly gzipped: number;
}

/**
 * Size of what a program gets that runs `source`, a module whose imports resolve as from `from`.
 * A dependency that cannot be resolved is an error, as it is for an application's bundler.
 */
export async function bundledSize(source: string, from: string): Promise<Size> {
  const input = '\0program';
  await using bundle = await rolldown({
    input,
    platform: 'neutral',
    treeshake: true,
    logLevel: 'warn',
    onLog(level, log) {
      if (level === 'warn') throw new Error(`bundling: ${log.message}`);
    },
    plugins: [
      {
        name: 'program',
        resolveId(id, importer) {
          if (id === input) return id;
          return importer === input ? this.resolve(id, from, { skipSelf: true }) : null;
        },
        load: (id) => (id === input ? source : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  const code = output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
  const minified = Buffer.from(code);
  return { minified: minified.byteLength, gzipped: gzipSync(minified, { level: 9 }).byteLength };
}

export interface Budget {
  readonly title: string;
  /** A module; imports are resolved from the package that holds `entry`. */
  readonly source: string;
  readonly most: Partial<Size>;
}

/** The program loads every runtime entry and keeps all of it, without the object of names that '* as' would make of each. */
export function wholeProgram(entries: Iterable<string>): string {
  return [...entries].map((file) => `export * from ${JSON.stringify(file)};`).join('\n');
}

export async function overBudget(
  { title, source, most }: Budget,
  entry: string,
): Promise<{ line: string; problems: string[] }> {
  const size = await bundledSize(source, dirname(entry));
  const problems: string[] = [];
  for (const [kind, limit] of Object.entries(most) as [keyof Size, number][]) {
    if (size[kind] >= limit) problems.push(`${title}: ${size[kind]} bytes ${kind}, must stay under ${limit}`);
  }
  return { line: `${title}: ${size.minified} bytes minified, ${size.gzipped} gzipped`, problems };
}
