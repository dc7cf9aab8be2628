/** Compares a page with what its commands print. */
import { describe, expect, test } from 'vitest';
import { blurred } from './blur.ts';
import { type Example, Page } from './page.ts';
import { Shell } from './shell.ts';
import { type Prepare, Stage } from './stage.ts';

/** `PAGES=update` writes what is printed into the pages. */
const isUpdate = process.env.PAGES === 'update';

/** Runs every command of the page on real servers, each section in the state that it is about. */
export function checkPage(name: string, stages: Readonly<Record<string, Prepare>>): void {
  const page = new Page(name);
  const sections = new Map<string, Example[]>();
  for (const example of page.examples())
    sections.set(example.section, [...(sections.get(example.section) ?? []), example]);

  test(`every section of ${name} with commands is prepared, and no command stands there without its output`, () => {
    expect([...sections.keys()].sort()).toEqual(Object.keys(stages).sort());
    // The two at the top say where to begin.
    expect(page.text.split(/^## /m).slice(1).join('')).not.toMatch(/^```sh\n(backend-registry|redis-cli)\b/m);
  });

  describe(`commands of ${name} print what stands there:`, { concurrent: true }, () => {
    test.for([...sections])('%s', async ([section, examples], { expect }) => {
      await using stage = new Stage();
      const shell = await Shell.open(stage.folder, (await stages[section]?.(stage)) ?? {});
      const printed: string[][] = [];
      for (const example of examples) printed.push(await shell.run(example.command, linesOf(example)));
      const found = printed.map((lines, n) => ({ command: examples[n]?.command, output: lines.map(blurred) }));
      const shown = examples.map(({ command, output }) => ({ command, output: output.map(blurred) }));
      if (isUpdate && JSON.stringify(found) !== JSON.stringify(shown)) page.write(section, printed);
      else expect(found).toEqual(shown);
    });
  });
}

/** A watch has no end of its own: as many as the page shows, a snapshot and two changes to begin with. */
function linesOf({ command, output }: Example): number | undefined {
  return command.startsWith('backend-registry watch') ? Math.max(3, output.length) : undefined;
}
