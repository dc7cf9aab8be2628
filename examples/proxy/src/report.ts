import { isIdempotent } from './fault.ts';
import type { LoadResult } from './load.ts';
import type { FailedAttempt, Observer } from './observer.ts';

/** What the demo did to a backend. */
export interface Event {
  readonly type: 'crash' | 'drain';
  readonly name: string;
  /** By `performance.now()`. */
  readonly at: number;
}

export interface Run {
  readonly loadMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly results: readonly LoadResult[];
  readonly events: readonly Event[];
  readonly observer: Observer;
}

export interface Report {
  readonly text: string;
  /** Whether no request failed but those that are lost with a crash. */
  readonly passed: boolean;
}

/**
 * Why a request failed. `lost`: it was in flight on the backend that crashed, and another one must not get it: it had been sent and is not
 * idempotent, or a part of its response had reached the client. `crash` and `drain`: it should have been saved from that. `other`: neither.
 */
type Cause = 'lost' | 'crash' | 'drain' | 'other';

/** What the run has shown. */
export function report(run: Run): Report {
  const { results, loadMs, observer } = run;
  const failed = results.flatMap((result) =>
    result.failure === null ? [] : [{ ...result, cause: causeOf(result, run) }],
  );
  const count = (...causes: Cause[]): number => failed.filter(({ cause }) => causes.includes(cause)).length;
  const retried = observer.retried.map((attempt) => eventBefore(attempt, run)?.type);
  const after = (type: Event['type']): number => retried.filter((each) => each === type).length;
  const unexpected = failed.filter(({ cause }) => cause !== 'lost');
  const latencies = results.filter(({ failure }) => failure === null).map(({ latencyMs }) => latencyMs);
  latencies.sort((a, b) => a - b);

  const lines: (readonly [label: string, text: string])[] = [
    ['requests', `${format(results.length)} in ${(loadMs / 1_000).toFixed(1)} s`],
    [
      'failures',
      `${failed.length} (drain: ${count('drain')}, crash: ${count('crash', 'lost')}, other: ${count('other')})`,
    ],
    ...lostOf(
      run,
      failed.filter(({ cause }) => cause === 'lost'),
    ),
    ['retried', `${retried.length} on another backend (drain: ${after('drain')}, crash: ${after('crash')})`],
    ['latency', `p50 ${quantile(latencies, 0.5)}, p99 ${quantile(latencies, 0.99)}`],
    ['served by', distribution(results)],
    ...run.events.flatMap((event) => departure(event, run)),
    ...unexpected
      .slice(0, 5)
      .map(({ id, method, cause, failure }) => ['FAILED', `(${cause}) ${method} ${id}: ${failure}`] as const),
  ];
  return {
    text: `${lines.map(([label, text]) => `${label.padEnd(11)}${text}\n`).join('')}`,
    passed: results.length > 0 && unexpected.length === 0,
  };
}

function causeOf({ id, method }: LoadResult, run: Run): Cause {
  const givenUp = run.observer.givenUp.get(id);
  const event = givenUp && eventBefore(givenUp, run);
  if (givenUp === undefined || event === undefined) return 'other';
  const lost = event.type === 'crash' && (givenUp.outcome === 'cut' || !isIdempotent(method));
  return lost ? 'lost' : event.type;
}

/** What had been done to the backend when the attempt failed. */
function eventBefore({ backend, at }: FailedAttempt, { events }: Run): Event | undefined {
  return events.find((event) => event.name === backend && event.at <= at);
}

function lostOf({ observer }: Run, lost: readonly LoadResult[]): (readonly [string, string])[] {
  if (lost.length === 0) return [];
  const cut = lost.filter(({ id }) => observer.givenUp.get(id)?.outcome === 'cut').length;
  return [['', `in flight at the crash: ${lost.length - cut} sent and not idempotent, ${cut} half answered`]];
}

function departure({ type, name, at }: Event, { observer, heartbeatTimeoutMs }: Run): (readonly [string, string])[] {
  const { leftViewAt, lastAttemptAt } = observer.of(name);
  const lease = type === 'crash' ? ` (heartbeat timeout ${format(heartbeatTimeoutMs)} ms)` : '';
  return [
    [type, `${name}: no longer routed ${since(at, leftViewAt)}${lease},`],
    ['', `last request tried on it ${since(at, lastAttemptAt)}`],
  ];
}

function distribution(results: readonly LoadResult[]): string {
  const served = new Map<string, number>();
  for (const { servedBy } of results) served.set(servedBy ?? 'nobody', (served.get(servedBy ?? 'nobody') ?? 0) + 1);
  return Array.from(served, ([name, requests]) => `${name} ${format(requests)}`)
    .sort()
    .join(', ');
}

function quantile(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}

function since(start: number, at: number | null): string {
  if (at === null) return 'never';
  const ms = Math.round(at - start);
  return ms < 0 ? `${format(-ms)} ms before` : `after ${format(ms)} ms`;
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}
