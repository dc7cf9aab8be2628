/** Random histories over two handles, against a model written straight from the contract. `MODEL_SEED` repeats a run. */
import { anyCall } from '@backend-registry/histories';
import fc from 'fast-check';
import { test } from 'vitest';
import { Watcher } from '../src/conformance/tools.ts';
import { MemoryBackendRegistry, MemoryStore } from '../src/index.ts';
import { check, LEASE_MS } from './model/calls.ts';
import { Model } from './model/model.ts';

const START = 1_700_000_000_000;
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
console.info(`model-based tests: MODEL_SEED=${seed}`);

/** Time that passes: up to the end of a lease, beyond it, or nothing. */
const anyStep = fc.record({ advance: fc.constantFrom(0, 1, 9, 10, 499, 500, 999, 1_000, 6_000) });
const anyHistory = fc.array(
  fc.oneof({ weight: 5, arbitrary: anyCall([10, 500, 5_000]) }, { weight: 1, arbitrary: anyStep }),
  { maxLength: 60, size: 'max' },
);

test('the memory registry does what the contract says, whatever is done to it', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const model = new Model(START);
      const store = new MemoryStore({ now: () => model.now, maxTombstones: 3 });
      const handles = [0, 1].map(() => new MemoryBackendRegistry({ store, heartbeatTimeoutMs: LEASE_MS })) as [
        MemoryBackendRegistry,
        MemoryBackendRegistry,
      ];
      const watchers = await Promise.all([
        Watcher.started(handles[0], { pollIntervalMs: 1 }),
        Watcher.started(handles[1], { pollIntervalMs: 1, metrics: true }),
      ]);
      try {
        for (const each of history) {
          if ('advance' in each) model.now += each.advance;
          else await check(each, handles[each.handle], model);
        }
        // Whatever they missed or conflated on the way, in the end they know what the registry knows.
        await watchers[0].settled(handles[1]);
        await watchers[1].settled(handles[0], { metrics: true });
      } finally {
        for (const watcher of watchers) await watcher[Symbol.asyncDispose]();
        for (const handle of handles) await handle.close();
      }
    }),
    { numRuns: 300, seed, verbose: 1 },
  );
}, 60_000);
