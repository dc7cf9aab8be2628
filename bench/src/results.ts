/**
 * What was measured, as JSON: `bench/results/NAME.json`, one file for each section, beside the code that wrote it. Pages and plots are made of these files and
 * nothing else, so whoever doubts a figure finds where it is from, and a change of words needs no new measurement.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface Measured<Data = unknown> {
  readonly section: string;
  /** In UTC. */
  readonly day: string;
  readonly machine: string;
  /** What was measured: a {@link commit}. Old results have none. */
  readonly commit?: string;
  /** Whether it took its time. */
  readonly full: boolean;
  readonly data: Data;
}

/** What pages are made of. */
export const RESULTS: string = fileURLToPath(new URL('../results/', import.meta.url));
/** Of runs that nobody wants to keep. */
export const LAST: string = fileURLToPath(new URL('../node_modules/.cache/results/', import.meta.url));

export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where the code is that is measured, and that which measures: ours, the gateway, the servers and the bridge. */
const MEASURED = ['packages', 'bench/src', 'examples/cloudflare-worker', 'tooling'];

/** The commit of sources that no git knows. */
export const UNKNOWN = 'unknown';

/** Of the sources as they are now, with a `+` where what is measured or measures has changed since. */
export function commit(): string {
  try {
    const changed = git('status', '--porcelain', '--', ...MEASURED) !== '';
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return UNKNOWN;
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** What was found, by which sources. */
export function keep(folder: string, found: Required<Pick<Measured, 'section' | 'commit' | 'full' | 'data'>>): string {
  mkdirSync(folder, { recursive: true });
  const { section, commit, full, data } = found;
  const day = new Date().toISOString().slice(0, 10);
  const measured: Measured = { section, day, machine: machine(), commit, full, data };
  const file = `${folder}${section}.json`;
  writeFileSync(file, `${JSON.stringify(measured, rounded, 1)}\n`);
  return file;
}

/** Six digits are more than any of it is worth. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

/** All that is there, by its section. */
export function readResults(folder: string = RESULTS): ReadonlyMap<string, Measured> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files.map((file): [string, Measured] => {
      const measured = JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));
      return [measured.section, measured];
    }),
  );
}
