import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadResult, runLoad } from './load.ts';
import { nameOf } from './observer.ts';
import type { DemoOptions } from './options.ts';
import { type Event, type Report, report } from './report.ts';
import type { Row, Screen } from './screen.ts';
import { type Stage, setStage } from './stage.ts';

/** When things happen, as a share of the load's duration. */
const CRASH_AT = 2 / 9;
const DRAIN_AT = 5 / 9;
const REDRAW_MS = 100;

/** Kills one backend and drains another while requests are under way. */
export async function runDemo(options: DemoOptions, screen: Screen, interrupted: AbortSignal): Promise<Report> {
  const { backends: count, durationMs, rate, concurrency, heartbeatTimeoutMs } = options;
  const onEvent = (text: string): void => screen.event(text);
  await using stage = await setStage({
    backends: count,
    heartbeatTimeoutMs,
    onEvent,
    signal: interrupted,
  });
  const { address, observer, backends } = stage;
  const startedAt = performance.now();
  const results: LoadResult[] = [];
  const events: Event[] = [];
  const redrawing = setInterval(draw, REDRAW_MS);

  function draw(): void {
    const failed = results.filter(({ failure }) => failure !== null).length;
    screen.draw({
      title: `proxy ${address} · store ${stage.store} · heartbeat timeout ${heartbeatTimeoutMs.toLocaleString('en-US')} ms`,
      totals: `requests ${results.length.toLocaleString('en-US')}   failures ${failed}   retried ${observer.retried.length}`,
      rows: rowsOf(stage, events),
    });
  }

  async function crash(): Promise<void> {
    const victim = backends[1];
    if (victim === undefined || !(await reached(startedAt + durationMs * CRASH_AT, interrupted))) return;
    onEvent(`${victim.name} is killed: its sockets are gone, and the registry is told nothing`);
    events.push({ type: 'crash', name: victim.name, at: performance.now() });
    await victim.crash();
  }

  async function drain(): Promise<void> {
    const leaver = backends.at(-1);
    if (leaver === undefined || !(await reached(startedAt + durationMs * DRAIN_AT, interrupted))) return;
    onEvent(`${leaver.name} shuts down, and asks for nothing new`);
    const at = performance.now();
    events.push({ type: 'drain', name: leaver.name, at });
    await leaver.close();
    onEvent(`${leaver.name} has ended, ${Math.round(performance.now() - at)} ms after its drain began`);
  }

  async function load(): Promise<number> {
    onEvent(`load: ${rate} requests a second for ${durationMs / 1_000} s`);
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(durationMs)]);
    await runLoad({
      origin: `http://${address}`,
      rate,
      concurrency,
      signal,
      onResult: (result) => results.push(result),
    });
    return performance.now() - startedAt;
  }

  try {
    const [loadMs] = await Promise.all([load(), crash(), drain()]);
    await observer.until(() => events.every(({ name }) => observer.of(name).leftViewAt !== null), interrupted);
    draw();
    return report({ loadMs, heartbeatTimeoutMs, results, events, observer });
  } finally {
    clearInterval(redrawing);
  }
}

/** Waits until then; `false` if it is interrupted before. */
async function reached(at: number, interrupted: AbortSignal): Promise<boolean> {
  await sleep(Math.max(0, at - performance.now()), undefined, { signal: interrupted }).catch(() => undefined);
  return !interrupted.aborted;
}

function rowsOf({ backends, view, observer }: Stage, events: readonly Event[]): Row[] {
  return backends.map(({ name, announcement }) => {
    const seen = view.backends.find((backend) => nameOf(backend) === name);
    const crashed = events.some((event) => event.type === 'crash' && event.name === name);
    return {
      name,
      address: announcement.backend?.id.replace('http://', '') ?? '',
      status: seen === undefined ? 'gone' : crashed && seen.status === 'healthy' ? 'crashed' : seen.status,
      inFlight: seen?.inFlightRequests ?? 0,
      latencyMs: seen?.overallAvgLatency ?? 0,
      requests: observer.of(name).attempts,
    };
  });
}
