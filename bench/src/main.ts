/**
 * `pnpm bench`: measures, prints, and with `--write` puts the tables into `docs/performance.md`. Each section runs in a process of its own, so that none
 * pays for what another has left behind.
 *
 * Options: `--section NAME` measures that one only; `--only TEXT` measures the rows whose name has this text; `--full` repeats as often as the promises
 * say; `--write`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { blocking } from './blocking.ts';
import { cli } from './cli.ts';
import { crash } from './crash.ts';
import { foreign } from './foreign.ts';
import { idle } from './idle.ts';
import { memory } from './memory.ts';
import { redis } from './redis.ts';
import { machine } from './report.ts';
import type { Section } from './section.ts';
import { soak } from './soak.ts';
import { upstash } from './upstash.ts';
import { watch } from './watch.ts';

const sections: Readonly<Record<string, Section>> = {
  memory,
  redis,
  upstash,
  watch,
  soak,
  crash,
  foreign,
  blocking,
  idle,
  cli,
};

const { values } = parseArgs({
  options: {
    section: { type: 'string' },
    only: { type: 'string' },
    full: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const { section, only, full } = values;
if (values.write && only !== undefined) throw new Error('--write takes whole sections: leave --only out');

if (section === undefined) {
  console.log(machine());
  for (const name of Object.keys(sections)) {
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--section', name];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`The section ${name} failed`);
  }
} else {
  const measure = sections[section];
  if (measure === undefined) throw new Error(`--section is one of ${Object.keys(sections).join(', ')}`);
  const text = await measure({ wanted: (row) => only === undefined || row.includes(only), full });
  if (text !== undefined) console.log(`\n## ${section}\n\n${text}`);
  if (text !== undefined && values.write) write(section, `Measured on ${machine()}.\n\n${text}`);
  process.exit(0);
}

/** Puts text between the marks of a section. */
function write(name: string, text: string): void {
  const page = new URL('../../docs/performance.md', import.meta.url);
  const [start, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [before, rest = ''] = readFileSync(page, 'utf8').split(start);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`docs/performance.md has lost the lines ${start} and ${end}`);
  writeFileSync(page, `${before}${start}\n${text}\n${end}${after}`);
  console.log('\nwritten to docs/performance.md');
}
