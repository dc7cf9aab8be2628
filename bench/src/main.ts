/**
 * `pnpm bench`: measures, prints, and with `--write` puts the tables into `docs/performance.md`.
 *
 * Options: `--only TEXT` measures the rows whose name has this text; `--write`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compare, type Result } from './measure.ts';
import { memoryRows, memoryUse } from './memory.ts';
import { limits, machine, memoryTable, table } from './report.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } });
const page = new URL('../../docs/performance.md', import.meta.url);

console.log(machine());
const use = await memoryUse();
const results: Result[] = [];
for (const row of await memoryRows()) {
  if (values.only !== undefined && !row.name.includes(values.only)) continue;
  console.error(`measuring: ${row.name}`);
  results.push(await compare(row));
}
console.log(`\n${table(results)}\n\n${memoryTable(use)}`);
if (values.write) {
  if (values.only !== undefined) throw new Error('--write takes everything: leave --only out');
  const measured = [`Measured on ${machine()}.`, table(results), memoryTable(use), 'The limits:', limits(results)].join(
    '\n\n',
  );
  const text = readFileSync(page, 'utf8');
  const [start, end] = ['<!-- memory: begin -->', '<!-- memory: end -->'];
  const [before, rest = ''] = text.split(start);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`docs/performance.md has lost the lines ${start} and ${end}`);
  writeFileSync(page, `${before}${start}\n${measured}\n${end}${after}`);
  console.log('\nwritten to docs/performance.md');
}
process.exit(0);
