// `npx --yes pnpm@12 chaos`: rounds of random faults, for as long as it is asked to. Ends with 1 where anything was wrong, and with 2 where it is not understood.
import { parseArgs } from 'node:util';
import { Chaos } from './chaos.ts';
import { clients, type Open } from './clients.ts';
import { type Place, places } from './places.ts';
import { Random } from './random.ts';

const HELP = `npx --yes pnpm@12 chaos PLACE CLIENT [--minutes N] [--seed N]

Fifteen backends and three proxies on a real Redis, by its clients or over HTTP, random faults, and after each round the question whether the list, every view and every watch are the fleet.

  PLACE       ${Object.keys(places).join(', ')}
  CLIENT      ${Object.keys({ ...clients.standalone, ...clients.upstash }).join(', ')}; the last two are for upstash
  --minutes   how long rounds begin. Default: 5
  --seed      repeats the choices of another run, as far as time allows`;

const began = performance.now();
const log = (line: string) => console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
const wrong: string[] = [];
const isWrong = (what: string) => {
  log(`WRONG: ${what}`);
  wrong.push(what);
};

const asked = read(process.argv.slice(2).filter((each) => each !== '--'));
if (asked === undefined) {
  console.log(HELP);
  process.exit(2);
}
for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const)
  process.on(event, (what: unknown) => isWrong(`${event}: ${what}`));
try {
  await run(asked);
} catch (error) {
  isWrong(String(error));
}
log(wrong.length === 0 ? 'nothing was wrong' : `${wrong.length} wrong`);
// Whatever is still open: after a failure, handles of servers that are gone.
process.exit(wrong.length === 0 ? 0 : 1);

interface Asked {
  readonly start: () => Promise<Place>;
  readonly open: Open;
  readonly minutes: number;
  readonly seed: number;
}

async function run({ start, open, minutes, seed }: Asked): Promise<void> {
  log(`seed ${seed}`);
  await using place = await start();
  await using chaos = new Chaos({ place, open, random: new Random(seed), log });
  await chaos.ready();
  while (performance.now() - began < minutes * 60_000) await chaos.round();
  for (const [name, { made, failed }] of chaos.faults) {
    log(`${name}: ${made} times${failed > 0 ? `, of which ${failed} came to nothing` : ''}`);
    if (made > 2 && failed === made) isWrong(`${name} always comes to nothing`);
  }
  // What it has found is logged already.
  wrong.push(...chaos.wrong);
}

/** `undefined` where it is not understood. */
function read(args: string[]): Asked | undefined {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
    });
    const [place = '', client = ''] = positionals;
    const start = Object.hasOwn(places, place) ? places[place] : undefined;
    const opens = clients[place] ?? {};
    const open = Object.hasOwn(opens, client) ? opens[client] : undefined;
    const [minutes, seed] = [Number(values.minutes), Number(values.seed ?? Date.now() % 1e6)];
    if (positionals.length !== 2 || !start || !open || !(minutes > 0) || !Number.isInteger(seed)) return undefined;
    return { start, open, minutes, seed };
  } catch {
    return undefined;
  }
}
