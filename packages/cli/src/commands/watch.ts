import type { Backend, RegistryEvent } from '@backend-registry/core';
import { paintStatus, showLatency, showMetadata } from '../backend-table.ts';
import type { Call } from '../call.ts';
import { EXIT, type Exit } from '../exit.ts';
import { inOptions } from '../failure.ts';
import type { Style } from '../io.ts';
import type { PlaceOptions } from '../place.ts';
import { backends } from '../tally.ts';
import { jsonOf, pad, printable } from '../text.ts';

interface Options extends PlaceOptions {
  readonly json?: boolean;
  readonly metrics?: boolean;
}

export async function run({ io, place, open }: Call, options: Options): Promise<Exit> {
  const registry = await open(place(options));
  for await (const event of registry.watch({ metrics: options.metrics ?? false, signal: io.signal })) {
    io.print(options.json ? eventLine(event) : toLine(event, new Date(), io.style));
    // While nobody reads, the watch waits: what changes meanwhile is told as one.
    await io.flushed();
  }
  return EXIT.done;
}

/** An error as a reader of JSON can use it. */
function eventLine(event: RegistryEvent): string {
  if (event.type !== 'stale') return jsonOf(event);
  const { code, message } = event.error;
  return jsonOf({ ...event, error: { code, message } });
}

/** @param at when it was heard */
export function toLine(event: RegistryEvent, at: Date, style: Style): string {
  return `${style.dim(at.toISOString())}  ${style.bold(pad(event.type, 10))}  ${told(event, style)}`;
}

function told(event: RegistryEvent, style: Style): string {
  switch (event.type) {
    case 'snapshot':
      return `${backends(event.backends.length)}${event.cause === 'initial' ? '' : ` (${event.cause})`}`;
    case 'registered':
      return `${printable(event.backend.id)}  ${describe(event.backend, style)}`;
    case 'updated': {
      const parts = event.changed.map((change) => difference(change, event.previous, event.backend, style));
      return `${printable(event.backend.id)}  ${[...new Set(parts)].join('  ')}`;
    }
    case 'removed':
      return `${printable(event.backend.id)}  ${event.reason}`;
    case 'stale':
      return style.yellow(`since ${new Date(event.since).toISOString()}: ${printable(inOptions(event.error.message))}`);
    case 'fresh':
      return 'the store answers again';
  }
}

function describe(backend: Backend, style: Style): string {
  return [
    paintStatus(backend.status, backend.status, style),
    ...(backend.weight === 1 ? [] : [`weight ${backend.weight}`]),
    ...(backend.zone === null ? [] : [`zone ${printable(backend.zone)}`]),
    showMetadata(backend.metadata),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

type Change = Extract<RegistryEvent, { type: 'updated' }>['changed'][number];

function difference(change: Change, previous: Backend, backend: Backend, style: Style): string {
  switch (change) {
    case 'registration':
      return `registration: ${describe(backend, style)}`;
    case 'metrics':
      return [
        `in flight ${previous.inFlightRequests} → ${backend.inFlightRequests}`,
        `latency ${showLatency(previous.overallAvgLatency)} → ${showLatency(backend.overallAvgLatency)}`,
      ].join('  ');
    case 'health':
    case 'drain':
    case 'expiry':
      return `${previous.status} → ${paintStatus(backend.status, backend.status, style)}`;
  }
}
