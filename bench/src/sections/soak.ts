/** Whether a watcher misses anything, or is told anything twice, while its connections are cut. */
import { soak as run } from '@backend-registry/redis-harness/soak';
import { LASTING, libraries } from '../clients.ts';
import { count, markdown, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const CHANGES = 10_000;
const CHANGES_IN_FULL = 100_000;
const CUTS = 10;

interface Row {
  readonly name: string;
  readonly changes: number;
  readonly cuts: number;
  readonly events: number;
  /** Backends that the watcher has otherwise than the list. */
  readonly missed: number;
  /** Events that came twice, or do not follow from what was told before. */
  readonly faults: number;
}

export const soak: Section<Row[]> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const rows: Row[] = [];
  for (const { name, open } of libraries) {
    const row = `${name}: four writers, one watcher`;
    if (!wanted(row)) continue;
    console.error(`measuring: ${row}`);
    const changes = full ? CHANGES_IN_FULL : CHANGES;
    const soaked = await run({ changes, cuts: CUTS, open: (url) => open(url, LASTING) });
    const { chain, listed, watched } = soaked;
    const told = new Map(watched.map(({ id, version }) => [id, version]));
    const otherwise = listed.filter(({ id, version }) => told.get(id) !== version).length;
    const events = chain.counts.registered + chain.counts.updated + chain.counts.removed;
    rows.push({
      name: row,
      changes: soaked.changes,
      cuts: soaked.cuts,
      events,
      missed: otherwise + Math.abs(watched.length - listed.length),
      faults: chain.faults.length,
    });
    for (const fault of chain.faults.slice(0, 10)) console.error(fault);
  }
  return rows.length === 0 ? undefined : rows;
}

function text(rows: readonly Row[]): string {
  const head = [
    'soak',
    'changes',
    'cuts',
    'events',
    'backends not as listed',
    'events twice or out of order',
    'target',
  ];
  return markdown(
    head,
    rows.map(({ name, changes, cuts, events, missed, faults }) => [
      name,
      count(changes),
      String(cuts),
      count(events),
      String(missed),
      String(faults),
      target('0 and 0', missed === 0 && faults === 0),
    ]),
  );
}
