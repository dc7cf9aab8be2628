/** Which backend a request goes to, and what this isolate has seen of each. */
import type { Backend, View } from '@backend-registry/core';

/** How long a backend whose connection failed is passed over. */
const AVOID_MS = 5_000;
/** The share of the newest request in the latency. */
const NEWEST = 0.1;

/** What is known of one life of one backend. */
export class Upstream {
  /** As it was seen last. */
  backend: Backend;
  /** What comes before the path of a request. */
  readonly base: string;
  avoidedUntil = 0;
  latencyMs: number | undefined;
  reported = true;
  readonly #timeoutMs: number;
  /** When the requests began that have no answer yet. */
  readonly #waiting: number[] = [];

  constructor(backend: Backend, timeoutMs: number) {
    const url = new URL(backend.url);
    url.port = String(backend.port);
    this.backend = backend;
    this.base = url.href.replace(/\/$/, '');
    this.#timeoutMs = timeoutMs;
  }

  /** @returns when the request has begun, for {@link end} */
  begin(): number {
    const now = Date.now();
    this.#waiting.push(now);
    return now;
  }

  /** It waits no longer, whatever has come. */
  end(began: number): void {
    const n = this.#waiting.indexOf(began);
    if (n >= 0) this.#waiting.splice(n, 1);
  }

  /** An answer has come. */
  took(ms: number): void {
    this.latencyMs = this.latencyMs === undefined ? ms : this.latencyMs + NEWEST * (ms - this.latencyMs);
    this.reported = false;
  }

  /** An isolate has few requests under way, so what the backend reports of all counts too. */
  load(now: number): number {
    // workerd ends a request whose client has left, and tells nobody.
    while (now - (this.#waiting[0] ?? now) > this.#timeoutMs) this.#waiting.shift();
    const { inFlightRequests, weight } = this.backend;
    return (this.#waiting.length + inFlightRequests) / weight;
  }
}

export class Upstreams {
  readonly #timeoutMs: number;
  /** By id. */
  #known = new Map<string, Upstream>();
  /** What they were made of. */
  #backends: readonly Backend[] | undefined;
  /** Those of them that take requests. */
  #alive: readonly Upstream[] = [];
  /** When the last one that is avoided is no longer. */
  #avoidingUntil = 0;

  /** @param timeoutMs how long a request waits for its answer at most */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Least in flight of two that are drawn by weight, among those that have not failed the request. Those that failed another one last come last. */
  choose(view: View, failed: readonly Upstream[]): Upstream | undefined {
    if (view.backends !== this.#backends) this.#learn(view);
    const now = Date.now();
    if (failed.length === 0 && now >= this.#avoidingUntil) return lessBusy(this.#alive, now);
    const untried = this.#alive.filter((upstream) => !failed.includes(upstream));
    const good = untried.filter(({ avoidedUntil }) => avoidedUntil <= now);
    return lessBusy(good.length > 0 ? good : untried, now);
  }

  avoid(upstream: Upstream): void {
    upstream.avoidedUntil = Date.now() + AVOID_MS;
    this.#avoidingUntil = upstream.avoidedUntil;
  }

  /** The latencies that are news since the last time. */
  takeLatencies(): { readonly backend: Backend; readonly latencyMs: number }[] {
    const news: { backend: Backend; latencyMs: number }[] = [];
    for (const upstream of this.#known.values()) {
      const { backend, latencyMs, reported } = upstream;
      if (latencyMs !== undefined && !reported) news.push({ backend, latencyMs });
      upstream.reported = true;
    }
    return news;
  }

  /**
   * Takes in what the view shows now, and forgets who is gone: another process at the same address starts anew. Where every lease has ended, the registry was more
   * likely away than all of them died.
   */
  #learn({ backends, routable }: View): void {
    const before = this.#known;
    this.#known = new Map(backends.map((backend) => [backend.id, this.#upstreamOf(backend, before.get(backend.id))]));
    this.#backends = backends;
    const alive = routable.length > 0 ? routable : backends.filter(({ status }) => status === 'expired');
    this.#alive = alive.map(({ id }) => this.#known.get(id) as Upstream);
  }

  #upstreamOf(backend: Backend, before: Upstream | undefined): Upstream {
    if (before?.backend.incarnation !== backend.incarnation) return new Upstream(backend, this.#timeoutMs);
    before.backend = backend;
    return before;
  }
}

function lessBusy(upstreams: readonly Upstream[], now: number): Upstream | undefined {
  const [one, other] = [draw(upstreams), draw(upstreams)];
  if (one === undefined || other === undefined || one === other) return one;
  return other.load(now) < one.load(now) ? other : one;
}

/** One by weight; 0 means no traffic. */
function draw(upstreams: readonly Upstream[]): Upstream | undefined {
  let left = 0;
  for (const { backend } of upstreams) left += backend.weight;
  left *= Math.random();
  for (const upstream of upstreams) {
    left -= upstream.backend.weight;
    if (left < 0) return upstream;
  }
  return undefined;
}
