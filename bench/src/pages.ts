/** The generated parts of `docs/`: what stands between the marks `<!-- NAME: begin -->` and `<!-- NAME: end -->`, and the plots. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { plots } from './plots.ts';
import { type Measured, UNKNOWN } from './results.ts';
import { sections } from './sections/index.ts';
import { summaries } from './summaries.ts';

export const DOCS: string = fileURLToPath(new URL('../../docs/', import.meta.url));
const PLOTS = 'plots/';
const PAGES = ['performance.md', 'peers.md', 'scaling.md'];

const MARK = /<!-- ([\w-]+): begin -->\n[\s\S]*?<!-- \1: end -->/g;

/** Each file that has something generated in it, by its path from `docs/`, as it should be. */
export async function generate(results: ReadonlyMap<string, Measured>): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const page of PAGES) {
    const text = readFileSync(`${DOCS}${page}`, 'utf8');
    const generated = (name: string) => `<!-- ${name}: begin -->\n${block(name, results)}\n<!-- ${name}: end -->`;
    files.set(
      page,
      text.replace(MARK, (_, name: string) => generated(name)),
    );
  }
  for (const [name, svg] of await plots(results)) files.set(`${PLOTS}${name}.svg`, svg);
  return files;
}

export async function write(results: ReadonlyMap<string, Measured>): Promise<void> {
  mkdirSync(`${DOCS}${PLOTS}`, { recursive: true });
  for (const [file, text] of await generate(results)) writeFileSync(`${DOCS}${file}`, text);
}

function block(name: string, results: ReadonlyMap<string, Measured>): string {
  const summary = summaries[name];
  if (summary !== undefined) return summary(results);
  const [section, measured] = [sections[name], results.get(name)];
  if (section === undefined) throw new Error(`A page of docs/ has marks for ${name}, which is no section of the bench`);
  if (measured === undefined) return `Not measured yet: \`npx --yes pnpm@12 bench --full --only ${name} --write\`.`;
  const how = measured.full ? '' : ', a short run';
  return `Measured on ${measured.machine}, ${measured.day}${sourcesOf(measured)}${how}.\n\n${section.text(measured.data)}`;
}

function sourcesOf({ commit }: Measured): string {
  if (commit === undefined) return '';
  if (commit === UNKNOWN) return ', at an unknown commit';
  return commit.endsWith('+') ? `, at commit ${commit.slice(0, -1)} with changes` : `, at commit ${commit}`;
}
