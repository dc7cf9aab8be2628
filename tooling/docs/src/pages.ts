/** The pages of the project: their snippets and their links. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Snippet {
  /** Where it stands: `README.md:31`. */
  readonly at: string;
  readonly code: string;
}

/** Every Markdown page that git knows or would take. */
export function pages(): Page[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
}

/** The programs of a page: each block of TypeScript is one, whole. */
export function snippets({ path, text }: Page): Snippet[] {
  const found: Snippet[] = [];
  for (const match of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    const line = text.slice(0, match.index).split('\n').length + 1;
    found.push({ at: `${path}:${line}`, code: match[1] ?? '' });
  }
  return found;
}

/** The relative links of a page, without their anchors. */
export function links({ text }: Page): string[] {
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .map((target) => target.replace(/#.*$/, ''));
}
