/**
 * The pages for operators show what is printed: every command of theirs runs on real servers, in the state that its section is about.
 *
 * `vitest --update` writes what was printed into the pages.
 */
import { describe, expect, test } from 'vitest';
import { blurred } from './pages/blur.ts';
import { OPERATIONS } from './pages/operations.ts';
import { type Example, Page } from './pages/page.ts';
import { Shell } from './pages/shell.ts';
import { Stage } from './pages/stage.ts';
import { TROUBLESHOOTING } from './pages/troubleshooting.ts';

const isUpdate = process.argv.some((arg) => arg === '--update' || arg === '-u') || process.env.PAGES === 'update';

describe.each([
  ['operations.md', OPERATIONS],
  ['troubleshooting.md', TROUBLESHOOTING],
])('%s', (name, stages) => {
  const page = new Page(name);
  const sections = Map.groupBy(page.examples(), ({ section }) => section);

  test('has a stage for each section with commands, and shows the output of each', () => {
    expect([...sections.keys()]).toEqual(Object.keys(stages));
    // Below the two that the page begins with.
    expect(page.text.split(/^## /m).slice(1).join('')).not.toMatch(/^```sh\n(backend-registry|redis-cli) /m);
  });

  test.for([...sections])('%s', async ([section, examples]) => {
    await using stage = new Stage();
    const ports = await stages[section]?.(stage);
    const shell = await Shell.open(stage.folder, ports ?? {});
    const printed: string[][] = [];
    for (const example of examples) printed.push(await shell.run(example.command, linesOf(example)));
    const isSame = JSON.stringify(printed.map(blurAll)) === JSON.stringify(examples.map(({ output }) => blurAll(output)));
    if (isUpdate && !isSame) page.write(section, printed);
    else
      for (const [n, { command, output }] of examples.entries())
        expect.soft(blurAll(printed[n] ?? []), command).toEqual(blurAll(output));
  });
});

/** A watch has no end of its own. */
function linesOf({ command, output }: Example): number | undefined {
  return command.startsWith('backend-registry watch') ? Math.max(3, output.length) : undefined;
}

function blurAll(lines: readonly string[]): string[] {
  return lines.map(blurred);
}
