/** A round of what `npx --yes pnpm@12 chaos` does for as long as it is asked to. */
import { expect, test } from 'vitest';
import { Chaos } from '../src/chaos.ts';
import { clients } from '../src/clients.ts';
import { places } from '../src/places.ts';
import { Random } from '../src/random.ts';

test.each(Object.entries(clients))('after faults everything is as it must be: %s', async (_, open) => {
  await using place = await places.standalone?.();
  if (place === undefined) throw new Error('there is no such place');
  const chaos = new Chaos({ place, open, random: new Random(11), log: () => undefined });
  await chaos.ready();
  await chaos.round();
  await chaos.close();
  expect(chaos.wrong).toEqual([]);
});
