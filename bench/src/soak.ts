/** Whether a watcher misses anything, or is told anything twice, while its connections are cut. */
import { soak as run } from '@backend-registry/redis-harness/soak';
import { LASTING, libraries } from './clients.ts';
import { count, markdown, target } from './report.ts';
import type { Section } from './section.ts';

const CHANGES = 10_000;
const CHANGES_IN_FULL = 100_000;
const CUTS = 10;

export const soak: Section = async ({ wanted, full }) => {
  const rows: string[][] = [];
  for (const { name, open } of libraries) {
    const row = `${name}: four writers, one watcher`;
    if (!wanted(row)) continue;
    console.error(`measuring: ${row}`);
    const changes = full ? CHANGES_IN_FULL : CHANGES;
    const soaked = await run({ changes, cuts: CUTS, open: (url) => open(url, LASTING) });
    const { chain, listed, watched } = soaked;
    const told = new Map(watched.map(({ id, version }) => [id, version]));
    const missed = listed.filter(({ id, version }) => told.get(id) !== version).length;
    const events = chain.counts.registered + chain.counts.updated + chain.counts.removed;
    rows.push([
      row,
      count(soaked.changes),
      String(soaked.cuts),
      count(events),
      String(missed + Math.abs(watched.length - listed.length)),
      String(chain.faults.length),
      target('0 and 0', missed === 0 && watched.length === listed.length && chain.faults.length === 0),
    ]);
    for (const fault of chain.faults.slice(0, 10)) console.error(fault);
  }
  const head = [
    'soak',
    'changes',
    'cuts',
    'events',
    'backends not as listed',
    'events twice or out of order',
    'target',
  ];
  return rows.length === 0 ? undefined : markdown(head, rows);
};
