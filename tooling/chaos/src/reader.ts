/** A proxy: a view, a cleanup and a watch of one handle. */
import {
  type Backend,
  type BackendRegistry,
  type Cleanup,
  createView,
  startCleanup,
  type View,
} from '@backend-registry/core';
import { Chain } from '@backend-registry/redis-harness/chain';

const POLL_MS = 500;

export class Reader {
  readonly registry: BackendRegistry;
  readonly view: View;
  /** What the watch is told, checked as it comes. */
  readonly chain: Chain = new Chain();
  readonly #cleanup: Cleanup;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #ended: unknown;

  constructor(registry: BackendRegistry) {
    this.registry = registry;
    this.view = createView(registry, { pollIntervalMs: POLL_MS });
    this.#cleanup = startCleanup(registry);
    this.#watching = this.#watch().catch((error: unknown) => {
      this.#ended = error;
    });
  }

  /** What is not yet as the list is; nothing where all is. */
  differs(listed: readonly Backend[]): string | undefined {
    if (this.#ended !== undefined) return `its watch has ended: ${this.#ended}`;
    if (this.view.state !== 'fresh') return `its view is ${this.view.state}`;
    if (textOf(this.view.backends) !== textOf(listed)) return 'its view is not the list';
    if (textOf(this.chain.backends) !== textOf(listed)) return 'its watch has told something else';
    if (this.#cleanup.state !== 'running') return `its cleanup is ${this.#cleanup.state}`;
    return undefined;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#cleanup.close();
    await this.view.close();
    await this.registry.close();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    for await (const event of this.registry.watch({ signal, pollIntervalMs: POLL_MS, metrics: true }))
      this.chain.take(event);
  }
}

/** Without versions: what was changed and changed back is not told. */
function textOf(backends: readonly Backend[]): string {
  return JSON.stringify(backends.map(({ version: _, ...backend }) => backend));
}
