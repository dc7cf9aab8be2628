/** The conformance harness over HTTP: its registries reach a real server through the REST bridge, which can fail. */
import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import type { ConformanceHarness } from '@backend-registry/core/conformance/cases';
import type { RedisServer } from '@backend-registry/redis-server';
import { startUpstashRest, type UpstashRestOptions } from '@backend-registry/upstash-rest';
import { DEADLINE_MS } from './standalone.ts';

export interface UpstashHarnessOptions {
  readonly name: string;
  readonly server: RedisServer;
  /** Opens a handle of the adapter on the database at this url. */
  readonly open: (
    endpoint: { readonly url: string; readonly token: string },
    options: RegistryOptions,
  ) => BackendRegistry;
  readonly bridge?: Omit<UpstashRestOptions, 'redis'>;
}

/** A request goes through one process more than a command, and cases run side by side. */
const RESOLUTION_MS = 40;

export function upstashHarness({ name, server, open, bridge: options }: UpstashHarnessOptions): ConformanceHarness {
  return {
    name,
    async open({ keyPrefix, heartbeatTimeoutMs }) {
      const bridge = await startUpstashRest({ ...options, redis: server.url });
      const { url, token, faults } = bridge;
      const handles: BackendRegistry[] = [];
      const another = async (more: RegistryOptions = {}) => {
        const handle = open({ url, token }, { keyPrefix, heartbeatTimeoutMs, commandTimeoutMs: DEADLINE_MS, ...more });
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
            const end = faults.start('drop-before');
            faults.cut();
            return async () => end();
          },
          async freeze() {
            const end = faults.start('hang');
            return async () => end();
          },
          async dropConnection() {
            faults.cut();
          },
          async loseReply() {
            // Every script that writes is given the incarnations, and none that only reads.
            faults.once('drop-after', (commands) =>
              commands.some((command) => command.includes(`${keyPrefix}registry:incarnations`)),
            );
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
          await bridge[Symbol.asyncDispose]();
        },
      };
    },
  };
}
