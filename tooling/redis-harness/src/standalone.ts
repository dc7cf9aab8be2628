/** The conformance harness of every Redis adapter: its registries reach a real server through a proxy that can fail. */
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import type { ConformanceHarness } from '@backend-registry/core/conformance/cases';
import { startFaultProxy } from '@backend-registry/fault-proxy';
import type { RedisServer } from '@backend-registry/redis-server';

export interface RedisHarnessOptions {
  readonly name: string;
  readonly server: RedisServer;
  /** Opens a handle of the adapter on the server at this url. */
  readonly open: (
    url: string,
    options: RegistryOptions,
    /** Keeps what is to be ended after the handles were closed. */
    atTheEnd: (end: () => unknown) => void,
  ) => BackendRegistry | Promise<BackendRegistry>;
}

/** What the registry answers about time comes from the server, exact to a microsecond; this is for the way there and back, beside others on a busy machine. */
export const RESOLUTION_MS = 20;
/** Deadline of the calls that no case has one for: beside others on a busy machine, the default would end some that are only late. */
export const DEADLINE_MS = 5_000;

export function redisHarness({ name, server, open }: RedisHarnessOptions): ConformanceHarness {
  return {
    name,
    async open({ keyPrefix, heartbeatTimeoutMs }) {
      const proxy = await startFaultProxy(server);
      const handles: BackendRegistry[] = [];
      const ends: (() => unknown)[] = [];
      const another = async (options: RegistryOptions = {}) => {
        const handle = await open(
          proxy.url,
          { keyPrefix, heartbeatTimeoutMs, commandTimeoutMs: DEADLINE_MS, ...options },
          (end) => ends.push(end),
        );
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
          for (const end of ends) await end();
          await proxy[Symbol.asyncDispose]();
        },
      };
    },
  };
}
