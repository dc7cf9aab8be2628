/** Lua sources → the text that is sent to the server: includes in place, comments and indentation gone. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialect } from '../../../packages/upstash/src/dialect.ts';

export interface BuiltScript {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
}

/** Every script of a folder. A file that begins with a purpose and has KEYS is a script, the others are for including. */
export function buildScripts(folder: string): BuiltScript[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.lua'))
    .sort()
    .filter((file) => readFileSync(join(folder, file), 'utf8').includes('\n-- KEYS '))
    .map((file) => {
      const source = flatten(folder, file);
      return { name: file.replace('.lua', ''), source, sha: sha1(source) };
    });
}

/** The module of core that holds them. */
export function coreModule(scripts: readonly BuiltScript[]): string {
  return [
    '/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */',
    "import type { Script } from './driver.ts';",
    '',
    `export const scripts: Readonly<Record<${scripts.map(({ name }) => `'${name}'`).join(' | ')}, Script>> = {`,
    ...scripts.map(({ name, ...script }) => `  ${name}: ${literal(script, '  ')},`),
    '};',
    '',
  ].join('\n');
}

/** The module of the Upstash adapter: its own scripts, and by the SHA-1 of each of core's, the one that it has in Upstash's dialect. */
export function upstashModule(core: readonly BuiltScript[], own: readonly BuiltScript[]): string {
  return [
    '/** Built from `lua/*.lua` and the scripts of core by `pnpm lua`: do not edit. */',
    "import type { Script } from '@backend-registry/core/redis';",
    '',
    'export const shas: Readonly<Record<string, string>> = {',
    ...core.map(({ name, sha, source }) => `  // ${name}\n  '${sha}': '${sha1(dialect(source))}',`),
    '};',
    ...own.map(({ name, source }) => {
      // It goes through all keys, where the others declare theirs.
      const text = dialect(source, name === 'scan' ? 'everything' : 'keys');
      return `\nexport const ${name}: Script = ${literal({ sha: sha1(text), source: text }, '')};`;
    }),
    '',
  ].join('\n');
}

function flatten(folder: string, file: string): string {
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

function literal({ sha, source }: Omit<BuiltScript, 'name'>, indent: string): string {
  return `{\n${indent}  sha: '${sha}',\n${indent}  source: ${quoted(source)},\n${indent}}`;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function quoted(source: string): string {
  return `\`${source.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}
