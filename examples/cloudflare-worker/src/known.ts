/** What this isolate knows of the registry, and when a request waits for more. */
import { type BackendRegistry, createView, type RegistryError, type View } from '@backend-registry/core';
import { type EnvOptions, RedisBackendRegistry } from '@backend-registry/upstash';
import { loadSnapshot, saveSnapshot } from './snapshots.ts';
import type { Upstreams } from './upstreams.ts';

export interface Env {
  readonly UPSTASH_REDIS_REST_URL: string;
  readonly UPSTASH_REDIS_REST_TOKEN: string;
  /** How old what is known may be before a request looks at the registry, behind its answer. */
  readonly MAX_AGE_MS: number;
  /** How old it may be before a request waits for that look. */
  readonly MAX_STALE_MS: number;
  /** How long a backend may take to begin its answer. */
  readonly RESPONSE_TIMEOUT_MS: number;
  /** How often the latencies that this isolate has seen are reported. */
  readonly REPORT_INTERVAL_MS: number;
}

/** One look at the registry. It has no promise for others to wait for: see {@link Known}. */
interface Look {
  readonly began: number;
}

const COMMAND_TIMEOUT_MS = 1_000;
/** A look that takes this long was ended with its request: another one takes over. */
const LOST_AFTER_MS = 5 * COMMAND_TIMEOUT_MS;
const SAVE_INTERVAL_MS = 10_000;
const WAIT_MS = 5;

/**
 * What is known, for all requests of an isolate. workerd ends the I/O of a request with that request, lets no other one touch it, and whoever waits for its
 * promise may wait for ever. So each look, and the view it makes, belongs to the request that began it; others read what it has found. One that was lost with
 * its request is taken over.
 */
export class Known {
  readonly #env: Env;
  readonly #upstreams: Upstreams;
  #registry: BackendRegistry;
  /** What was seen last. */
  #view: View | undefined;
  /** Of the store before it lost its data, and since when: until those that were there had time to come back, each look begins with it. */
  #lost: { readonly snapshot: string; readonly since: number } | undefined;
  #looking: Look | undefined;
  /** When a look has ended last, whatever it found. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #savedAt = Number.NEGATIVE_INFINITY;
  #reportedAt = Date.now();

  constructor(env: Env, upstreams: Upstreams) {
    this.#env = env;
    this.#upstreams = upstreams;
    this.#registry = open(env);
  }

  /**
   * What to route by. At once wherever anything is known that is recent enough, or where the registry does not answer; looks go on behind the answer, one
   * at a time.
   */
  async view(waitUntil: (promise: Promise<unknown>) => void): Promise<View> {
    if (this.#view === undefined) await this.#begin();
    for (;;) {
      const view = this.#view as View;
      if (Date.now() - this.#askedAt < this.#env.MAX_AGE_MS) return view;
      const waits = this.#mustWait(view);
      const lost = this.#looking !== undefined && Date.now() - this.#looking.began >= LOST_AFTER_MS;
      if (lost) this.#registry = open(this.#env);
      if (lost || this.#looking === undefined) {
        const looked = this.#look(view);
        waitUntil(looked.then(() => this.#after()));
        if (waits) await looked;
        return this.#view as View;
      }
      if (!waits) return view;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  /** Where nothing is known, or nobody has asked for long. A registry that did not answer is no reason: what is known stands. */
  #mustWait({ asOf }: View): boolean {
    if (asOf === null) return true;
    return Date.now() - Math.max(asOf, this.#askedAt) >= this.#env.MAX_STALE_MS;
  }

  async #begin(): Promise<void> {
    const snapshot = await loadSnapshot(this.#env.UPSTASH_REDIS_REST_URL).catch(() => undefined);
    // Another request may have been faster.
    this.#view ??= this.#open(snapshot);
  }

  #open(snapshot: string | undefined): View {
    return createView(this.#registry, { follow: false, onError, ...(snapshot === undefined ? {} : { snapshot }) });
  }

  async #look(known: View): Promise<void> {
    const look: Look = { began: Date.now() };
    this.#looking = look;
    const holdMs = this.#registry.capabilities.heartbeatTimeoutMs;
    const isOver = this.#lost !== undefined && look.began - this.#lost.since >= holdMs;
    const before = this.#lost?.snapshot ?? known.snapshot();
    const view = this.#open(isOver ? undefined : before);
    // It rejects where nothing was ever seen: `onError` was told.
    await view.refresh().catch(() => undefined);
    if (this.#looking !== look) return;
    this.#looking = undefined;
    this.#askedAt = Date.now();
    if (view.asOf === null) return;
    this.#view = view;
    if (view.state === 'held') this.#lost ??= { snapshot: before, since: look.began };
    else if (view.state === 'fresh') this.#lost = undefined;
  }

  /** What nobody waits for. */
  async #after(): Promise<void> {
    const view = this.#view;
    if (view?.state !== 'fresh') return;
    this.#upstreams.keep(view.backends);
    const now = Date.now();
    if (now - this.#savedAt >= SAVE_INTERVAL_MS) {
      this.#savedAt = now;
      await saveSnapshot(this.#env.UPSTASH_REDIS_REST_URL, view.snapshot()).catch(() => undefined);
    }
    if (now - this.#reportedAt >= this.#env.REPORT_INTERVAL_MS) {
      this.#reportedAt = now;
      await this.#report();
    }
  }

  /** The latencies that this isolate has seen, all in one request. */
  async #report(): Promise<void> {
    const updates = this.#upstreams.takeLatencies().map(async ({ backend, latencyMs }) => {
      const metrics = { rifAvgLatency: latencyMs, overallAvgLatency: latencyMs };
      await this.#registry.updateBackendMetrics(backend, metrics);
    });
    await Promise.all(updates).catch(onError);
  }
}

function open(env: Env): BackendRegistry {
  // A stream would belong to one request.
  const options: EnvOptions = { env, subscribe: false, commandTimeoutMs: COMMAND_TIMEOUT_MS };
  return new RedisBackendRegistry(options);
}

function onError(error: RegistryError): void {
  console.warn(`${error.code}: ${error.message}`);
}
