/**
 * `pnpm bench`: measures, prints, and writes JSON. Each section runs in a process of its own, so that none pays for what another has left behind.
 *
 * `--help` says what may be asked. Ends with 1 where a section failed, and with 2 where it was asked what cannot be.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { argumentsFor, Mistake, type Options, readOptions, usage } from './options.ts';
import { write } from './pages.ts';
import { commit, keep, LAST, machine, RESULTS, readResults } from './results.ts';
import { long, sections } from './sections/index.ts';

const known = { all: Object.keys(sections), long };
/** How a process that measures one section ends where no row of it is wanted. */
const NO_ROW = 10;

try {
  await run(readOptions(process.argv.slice(2), known));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function run(options: Options): Promise<void> {
  if (options.help) console.log(usage(known));
  else if (options.pages) await write(readResults());
  else if (options.here) process.exit((await measured(options)) ? 0 : NO_ROW);
  else await runEach(options);
}

async function runEach(options: Options): Promise<void> {
  const { only, rows, full } = options;
  const names = only.length > 0 ? only : known.all.filter((name) => full || !long.has(name));
  console.log(machine());
  let any = false;
  for (const name of names) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), ...argumentsFor(name, options)];
    const { status, signal } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0 && status !== NO_ROW) {
      console.error(`The section ${name} failed${signal === null ? '' : `: ${signal}`}.`);
      process.exitCode = 1;
      return;
    }
    any ||= status === 0;
  }
  const left = only.length > 0 || full ? '' : `Left to --full and --only: ${[...long].join(', ')}`;
  if (!any)
    throw new Mistake(
      [
        `No row of ${names.join(', ')} has '${rows}' in its name: they are called as in the tables of docs/.`,
        ...(full ? [] : ['Some rows are measured with --full only.']),
        left,
      ]
        .join(' ')
        .trimEnd(),
    );
  if (options.write) await write(readResults());
  if (left !== '') console.log(`\n${left}`);
}

/** Whether there was something to measure. */
async function measured({ only: [name = ''], rows, full, write }: Options): Promise<boolean> {
  const section = sections[name];
  const at = commit();
  const data = await section?.measure({ wanted: (row) => rows === undefined || row.includes(rows), full });
  if (section === undefined || data === undefined) return false;
  console.log(`\n## ${name}\n\n${section.text(data)}`);
  console.log(`\nwritten to ${keep(write ? RESULTS : LAST, { section: name, commit: at, full, data })}`);
  return true;
}
