/**
 * `pnpm bench`: measures, prints, and with `--write` puts the tables into `docs/performance.md`.
 *
 * Options: `--only TEXT` measures the rows whose name has this text; `--write`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startStandalone } from '@backend-registry/redis-server';
import { compare, type Result, type Row } from './measure.ts';
import { memoryRows, memoryUse } from './memory.ts';
import { redisRows } from './redis.ts';
import { limits, machine, memoryTable, table } from './report.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } });
if (values.write && values.only !== undefined) throw new Error('--write takes everything: leave --only out');
const page = new URL('../../docs/performance.md', import.meta.url);

console.log(machine());
const use = await memoryUse();
const memory = await measured(await memoryRows());
console.log(`\n${table(memory)}\n\n${memoryTable(use)}`);
const server = await startStandalone();
const redis = await redisRows(server);
const overRedis = await measured(redis.rows);
console.log(`\n${table(overRedis)}`);
await redis.close();
await server[Symbol.asyncDispose]();

if (values.write) {
  write(
    'memory',
    [`Measured on ${machine()}.`, table(memory), memoryTable(use), 'The limits:', limits(memory)].join('\n\n'),
  );
  write('redis', [`Measured on ${machine()}.`, table(overRedis), 'The limits:', limits(overRedis)].join('\n\n'));
  console.log('\nwritten to docs/performance.md');
}
process.exit(0);

async function measured(rows: readonly Row[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    if (values.only !== undefined && !row.name.includes(values.only)) continue;
    console.error(`measuring: ${row.name}`);
    results.push(await compare(row));
  }
  return results;
}

/** Puts text between the marks of a section. */
function write(section: string, text: string): void {
  const [start, end] = [`<!-- ${section}: begin -->`, `<!-- ${section}: end -->`];
  const [before, rest = ''] = readFileSync(page, 'utf8').split(start);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`docs/performance.md has lost the lines ${start} and ${end}`);
  writeFileSync(page, `${before}${start}\n${text}\n${end}${after}`);
}
