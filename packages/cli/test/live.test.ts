import { setTimeout } from 'node:timers/promises';
import { createView, MemoryBackendRegistry, MemoryStore } from '@backend-registry/core';
import { expect, test } from 'vitest';
import type { Io } from '../src/io.ts';
import { hasSeen } from '../src/live.ts';

test('who waits for a store that is silent can be told to stop', async () => {
  let silent = true;
  const before = async (): Promise<void> => {
    while (silent) await setTimeout(5);
  };
  await using registry = new MemoryBackendRegistry({
    store: new MemoryStore({ faults: { before } }),
    commandTimeoutMs: 60_000,
  });
  const view = createView(registry);
  const stop = new AbortController();
  const seen = hasSeen(view, { signal: stop.signal } as Io);
  stop.abort();
  expect(await seen).toBe(false);
  silent = false;
  expect(await hasSeen(view, { signal: new AbortController().signal } as Io)).toBe(true);
  await view.close();
});
