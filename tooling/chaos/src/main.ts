// `npx --yes pnpm@12 chaos`: rounds of random faults, for as long as it is asked to. Ends with 1 where anything was wrong.
import { parseArgs } from 'node:util';
import { Chaos } from './chaos.ts';
import { clients } from './clients.ts';
import { places } from './places.ts';
import { Random } from './random.ts';

const HELP = `npx --yes pnpm@12 chaos PLACE CLIENT [--minutes N] [--seed N]

Fifteen backends and three proxies on a real Redis, random faults, and after each round the question whether the list, every view and every watch are the fleet.

  PLACE       ${Object.keys(places).join(', ')}
  CLIENT      ${Object.keys(clients).join(', ')}
  --minutes   how long rounds begin. Default: 5
  --seed      repeats the choices of another run, as far as time allows`;

const began = performance.now();
const log = (line: string) => console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
const wrong: string[] = [];
for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const)
  process.on(event, (what: unknown) => {
    log(`WRONG: ${event}: ${what}`);
    wrong.push(event);
  });

const { positionals, values } = parseArgs({
  args: process.argv.slice(2).filter((each) => each !== '--'),
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [start, open] = [places[positionals[0] ?? ''], clients[positionals[1] ?? '']];
const [minutes, seed] = [Number(values.minutes), Number(values.seed ?? Date.now() % 1e6)];
if (values.help || start === undefined || open === undefined || !(minutes > 0) || !Number.isInteger(seed)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

log(`seed ${seed}`);
await using place = await start();
const chaos = new Chaos({ place, open, random: new Random(seed), log });
await chaos.ready();
while (performance.now() - began < minutes * 60_000) await chaos.round();
await chaos.close();
wrong.push(...chaos.wrong);
log(wrong.length === 0 ? 'nothing was wrong' : `${wrong.length} wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
