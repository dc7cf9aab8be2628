/** What a fleet costs on Upstash. `docs/upstash-cost.md` has this file as its calculator, behind the numbers that were counted. */

export interface Cost {
  readonly requests: number;
  readonly commands: number;
}

/** What was counted. */
export interface Counted {
  /** One heartbeat of an announcement. */
  readonly heartbeat: Cost;
  /** Commands of `heartbeatAll`, which is one request: for each 500 backends, and for each 100. */
  readonly heartbeatAll: { readonly per500: number; readonly per100: number };
  /** A change of health or drain; a registration is about as much. */
  readonly change: Cost;
  /** A report of metrics. */
  readonly report: Cost;
  /** A look that finds nothing new. */
  readonly look: Cost;
  /** What a look costs besides that finds something new. */
  readonly news: Cost;
  /** What a comparison with the store costs besides, of 100 and of 1,000 backends. */
  readonly comparison: { readonly of100: Cost; readonly of1000: Cost };
  /** A run of a cleanup that removes nothing. */
  readonly cleanup: Cost;
}

export interface Fleet {
  readonly backends: number;
  /** Processes that watch, or keep a view. */
  readonly proxies: number;
  /** Of the proxies: `pollIntervalMs`, or the `maxAgeMs` of a view that is refreshed on demand. */
  readonly pollIntervalMs: number;
  /** The share of that time in which a view refreshed on demand is asked for at all. Default 1: it polls. */
  readonly busy?: number;
  /** Whether the proxies hear of changes over streams. Default false. */
  readonly streams?: boolean;
  /** Of the announcements. Default 20,000. */
  readonly heartbeatIntervalMs?: number;
  /** Default: three such intervals. */
  readonly heartbeatTimeoutMs?: number;
  /** Backends whose heartbeats one process sends together with `heartbeatAll`. Default 0: each backend announces itself. */
  readonly together?: number;
  /** Changes of health and drain, and registrations. Default 0. */
  readonly changesPerHour?: number;
  /** Reports of metrics by all backends. Default 0. */
  readonly reportsPerHour?: number;
  /** Processes that run `startCleanup`. Default 0. */
  readonly cleanups?: number;
}

const HOUR_MS = 3_600_000;
/** An announcement sends its next heartbeat after nine tenths of its interval. */
const EARLY = 0.9;
/** Of a stream, until it begins anew. */
const STREAM_MS = 300_000;
const COMPARED_MS = 60_000;
/** How often a cleanup looks for what others have removed, unless it is told. */
const CLEANUP_LOOK_MS = 1_000;

export function costPerHour(fleet: Fleet, counted: Counted): Cost {
  const { backends, proxies, pollIntervalMs, busy = 1, streams = false, together = 0 } = fleet;
  const { changesPerHour = 0, reportsPerHour = 0, cleanups = 0, heartbeatIntervalMs = 20_000 } = fleet;
  const { heartbeatTimeoutMs = 3 * heartbeatIntervalMs } = fleet;

  const beat =
    together === 0
      ? times(backends, counted.heartbeat)
      : times(Math.ceil(backends / together), heartbeatAll(Math.min(together, backends), counted));
  const beats = times(HOUR_MS / heartbeatIntervalMs / (together === 0 ? EARLY : 1), beat);

  // Whoever looks knows when the next lease would end, and looks again then.
  const leaseMs = Math.max(1, heartbeatTimeoutMs - heartbeatIntervalMs);
  const anew = streams ? HOUR_MS / STREAM_MS : 0;
  const looks = (busy * HOUR_MS) / Math.min(pollIntervalMs, leaseMs) + anew;
  const comparison = comparisonOf(backends, counted);
  const proxy = sum(
    times(looks, counted.look),
    times(Math.min(looks, (streams ? 0 : changesPerHour) + reportsPerHour), counted.news),
    times(Math.min(looks, HOUR_MS / COMPARED_MS) + anew, comparison),
    times(anew, { requests: 1, commands: 1 }),
  );

  const cleanup = sum(
    times(HOUR_MS / leaseMs, counted.cleanup),
    times(streams ? 0 : HOUR_MS / CLEANUP_LOOK_MS, counted.look),
  );
  const writes = sum(times(changesPerHour, counted.change), times(reportsPerHour, counted.report));
  return sum(beats, writes, times(proxies, proxy), times(cleanups, cleanup));
}

/** Of other numbers of backends, in proportion. */
function comparisonOf(backends: number, { comparison: { of100, of1000 } }: Counted): Cost {
  const at = (one: number, ten: number) => Math.ceil(one + ((ten - one) * (backends - 100)) / 900);
  return { requests: at(of100.requests, of1000.requests), commands: at(of100.commands, of1000.commands) };
}

function heartbeatAll(backends: number, { heartbeatAll: { per500, per100 } }: Counted): Cost {
  return { requests: 1, commands: Math.ceil(backends / 500) * per500 + Math.ceil(backends / 100) * per100 };
}

function times(count: number, { requests, commands }: Cost): Cost {
  return { requests: count * requests, commands: count * commands };
}

function sum(...costs: readonly Cost[]): Cost {
  return {
    requests: costs.reduce((all, { requests }) => all + requests, 0),
    commands: costs.reduce((all, { commands }) => all + commands, 0),
  };
}
