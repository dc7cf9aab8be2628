import type { Backend, View } from '@backend-registry/core';
import { Pool } from 'undici';
import type { Picker } from './pick.ts';

export interface UpstreamOptions {
  readonly pick: Picker;
  /** How long a backend whose connection failed is passed over. */
  readonly avoidMs: number;
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
}

/** What this proxy keeps for one life of one backend: its connections, and how many requests are under way. */
export class Upstream {
  readonly backend: Backend;
  readonly pool: Pool;
  /** A backend's url may have a path, which comes before that of the request. */
  readonly basePath: string;
  inFlight = 0;
  avoidedUntil = 0;

  constructor(backend: Backend, { connectTimeoutMs, responseTimeoutMs }: UpstreamOptions) {
    const url = new URL(backend.url);
    url.port = String(backend.port);
    this.backend = backend;
    this.basePath = url.pathname === '/' ? '' : url.pathname;
    this.pool = new Pool(url.origin, { connect: { timeout: connectTimeoutMs }, headersTimeout: responseTimeoutMs });
  }
}

/** Which backend a request goes to. */
export class Upstreams {
  readonly #view: View;
  readonly #options: UpstreamOptions;
  /** By incarnation: another process on the same address gets connections and counts of its own. */
  readonly #known = new Map<string, Upstream>();
  readonly #unsubscribe: () => void;
  /** When the last backend that is avoided is no longer. */
  #avoidingUntil = 0;

  constructor(view: View, options: UpstreamOptions) {
    this.#view = view;
    this.#options = options;
    this.#unsubscribe = view.subscribe(() =>
      this.#forget(new Set(view.backends.map(({ incarnation }) => incarnation))),
    );
  }

  /**
   * One of those that may be sent a request and that this request has not tried. Those that are avoided are tried last: when all of them
   * fail, the fault may be this proxy's own.
   */
  choose(tried: ReadonlySet<Upstream>): Upstream | undefined {
    const candidates = this.#candidates();
    const now = performance.now();
    if (tried.size === 0 && now >= this.#avoidingUntil) return this.#pick(candidates);
    const untried = candidates.filter((backend) => !tried.has(this.#upstream(backend)));
    const good = untried.filter((backend) => this.#upstream(backend).avoidedUntil <= now);
    return this.#pick(good) ?? this.#pick(untried);
  }

  avoid(upstream: Upstream): void {
    upstream.avoidedUntil = performance.now() + this.#options.avoidMs;
    this.#avoidingUntil = upstream.avoidedUntil;
  }

  close(): void {
    this.#unsubscribe();
    this.#forget(new Set());
  }

  /**
   * Where every lease has ended, the registry was more likely away for that long than every backend died, and they have yet to reach it again: one that
   * may be dead is better than a certain 503.
   */
  #candidates(): readonly Backend[] {
    const { backends, routable } = this.#view;
    return routable.length > 0 ? routable : backends.filter(({ status }) => status === 'expired');
  }

  #pick(backends: readonly Backend[]): Upstream | undefined {
    if (backends.length === 0) return undefined;
    const backend = this.#options.pick(backends, (each) => this.#upstream(each).inFlight);
    return backend && this.#upstream(backend);
  }

  #upstream(backend: Backend): Upstream {
    let upstream = this.#known.get(backend.incarnation);
    if (upstream === undefined) {
      upstream = new Upstream(backend, this.#options);
      this.#known.set(backend.incarnation, upstream);
    }
    return upstream;
  }

  /** Closes the connections of those that have left, once their requests are done. */
  #forget(present: ReadonlySet<string>): void {
    for (const [incarnation, upstream] of this.#known) {
      if (present.has(incarnation)) continue;
      this.#known.delete(incarnation);
      void upstream.pool.close();
    }
  }
}
