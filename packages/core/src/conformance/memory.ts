/** The memory registry as the suite sees it: the pattern for an adapter's own harness. */
import { type DecodedDocument, decodeDocument } from '../codec.ts';
import type { BackendRegistry, RegistryOptions } from '../contract.ts';
import { MemoryBackendRegistry, MemoryStore } from '../index.ts';
import type { Space } from '../memory/space.ts';
import type { ConformanceHarness } from './harness.ts';

/** Opens memory registries on a clock that the suite moves, with every fault that a store in this process can have. */
export function memoryHarness(): ConformanceHarness {
  return {
    name: 'memory',
    async open({ keyPrefix, heartbeatTimeoutMs }) {
      let now = 1_700_000_000_000;
      let before: ((operation: string) => void | Promise<void>) | undefined;
      let after: ((operation: string) => void) | undefined;
      const store = new MemoryStore({
        now: () => now,
        faults: { before: (operation) => before?.(operation), after: (operation) => after?.(operation) },
      });
      const handles: BackendRegistry[] = [];
      const open = (options: RegistryOptions = {}) => {
        const handle = new MemoryBackendRegistry({ store, keyPrefix, heartbeatTimeoutMs, ...options });
        handles.push(handle);
        return handle;
      };
      return {
        registry: open(),
        second: async (options) => open(options),
        time: {
          advance(ms: number) {
            now += ms;
          },
        },
        async putRaw(id, document) {
          putRow(store.space(keyPrefix), id, decodeDocument(id, document));
        },
        faults: {
          async down() {
            before = () => {
              throw new Error('the store is down');
            };
            return async () => {
              before = undefined;
            };
          },
          async freeze() {
            let thaw = (): void => undefined;
            const frozen = new Promise<void>((resolve) => {
              thaw = resolve;
            });
            before = () => frozen;
            return async () => {
              before = undefined;
              thaw();
            };
          },
          async loseReply() {
            after = (operation) => {
              if (READS.has(operation)) return;
              after = undefined;
              throw new Error('the reply was lost');
            };
          },
          async restartEmpty() {
            store.clear();
          },
        },
        async [Symbol.asyncDispose]() {
          await Promise.all(handles.map((handle) => handle.close()));
        },
      };
    },
  };
}

/** Puts a row, or why there is none that can be read, where the store keeps a backend's, as another program would. Its lease stays. */
function putRow({ table, corrupt }: Space, id: string, document: DecodedDocument): void {
  const entry = table.entries.get(id);
  if (entry === undefined) throw new Error(`${id} is not registered`);
  if (document.status === 'readable') {
    entry.row = document.row;
    entry.incarnation = document.row.incarnation;
    corrupt.delete(id);
  } else {
    entry.row = undefined;
    corrupt.set(id, document.reason);
  }
  table.changed(entry, table.version + 1);
}

const READS: ReadonlySet<string> = new Set(['getBackend', 'listBackends', 'watch', 'ping']);
