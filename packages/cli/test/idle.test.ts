import { MemoryBackendRegistry, MemoryStore } from '@backend-registry/core';
import { expect, test } from 'vitest';
import { untilIdle } from '../src/idle.ts';

test('what was seen last is not what is, where the store has gone away meanwhile', async () => {
  let down = false;
  let looks = 0;
  const before = (): void => {
    if (down && ++looks > 1) throw new Error('down');
  };
  await using registry = new MemoryBackendRegistry({ store: new MemoryStore({ faults: { before } }) });
  const { backend } = await registry.register({ url: 'http://10.0.0.1', inFlightRequests: 5 });
  await registry.drain(backend);
  // After the first look.
  down = true;
  expect(await untilIdle(registry, backend, 2_000, new AbortController().signal)).toEqual({
    status: 'unanswered',
    inFlight: 5,
  });
  expect(looks).toBeGreaterThan(1);
});
