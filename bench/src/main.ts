/**
 * `pnpm bench`: measures, prints, and writes JSON. Each section runs in a process of its own, so that none pays for what another has left behind.
 *
 * `--help` says what may be asked. Ends with 1 where a section failed, and with 2 where it was asked what cannot be.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  const ended = new Map<string, Outcome>();
  for (const name of names) {
    const outcome = await runSection(name, options);
    ended.set(name, outcome);
    if (outcome.failed !== undefined) console.error(`The section ${name} failed${outcome.failed}.`);
  }
  const outcomes = [...ended.values()];
  const left = only.length > 0 || full ? '' : `Left to --full and --only: ${[...long].join(', ')}`;
  if (outcomes.some(({ failed }) => failed !== undefined)) process.exitCode = 1;
  else if (!outcomes.some(({ measured }) => measured)) {
    const there = only.length > 0 ? only.map((name) => `${name} has: ${ended.get(name)?.rows.join(', ')}.`) : [left];
    throw new Mistake([`No row of ${names.join(', ')} has '${rows}' in its name.`, ...there].join('\n').trimEnd());
  }
  if (options.write) await write(readResults());
  if (left !== '') console.log(`\n${left}`);
}

/** How a process that measures one section has ended. */
interface Outcome {
  readonly measured: boolean;
  /** Of all that it could have measured. */
  readonly rows: readonly string[];
  /** How, where it did; the empty text where nothing more is known. */
  readonly failed?: string;
}

async function runSection(name: string, options: Options): Promise<Outcome> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...argumentsFor(name, options)];
  const child = spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  let rows: readonly string[] = [];
  child.on('message', (names) => {
    rows = names as readonly string[];
  });
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (status === 0 || status === NO_ROW) return { measured: status === 0, rows };
  return { measured: false, rows, failed: signal === null ? '' : `: ${signal}` };
}

/** Whether there was something to measure. */
async function measured({ only: [name = ''], rows, full, write }: Options): Promise<boolean> {
  // Whoever has called has ended: nobody waits for what this would find.
  process.once('disconnect', () => process.exit(1));
  const section = sections[name];
  const at = commit();
  const asked = new Set<string>();
  const wanted = (row: string) => {
    asked.add(row);
    return rows === undefined || row.includes(rows);
  };
  const data = await section?.measure({ wanted, full });
  if (section === undefined || data === undefined) {
    await new Promise((sent) => (process.send === undefined ? sent(null) : process.send([...asked], sent)));
    return false;
  }
  console.log(`\n## ${name}\n\n${section.text(data)}`);
  console.log(`\nwritten to ${keep(write ? RESULTS : LAST, { section: name, commit: at, full, data })}`);
  return true;
}
