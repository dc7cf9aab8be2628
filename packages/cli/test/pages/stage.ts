/** What is prepared for a section of a page: real servers, and what is in them. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendRegistration, RegistryOptions } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/ioredis';
import { type RedisServer, type StandaloneOptions, startStandalone, until } from '@backend-registry/redis-server';
import type { Ports } from './shell.ts';

/** Prepares it, and says where its servers listen. */
export type Prepare = (stage: Stage) => Promise<Ports>;

export type Where = Pick<RegistryOptions, 'keyPrefix'> & { readonly db?: number };

const HOUR_MS = 3_600_000;

export class Stage implements AsyncDisposable {
  /** Where the commands of the section run. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'page-'));
  readonly #stack = new AsyncDisposableStack();

  constructor() {
    this.#stack.defer(() => rm(this.folder, { recursive: true, force: true }));
  }

  /** Ends it with the section. */
  use<T extends AsyncDisposable>(resource: T): T {
    return this.#stack.use(resource);
  }

  async start(options?: StandaloneOptions): Promise<RedisServer> {
    return this.use(await startStandalone(options));
  }

  open(server: Pick<RedisServer, 'url'>, where: Where = {}): RedisBackendRegistry {
    return this.use(new RedisBackendRegistry({ url: server.url, heartbeatTimeoutMs: HOUR_MS, ...where }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** The backends of the pages: `http://10.0.0.7:8001` and those after it. */
export function backend(last: number): BackendRegistration & { readonly url: string; readonly port: number } {
  return { url: `http://10.0.0.${last}`, port: 8001, zone: 'eu-1', incarnation: `life-of-${last}` };
}

/** Registers them, and waits until their leases have ended. */
export async function registerExpired(registry: RedisBackendRegistry, lasts: readonly number[]): Promise<void> {
  await registry.registerAll(lasts.map((last) => ({ ...backend(last), heartbeatTimeoutMs: 1 })));
  await until('their leases have ended', async () =>
    (await Promise.all(lasts.map((last) => registry.getBackend(backend(last))))).every(
      (found) => found?.status === 'expired',
    ),
  );
}

/** From the moment in which somebody has read the registry, beats for a backend that has expired, and late each time. */
export function flapping(registry: RedisBackendRegistry, server: RedisServer, last: number): AsyncDisposable {
  const ending = new AbortController();
  const { signal } = ending;
  const running = (async () => {
    await server.cli('CONFIG', 'RESETSTAT');
    // Documents are read with MGET by who lists and watches alone.
    while (!signal.aborted && !String(await server.cli('INFO', 'commandstats')).includes('cmdstat_mget:'))
      await sleep(10, undefined, { signal });
    while (!signal.aborted) {
      if ((await registry.getBackend(backend(last)))?.status === 'expired')
        await registry.heartbeat({ ...backend(last), heartbeatTimeoutMs: 100 });
      await sleep(200, undefined, { signal });
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
    },
  };
}
