/** How long it takes to move a registry: `backend-registry migrate` as a process, from its start to its end. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startStandalone } from '@backend-registry/redis-server';
import { LASTING, libraries } from '../clients.ts';
import { type Spread, spread } from '../measure.ts';
import { markdown, milliseconds, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const FLEET = 10_000;
const MOST_MS = 5_000;
const ROUNDS = 5;
const PROGRAM = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));
const ROW = `migrate ${FLEET.toLocaleString('en')} backends from one Redis to another, compared at the end`;
const AGAIN = '… once more: leases and changes';

interface Move {
  readonly first: Spread;
  readonly again: Spread;
}

export const move: Section<Move> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Move | undefined> {
  if (!wanted(ROW)) return undefined;
  await using source = await startStandalone();
  const [library] = libraries;
  if (library === undefined) throw new Error('There is no adapter to register with');
  await using registry = library.open(source.url, { ...LASTING, commandTimeoutMs: 60_000 });
  const at = (n: number) => ({
    url: `http://10.0.${n >> 8}.${n & 255}`,
    port: 8000,
    zone: 'eu-1',
    metadata: { team: 'search' },
  });
  await registry.registerAll(Array.from({ length: FLEET }, (_, n) => at(n)));
  const first: number[] = [];
  const again: number[] = [];
  // The first round warms the disk up.
  for (let round = 0; round <= (full ? 2 * ROUNDS : ROUNDS); round += 1) {
    await using destination = await startStandalone();
    const run = (): number => {
      const began = performance.now();
      const { status, stderr } = spawnSync(
        process.execPath,
        [PROGRAM, 'migrate', '--from', source.url, '--to', destination.url],
        { encoding: 'utf8' },
      );
      const ms = performance.now() - began;
      if (status !== 0) throw new Error(`migrate has failed: ${stderr}`);
      return ms;
    };
    console.error(`measuring: ${ROW}, round ${round}`);
    const [once, twice] = [run(), run()];
    if (round === 0) continue;
    first.push(once);
    again.push(twice);
  }
  return { first: spread(first), again: spread(again) };
}

function text({ first, again }: Move): string {
  return markdown(
    ['work', 'ms (lowest – highest)', 'target'],
    [
      [ROW, milliseconds(first), target('≤ 5 s', first.median <= MOST_MS)],
      [AGAIN, milliseconds(again), ''],
    ],
  );
}
