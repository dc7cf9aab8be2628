/** Which backend a request goes to, and what this isolate has seen of each. */
import type { Backend, View } from '@backend-registry/core';

/** How long a backend whose connection failed is passed over. */
const AVOID_MS = 5_000;
/** A request that was ended tells nobody: what has not been answered by then is not counted any more. */
const COUNTED_MS = 30_000;
/** The share of the newest request in the latency. */
const NEWEST = 0.1;

/** What is known of one life of one backend. */
export class Upstream {
  readonly backend: Backend;
  /** What comes before the path of a request. */
  readonly base: string;
  avoidedUntil = 0;
  latencyMs: number | undefined;
  reported = true;
  /** When requests began that have no answer yet. */
  readonly #waiting = new Set<{ readonly since: number }>();

  constructor(backend: Backend) {
    const url = new URL(backend.url);
    url.port = String(backend.port);
    this.backend = backend;
    this.base = url.href.replace(/\/$/, '');
  }

  /** @returns how to say that it has ended: with an answer or without */
  begin(): (answered: boolean) => void {
    const request = { since: Date.now() };
    this.#waiting.add(request);
    return (answered) => {
      this.#waiting.delete(request);
      if (!answered) return;
      const latencyMs = Date.now() - request.since;
      this.latencyMs =
        this.latencyMs === undefined ? latencyMs : this.latencyMs + NEWEST * (latencyMs - this.latencyMs);
      this.reported = false;
    };
  }

  /** An isolate has few requests under way, so what the backend reports of all counts too. */
  load({ inFlightRequests, weight }: Backend, now: number): number {
    for (const request of this.#waiting) if (now - request.since > COUNTED_MS) this.#waiting.delete(request);
    return (this.#waiting.size + inFlightRequests) / weight;
  }
}

export class Upstreams {
  /** By incarnation: another process on the same address starts anew. */
  readonly #known = new Map<string, Upstream>();
  /** When the last one that is avoided is no longer. */
  #avoidingUntil = 0;

  /**
   * Least in flight of two that are drawn by weight, among those that the request has not tried. Those that failed last come last; where every lease has
   * ended, the registry was more likely away than all of them died.
   */
  choose({ backends, routable }: View, tried: ReadonlySet<Upstream>): Upstream | undefined {
    const now = Date.now();
    const alive = routable.length > 0 ? routable : backends.filter(({ status }) => status === 'expired');
    if (tried.size === 0 && now >= this.#avoidingUntil) return this.#pick(alive, now);
    const untried = alive.filter((backend) => !tried.has(this.#of(backend)));
    const good = untried.filter((backend) => this.#of(backend).avoidedUntil <= now);
    return this.#pick(good.length > 0 ? good : untried, now);
  }

  avoid(upstream: Upstream): void {
    upstream.avoidedUntil = Date.now() + AVOID_MS;
    this.#avoidingUntil = upstream.avoidedUntil;
  }

  /** Forgets all others. */
  keep(backends: readonly Backend[]): void {
    const present = new Set(backends.map(({ incarnation }) => incarnation));
    for (const incarnation of this.#known.keys()) if (!present.has(incarnation)) this.#known.delete(incarnation);
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

  #of(backend: Backend): Upstream {
    let upstream = this.#known.get(backend.incarnation);
    if (upstream === undefined) {
      upstream = new Upstream(backend);
      this.#known.set(backend.incarnation, upstream);
    }
    return upstream;
  }

  #pick(backends: readonly Backend[], now: number): Upstream | undefined {
    const [first, second] = [draw(backends), draw(backends)];
    if (first === undefined || second === undefined) return undefined;
    const upstream = this.#of(first);
    if (first === second) return upstream;
    const other = this.#of(second);
    return other.load(second, now) < upstream.load(first, now) ? other : upstream;
  }
}

/** One by weight; 0 means no traffic. */
function draw(backends: readonly Backend[]): Backend | undefined {
  let left = 0;
  for (const { weight } of backends) left += weight;
  left *= Math.random();
  for (const backend of backends) {
    left -= backend.weight;
    if (left < 0) return backend;
  }
  return undefined;
}
