import { type Backend, createView } from '@backend-registry/core';
import type { Call } from '../call.ts';
import { EXIT, type Exit } from '../exit.ts';
import { inOptions, UsageError } from '../failure.ts';
import { Leases } from '../leases.ts';
import { hasSeen, live } from '../live.ts';
import type { PlaceOptions } from '../place.ts';
import type { Size } from '../screen.ts';
import { scrolled } from '../scroll.ts';
import { silenceOf } from '../silence.ts';
import { SORTS, type Sort } from '../sorts.ts';
import { rowsOf, seenOf, type TopState, topFrame } from '../top.ts';

interface Options extends PlaceOptions {
  readonly sort?: Sort;
}

const FRAME_MS = 500;
/** As often as the view looks for new metrics. */
const SAMPLE_MS = 1_000;
const SAMPLES = 24;

export async function run({ io, place: placeOf, open }: Call, options: Options): Promise<Exit> {
  if (!io.stdout.isTTY) throw new UsageError('top needs a terminal: list --watch prints wherever it is run.');
  const place = placeOf(options);
  const registry = await open(place);
  // Who cannot reach the store to begin with is told so, as by every other command.
  await registry.listBackends();
  let trouble: string | undefined;
  await using view = createView(registry, {
    onError: ({ message }) => {
      trouble = inOptions(message);
    },
  });
  const silence = silenceOf(view, place);
  const leases = new Leases(registry, place.kind === 'upstash');
  const latencies = new Map<string, number[]>();
  let sampledAt = Number.NEGATIVE_INFINITY;
  let sort: Sort = options.sort ?? SORTS[0];
  let reversed = false;
  let first = 0;
  const known = (): TopState => ({
    place: place.shown,
    state: view.state,
    ageMs: silence(),
    trouble,
    backends: view.backends,
    latencies,
    leases: leases.left(),
    sort,
    reversed,
    first,
  });
  const sample = (): void => {
    if (performance.now() - sampledAt < SAMPLE_MS) return;
    sampledAt = performance.now();
    take(view.backends, latencies);
  };
  if (!(await hasSeen(view, io))) return EXIT.done;
  await live(
    io,
    {
      frame: (size) => topFrame(known(), size, io.style),
      tick(size: Size) {
        sample();
        if (!view.stale) leases.ask(seenOf(known(), size));
      },
      press(key, size) {
        if (key === 's') sort = SORTS[(SORTS.indexOf(sort) + 1) % SORTS.length] ?? SORTS[0];
        else if (key === 'r') reversed = !reversed;
        else first = scrolled(first, key, rowsOf(size), view.backends.length);
      },
    },
    FRAME_MS,
  );
  return EXIT.done;
}

/** The newest latency of each, and nothing of those that have left. */
function take(backends: readonly Backend[], latencies: Map<string, number[]>): void {
  const there = new Set<string>();
  for (const { id, overallAvgLatency } of backends) {
    there.add(id);
    const seen = latencies.get(id);
    if (seen === undefined) latencies.set(id, [overallAvgLatency]);
    else if (seen.push(overallAvgLatency) > SAMPLES) seen.shift();
  }
  for (const id of latencies.keys()) if (!there.has(id)) latencies.delete(id);
}
