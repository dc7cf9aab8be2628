/** A mild round of what `npx --yes pnpm@12 chaos` does for as long as it is asked to, and its exit status. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Chaos } from '../src/chaos.ts';
import { clients } from '../src/clients.ts';
import { places } from '../src/places.ts';
import { Random } from '../src/random.ts';

/** Those that last no longer than it takes to connect again: hours of all of them are for whoever watches. */
const MILD = [
  'SCRIPT FLUSH',
  'connections that listen are killed',
  'all connections are killed',
  'connections are cut',
  'streams are cut',
  'streams end',
  'cut-body',
  'short-body',
];
/** Those that one server on this machine is enough for. */
const fleets = ['standalone', 'upstash'].flatMap((place) =>
  Object.entries(clients[place] ?? {}).map(([client, open]) => [place, client, open] as const),
);
const LIMIT = { timeout: 120_000 };

test.each(fleets)('after mild faults everything is as it must be: %s, %s', LIMIT, async (name, _, open) => {
  await using place = await places[name]?.();
  if (place === undefined) throw new Error('there is no such place');
  const faults = Object.fromEntries(Object.entries(place.faults).filter(([fault]) => MILD.includes(fault)));
  const mild = { ...place, faults, [Symbol.asyncDispose]: () => Promise.resolve() };
  await using chaos = new Chaos({ place: mild, open, random: new Random(11), log: () => undefined });
  await chaos.ready();
  await chaos.round();
  expect(chaos.wrong).toEqual([]);
  expect([...chaos.faults.values()].reduce((sum, { made, failed }) => sum + made - failed, 0)).toBeGreaterThan(0);
});

test.each([
  [['standalone', 'ioredis', '--bogus'], {}, 2],
  [['constructor', 'toString'], {}, 2],
  [['sentinel', 'ioredis', '10'], {}, 2],
  [['upstash', 'ioredis'], {}, 2],
  [['standalone', 'ioredis', '--minutes', '0.01'], { REDIS_SERVER: '/no-such-server' }, 1],
])('%j ends with what it is worth', (args, env, status) => {
  const node = createRequire(import.meta.url).resolve('node/bin/node');
  const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const ended = spawnSync(node, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  expect(ended.status).toBe(status);
  expect(ended.stdout).toContain(status === 2 ? 'PLACE' : 'WRONG');
});
