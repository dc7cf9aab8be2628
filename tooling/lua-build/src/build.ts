/** Lua sources → the text that is sent to the server: includes in place, and shortened. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shorten } from './shorten.ts';

export interface BuiltScript {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
}

/** Every script of a folder. A file that begins with a purpose and has KEYS is a script, the others are for including. */
export function buildScripts(folder: string): BuiltScript[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.lua'))
    .sort()
    .filter((file) => readFileSync(join(folder, file), 'utf8').includes('\n-- KEYS '));
  const sources = shorten(files.map((file) => flatten(folder, file)));
  return sources.map((source, n) => ({
    name: (files[n] as string).replace('.lua', ''),
    source,
    sha: createHash('sha1').update(source).digest('hex'),
  }));
}

/** The TypeScript module that holds them. */
export function toModule(scripts: readonly BuiltScript[]): string {
  const values = scripts.map(
    ({ name, source, sha }) => `  ${name}: {\n    sha: '${sha}',\n    source: ${quoted(source)},\n  },`,
  );
  return [
    '/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */',
    "import type { Script } from './driver.ts';",
    '',
    `export const scripts: Readonly<Record<${scripts.map(({ name }) => `'${name}'`).join(' | ')}, Script>> = {`,
    ...values,
    '};',
    '',
  ].join('\n');
}

/** A script as it was written: includes in place, comments and indentation gone. */
export function flatten(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const included = /^--!include (.+)$/.exec(line)?.[1];
      return included === undefined ? [line] : flatten(folder, included).split('\n');
    })
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('--'))
    .join('\n');
}

function quoted(source: string): string {
  return `\`${source.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}
