/** `docs/redis-layout.md`, taken apart: its tables and its examples. */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../../docs/redis-layout.md', import.meta.url), 'utf8');

/** The table under a heading, a list of cells for each row. */
export function tableUnder(heading: string): string[][] {
  return sectionOf(heading)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.replaceAll('`', '').trim()),
    );
}

/** The lines of the block under a heading. */
export function linesUnder(heading: string): string[] {
  const [, block = ''] = /^```text\n(.*?)^```$/ms.exec(sectionOf(heading)) ?? [];
  return block.trimEnd().split('\n');
}

/** The commands under a heading, each with the lines of its reply. */
export function examplesUnder(heading: string): { command: string[]; reply: string[] }[] {
  const [, block = ''] = /^```text\n(.*?)^```$/ms.exec(sectionOf(heading)) ?? [];
  return block
    .split(/^> /m)
    .filter((example) => example !== '')
    .map((example) => {
      const [command = '', ...reply] = example.trimEnd().split('\n');
      return { command: command.split(' '), reply };
    });
}

function sectionOf(heading: string): string {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/redis-layout.md has no section "${heading}"`);
  return section;
}
