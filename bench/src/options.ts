/** What the command is asked to do: its arguments, and what is said of them. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Sections to measure; none is named: those of a default run. */
  readonly only: readonly string[];
  /** Rows are measured whose name has this text. Default: all. */
  readonly rows?: string | undefined;
  readonly full: boolean;
  readonly write: boolean;
  readonly pages: boolean;
  readonly help: boolean;
  /** What this process is to measure, and no other: how the command calls itself. */
  readonly here: boolean;
}

export interface Sections {
  readonly all: readonly string[];
  /** Left out of a default run. */
  readonly long: ReadonlySet<string>;
}

/** A mistake of whoever calls, in a line that says what to do. */
export class Mistake extends Error {
  override readonly name = 'Mistake';
}

/** Throws a {@link Mistake}. */
export function readOptions(args: readonly string[], { all }: Sections): Options {
  const { only, ...options } = parse(args);
  if (options.help) return { ...options, only: [] };
  const unknown = only.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new Mistake(`There is no section '${unknown}': --only takes one of ${all.join(', ')}.`);
  if (options.pages && (options.write || options.full || options.rows !== undefined || only.length > 0))
    throw new Mistake('--pages measures nothing: leave out --only, --rows, --full and --write.');
  if (options.write && options.rows !== undefined)
    throw new Mistake('--write keeps whole sections: leave out --rows, and choose with --only.');
  if (options.write && !options.full)
    throw new Mistake(
      '--write keeps what has taken its time, and would replace it by a short run: say --full as well.',
    );
  return { ...options, only: [...new Set(only)] };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        rows: { type: 'string' },
        full: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        pages: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        here: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Mistake(`${firstSentence(error.message)}: --help says what there is.`, { cause: error });
  }
}

/** What follows is advice for whoever wants to pass a text that begins with a dash. */
function firstSentence(text: string): string {
  return text.split(/\.(?:\s|$)/)[0] ?? text;
}

/** The arguments of a process that measures one section as it is asked here. */
export function argumentsFor(section: string, { rows, full, write }: Options): string[] {
  return [
    '--here',
    `--only=${section}`,
    ...(rows === undefined ? [] : [`--rows=${rows}`]),
    ...(full ? ['--full'] : []),
    ...(write ? ['--write'] : []),
  ];
}

export function usage({ all, long }: Sections): string {
  return `Measures, prints, and writes JSON: each section in a process of its own, one after the other.

  npx --yes pnpm@12 bench [--only SECTION]… [--rows TEXT] [--full]
  npx --yes pnpm@12 bench [--only SECTION]… --full --write
  npx --yes pnpm@12 bench --pages

  --only SECTION  measures this section only; may be given several times
  --rows TEXT     measures the rows whose name has this text
  --full          measures every section, as often as the promises say
  --write         keeps the results in bench/results, and makes the pages and plots of docs/ of them
  --pages         makes the pages and plots of the results that are kept, without measuring
  --help, -h      says this

Sections: ${all.filter((name) => !long.has(name)).join(', ')}.
With --full or --only: ${all.filter((name) => long.has(name)).join(', ')}.
What they measure and what came out: docs/performance.md, docs/peers.md, docs/scaling.md.`;
}
