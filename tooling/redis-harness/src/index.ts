/** The conformance harness of every Redis adapter: its registries reach a real server through a proxy that can fail. */
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import type { ConformanceHarness } from '@backend-registry/core/conformance/cases';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import type { RedisServer } from '@backend-registry/redis-server';

export interface RedisHarnessOptions {
  readonly name: string;
  readonly server: RedisServer;
  /** Opens a handle of the adapter on the server at this url. */
  readonly open: (url: string, options: RegistryOptions) => BackendRegistry | Promise<BackendRegistry>;
}

/** What the registry answers about time comes from the server, exact to a microsecond; this is for the way there and back. */
const RESOLUTION_MS = 5;

export function redisHarness({ name, server, open }: RedisHarnessOptions): ConformanceHarness {
  return {
    name,
    async open({ keyPrefix, heartbeatTimeoutMs }) {
      const proxy = await startFaultProxy(server);
      const handles: BackendRegistry[] = [];
      const another = async (options: RegistryOptions = {}) => {
        const handle = await open(proxy.url, { keyPrefix, heartbeatTimeoutMs, ...options });
        handles.push(handle);
        return handle;
      };
      return {
        registry: await another(),
        second: another,
        time: { resolutionMs: RESOLUTION_MS },
        async putRaw(id, document) {
          await server.cli('SET', `${keyPrefix}backend:${id}`, document);
        },
        faults: {
          async down() {
            proxy.refuse(true);
            proxy.cut();
            return async () => proxy.refuse(false);
          },
          async freeze() {
            proxy.freeze();
            return async () => proxy.thaw();
          },
          async dropConnection() {
            proxy.cut();
          },
          async loseReply() {
            // Every script that writes is given the incarnations, and none that only reads.
            proxy.loseReplyOnce((request) => request.includes(`${keyPrefix}registry:incarnations`));
          },
          async restartEmpty() {
            await server.cli('FLUSHALL');
          },
          async flushScripts() {
            await server.cli('SCRIPT', 'FLUSH');
          },
        },
        async [Symbol.asyncDispose]() {
          for (const handle of handles) await handle.close();
          await proxy[Symbol.asyncDispose]();
        },
      };
    },
  };
}
