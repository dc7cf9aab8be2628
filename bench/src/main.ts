/**
 * `pnpm bench`: measures, prints, and writes JSON. Each section runs in a process of its own, so that none pays for what another has left behind.
 *
 * Options: `--only NAME` measures that section only; `--rows TEXT` measures the rows whose name has this text; `--full` repeats as often as the promises say;
 * `--write` keeps the results in `bench/results` and makes the pages and plots of `docs/` of them; `--pages` makes them without measuring.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { write } from './pages.ts';
import { keep, LAST, machine, RESULTS, readResults } from './results.ts';
import { long, sections } from './sections/index.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string' },
    full: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    pages: { type: 'boolean', default: false },
    /** What this process is to measure, and no other. */
    here: { type: 'boolean', default: false },
  },
});
const { only, rows, full, here } = values;
const names = only === undefined ? Object.keys(sections).filter((name) => full || !long.has(name)) : [only];
if (only !== undefined && sections[only] === undefined)
  throw new Error(`--only is one of ${Object.keys(sections).join(', ')}`);
if (values.write && rows !== undefined) throw new Error('--write takes whole sections: leave --rows out');

if (values.pages) {
  await write(readResults());
} else if (here) {
  for (const name of names) await measure(name);
  process.exit(0);
} else {
  console.log(machine());
  for (const name of names) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2), '--here'];
    const { status } = spawnSync(process.execPath, only === undefined ? [...args, '--only', name] : args, {
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`The section ${name} failed`);
  }
  if (values.write) await write(readResults());
  if (only === undefined && !full) console.log(`\nLeft to --full and --only: ${[...long].join(', ')}`);
}

async function measure(name: string): Promise<void> {
  const section = sections[name];
  const data = await section?.measure({ wanted: (row) => rows === undefined || row.includes(rows), full });
  if (section === undefined || data === undefined) return;
  console.log(`\n## ${name}\n\n${section.text(data)}`);
  console.log(`\nwritten to ${keep(values.write ? RESULTS : LAST, name, full, data)}`);
}
