import { MemoryBackendRegistry } from '@backend-registry/core';
import { expect, test } from 'vitest';
import { leastInFlight } from '../src/pick.ts';

async function backends(...weights: number[]) {
  await using registry = new MemoryBackendRegistry();
  await registry.registerAll(weights.map((weight, at) => ({ url: 'http://10.0.0.1', port: 8_001 + at, weight })));
  return registry.listBackends();
}

const DRAWS = 40_000;
/** Five standard deviations of a share of one half: missed by chance once in some millions of runs. */
const TOLERANCE = (5 * 0.5) / Math.sqrt(DRAWS);

test('idle backends get traffic by their weight', async () => {
  const [light, heavy] = await backends(1, 3);
  let drawn = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    if (
      leastInFlight(
        [light, heavy].filter((backend) => backend !== undefined),
        () => 0,
      ) === heavy
    )
      drawn += 1;
  }
  expect(Math.abs(drawn / DRAWS - 0.75)).toBeLessThan(TOLERANCE);
});

test('of two, the one with fewer requests for its weight is taken unless only the other was drawn', async () => {
  const two = await backends(1, 1);
  let drawn = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    if (leastInFlight(two, ({ port }) => (port === 8_001 ? 9 : 0)) === two[1]) drawn += 1;
  }
  expect(Math.abs(drawn / DRAWS - 0.75)).toBeLessThan(TOLERANCE);
});

test('a backend of weight 0 gets nothing', async () => {
  const two = await backends(0, 1);
  for (let draw = 0; draw < 1_000; draw += 1) expect(leastInFlight(two, () => 5)).toBe(two[1]);
  expect(leastInFlight(two.slice(0, 1), () => 0)).toBeUndefined();
});
