/** What this isolate knows of the registry, and when a request looks at it. */
import { createView, type RegistryError, type View } from '@backend-registry/core';
import { type EnvOptions, RedisBackendRegistry } from '@backend-registry/upstash';
import { loadSnapshot, saveSnapshot } from './snapshots.ts';
import { Upstreams } from './upstreams.ts';

export interface Env {
  readonly UPSTASH_REDIS_REST_URL: string;
  readonly UPSTASH_REDIS_REST_TOKEN: string;
  /** How old what is known may be before a request looks at the registry, behind its answer. */
  readonly MAX_AGE_MS: number;
  /** How old it may be before it counts as nothing, where nobody came for so long: the leases that it shows have ended by then. */
  readonly MAX_STALE_MS: number;
  /** How long a backend may take to begin its answer. */
  readonly RESPONSE_TIMEOUT_MS: number;
  /** How often the latencies that this isolate has seen are reported. */
  readonly REPORT_INTERVAL_MS: number;
}

/** How long a look takes at most. */
const LOOK_MS = 1_000;
/** One that takes longer was ended by workerd, together with its request. */
const LOST_AFTER_MS = 2 * LOOK_MS;
const SAVE_INTERVAL_MS = 10_000;
const WAIT_MS = 5;

/**
 * One view, for all requests of an isolate: it belongs to none of them. The I/O of a look does: workerd ends it with its request, and then its promise settles
 * never. So nobody waits for a look of another request but by the clock.
 */
export class Known {
  readonly upstreams: Upstreams;
  readonly #env: Env;
  readonly #registry: RedisBackendRegistry;
  #view: View | undefined;
  /** When the look under way began. */
  #lookingSince: number | undefined;
  /** When a look has ended last, whatever it found. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #savedAt = Number.NEGATIVE_INFINITY;
  #reportedAt = Date.now();

  constructor(env: Env) {
    // A stream would belong to one request.
    const options: EnvOptions = { env, subscribe: false, commandTimeoutMs: LOOK_MS };
    this.#env = env;
    this.upstreams = new Upstreams(env.RESPONSE_TIMEOUT_MS);
    this.#registry = new RedisBackendRegistry(options);
  }

  /** What to route by: at once, unless nothing is known. Looks go on behind the answers, one at a time, and no sooner than `MAX_AGE_MS` after the last. */
  async view(waitUntil: (promise: Promise<unknown>) => void): Promise<View> {
    const view = this.#view ?? (await this.#begin());
    for (;;) {
      const now = Date.now();
      const waits = this.#isUnknown(view, now);
      if (this.#isDue(now)) {
        const look = this.#look(view, now);
        waitUntil(look.then(() => this.#tell(view)));
        if (waits) await look;
        return view;
      }
      if (!waits || this.#lookingSince === undefined) return view;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  /** The view begins with what others in this data center have known. */
  async #begin(): Promise<View> {
    const snapshot = await loadSnapshot(this.#env.UPSTASH_REDIS_REST_URL).catch(() => undefined);
    const options = { follow: false, onError, ...(snapshot === undefined ? {} : { snapshot }) };
    // Another request may have been faster.
    this.#view ??= createView(this.#registry, options);
    return this.#view;
  }

  #isDue(now: number): boolean {
    return this.#lookingSince === undefined
      ? now - this.#lookedAt >= this.#env.MAX_AGE_MS
      : now - this.#lookingSince >= LOST_AFTER_MS;
  }

  /** Nothing was ever seen, or nobody has looked for long. Where the registry does not answer, what was seen last stands. */
  #isUnknown({ asOf }: View, now: number): boolean {
    return asOf === null || now - Math.max(asOf, this.#lookedAt) >= this.#env.MAX_STALE_MS;
  }

  async #look(view: View, now: number): Promise<void> {
    this.#lookingSince = now;
    // It rejects where nothing was ever seen: `onError` was told.
    await view.refresh().catch(() => undefined);
    this.#lookingSince = undefined;
    this.#lookedAt = Date.now();
  }

  /** What nobody waits for. */
  async #tell(view: View): Promise<void> {
    if (view.state !== 'fresh') return;
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
    const updates = this.upstreams.takeLatencies().map(({ backend, latencyMs }) => {
      const metrics = { rifAvgLatency: latencyMs, overallAvgLatency: latencyMs };
      return this.#registry.updateBackendMetrics(backend, metrics);
    });
    await Promise.all(updates).catch(onError);
  }
}

function onError(error: RegistryError): void {
  console.warn(`${error.code}: ${error.message}`);
}
