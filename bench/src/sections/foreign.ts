/** What a million keys of other programs in the same database cost. */
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from '../clients.ts';
import { percentile, type Spread, spread } from '../measure.ts';
import { markdown, ms, target } from '../report.ts';
import type { Asked, Section } from '../section.ts';

const FLEET = 1_000;
const FOREIGN = 1_000_000;
const AT_ONCE = 1_000;
const ROUNDS = 2;
const ROUNDS_IN_FULL = 7;
const MOST = 1.2;

interface Work {
  readonly name: string;
  readonly calls: number;
  /** Before each pair of calls, unmeasured. */
  before(): Promise<unknown>;
  alone(): Promise<unknown>;
  among(): Promise<unknown>;
}

interface Row {
  readonly name: string;
  readonly aloneMs: number;
  readonly amongMs: number;
  readonly ratio: Spread;
}

export const foreign: Section<Row[]> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Row[] | undefined> {
  const [empty, crowded] = [await startStandalone(), await startStandalone()];
  const works: Work[] = [];
  for (const library of libraries) works.push(...(await worksOf(library, empty, crowded)));
  const chosen = works.filter(({ name }) => wanted(name));
  if (chosen.length === 0) return undefined;
  await crowd(crowded);
  const rows: Row[] = [];
  for (const work of chosen) {
    console.error(`measuring: ${work.name}`);
    const { alone, among, ratio } = await compare(work, full ? ROUNDS_IN_FULL : ROUNDS);
    rows.push({ name: work.name, aloneMs: alone, amongMs: among, ratio });
  }
  return rows;
}

function text(rows: readonly Row[]): string {
  const head = ['work', 'alone: ms', 'among a million keys: ms', 'times as long (lowest – highest)', 'target'];
  return markdown(
    head,
    rows.map(({ name, aloneMs, amongMs, ratio }) => [
      name,
      ms(aloneMs),
      ms(amongMs),
      `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} – ${ratio.high.toFixed(2)})`,
      target(`≤ ${MOST}`, ratio.median <= MOST),
    ]),
  );
}

async function crowd(server: RedisServer): Promise<void> {
  console.error(`writing ${FOREIGN.toLocaleString('en')} foreign keys`);
  const client = await libraries[0]?.connect(server.url);
  for (let n = 0; n < FOREIGN; n += AT_ONCE) {
    const pairs = Array.from({ length: AT_ONCE }, (_, i) => [`session:${n + i}`, 'x'.repeat(100)]);
    await client?.mset(pairs.flat());
  }
  client?.close();
}

async function worksOf({ name, open }: Library, empty: RedisServer, crowded: RedisServer): Promise<Work[]> {
  const fleet = Array.from({ length: FLEET }, (_, n) => ({ url: 'http://10.0.0.1', port: 1 + n }));
  const options = { ...LASTING, keyPrefix: `${name}:` };
  const [alone, among] = [open(empty.url, options), open(crowded.url, options)];
  for (const registry of [alone, among]) await registry.registerAll(fleet);
  const lists = { alone: () => alone.listBackends(), among: () => among.listBackends() };
  const size = FLEET.toLocaleString('en');
  let weight = 1;
  const changeAll = async () => {
    weight += 1;
    const changed = fleet.map((backend) => ({ ...backend, weight }));
    for (const registry of [alone, among]) await registry.registerAll(changed);
  };
  return [
    {
      ...lists,
      name: `${name}: listBackends of ${size}, nothing changed`,
      calls: 1_000,
      before: () => Promise.resolve(),
    },
    { ...lists, name: `${name}: listBackends of ${size}, all changed`, calls: 10, before: changeAll },
  ];
}

/** Call by call in turn, so that a machine whose speed drifts does so for both. */
async function compare(
  { calls, before, alone, among }: Work,
  most: number,
): Promise<{ alone: number; among: number; ratio: Spread }> {
  const rounds: { alone: number; among: number }[] = [];
  // The first warms up.
  for (let round = 0; round <= most; round += 1) {
    const times = { alone: [] as number[], among: [] as number[] };
    for (let call = 0; call < calls; call += 1) {
      await before();
      times.alone.push(await timed(alone));
      times.among.push(await timed(among));
    }
    const medians = { alone: percentile(times.alone, 0.5), among: percentile(times.among, 0.5) };
    if (round > 0) rounds.push(medians);
  }
  const over = (what: 'alone' | 'among') => spread(rounds.map((round) => round[what])).median;
  return {
    alone: over('alone'),
    among: over('among'),
    ratio: spread(rounds.map((round) => round.among / round.alone)),
  };
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await call();
  return performance.now() - began;
}
