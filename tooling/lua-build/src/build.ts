/** Lua sources → the text that is sent to the server: includes in place, and shortened. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dialect } from '../../../packages/upstash/src/dialect.ts';
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
    sha: sha1(source),
  }));
}

/** A module of core that holds them. @param driver where it finds the type of a script */
export function coreModule(scripts: readonly BuiltScript[], driver = './driver.ts'): string {
  return [
    '/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */',
    `import type { Script } from '${driver}';`,
    '',
    `export const scripts: Readonly<Record<${scripts.map(({ name }) => `'${name}'`).join(' | ')}, Script>> = {`,
    ...scripts.map(({ name, ...script }) => `  ${name}: ${literal(script, '  ')},`),
    '};',
    '',
  ].join('\n');
}

/** The module of the Upstash adapter: by the SHA-1 of each of core's scripts, the one that it has in Upstash's dialect. */
export function upstashModule(core: readonly BuiltScript[]): string {
  return [
    '/** Built from the scripts of core by `pnpm lua`: do not edit. */',
    '',
    'export const shas: Readonly<Record<string, string>> = {',
    ...core.map(({ name, sha, source }) => `  // ${name}\n  '${sha}': '${sha1(dialect(source))}',`),
    '};',
    '',
  ].join('\n');
}

/** A script as it was written: includes, named from where they are included, in place; comments and indentation gone. */
export function flatten(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const included = /^--!include (.+)$/.exec(line)?.[1];
      return included === undefined ? [line] : flatten(join(folder, dirname(included)), basename(included)).split('\n');
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
