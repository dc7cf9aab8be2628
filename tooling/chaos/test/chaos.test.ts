/** A round of what `npx --yes pnpm@12 chaos` does for as long as it is asked to. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Chaos } from '../src/chaos.ts';
import { clients } from '../src/clients.ts';
import { places } from '../src/places.ts';
import { Random } from '../src/random.ts';

test.each(Object.entries(clients))('after faults everything is as it must be: %s', async (_, open) => {
  await using place = await places.standalone?.();
  if (place === undefined) throw new Error('there is no such place');
  await using chaos = new Chaos({ place, open, random: new Random(11), log: () => undefined });
  await chaos.ready();
  await chaos.round();
  expect(chaos.wrong).toEqual([]);
  expect([...chaos.faults.values()].every(({ failed }) => failed === 0)).toBe(true);
});

test.each([
  [['standalone', 'ioredis', '--bogus'], {}, 2],
  [['constructor', 'toString'], {}, 2],
  [['sentinel', 'ioredis', '10'], {}, 2],
  [['standalone', 'ioredis', '--minutes', '0.01'], { REDIS_SERVER: '/no-such-server' }, 1],
])('%j ends with what it is worth', (args, env, status) => {
  const node = createRequire(import.meta.url).resolve('node/bin/node');
  const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const ended = spawnSync(node, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  expect(ended.status).toBe(status);
  expect(ended.stdout).toContain(status === 2 ? 'PLACE' : 'WRONG');
});
