/** Random histories over two handles, against a model written straight from the contract. `MODEL_SEED` repeats a run. */
import fc from 'fast-check';
import { test } from 'vitest';
import { Watcher } from '../src/conformance/tools.ts';
import { MemoryBackendRegistry, MemoryStore } from '../src/index.ts';
import { anyCommands, LEASE_MS } from './model/commands.ts';
import { Model } from './model/model.ts';

const START = 1_700_000_000_000;
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
console.info(`model-based tests: MODEL_SEED=${seed}`);

test('the memory registry does what the contract says, whatever is done to it', async () => {
  await fc.assert(
    fc.asyncProperty(anyCommands, async (commands) => {
      let now = START;
      const store = new MemoryStore({ now: () => now, maxTombstones: 3 });
      const handles = [0, 1].map(() => new MemoryBackendRegistry({ store, heartbeatTimeoutMs: LEASE_MS })) as [
        MemoryBackendRegistry,
        MemoryBackendRegistry,
      ];
      const real = {
        handles,
        advance(ms: number) {
          now += ms;
        },
      };
      const watchers = await Promise.all([
        Watcher.started(handles[0], { pollIntervalMs: 1 }),
        Watcher.started(handles[1], { pollIntervalMs: 1, metrics: true }),
      ]);
      try {
        await fc.asyncModelRun(() => ({ model: new Model(now), real }), commands);
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
