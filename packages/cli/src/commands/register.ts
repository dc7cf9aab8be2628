import type { BackendRegistration } from '@backend-registry/core';
import type { Call } from '../call.ts';
import { readDuration, showDuration } from '../duration.ts';
import { EXIT, type Exit } from '../exit.ts';
import { quoted, UsageError } from '../failure.ts';
import { type HeartbeatTimeoutOption, readHeartbeatTimeout } from '../heartbeat-timeout.ts';
import { keep } from '../keep.ts';
import { readPairs } from '../pairs.ts';
import type { PlaceOptions } from '../place.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions, HeartbeatTimeoutOption {
  readonly keep?: boolean;
  readonly drain?: string;
  readonly zone?: string;
  readonly weight?: string;
  readonly meta?: readonly string[];
  readonly incarnation?: string;
  readonly unhealthy?: boolean;
  readonly json?: boolean;
}

const DRAIN_MS = 5_000;

const DONE = {
  registered: 'is registered',
  replaced: 'is registered, in the place of another life',
  updated: 'was registered, and is updated',
  renewed: 'was registered, and is renewed',
} as const;

export async function run({ io, place, open }: Call, url: string, options: Options): Promise<Exit> {
  const backend = readBackend(url, options);
  const heartbeatTimeoutMs = readHeartbeatTimeout(options, io.env);
  const drainMs = readDrain(options);
  const registry = await open(place(options), heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs });
  if (options.keep) return keep(io, registry, backend, { drainMs, json: options.json ?? false });
  const answer = await registry.register(backend);
  if (options.json) io.print(jsonOf(answer));
  else {
    const lasts = showDuration(registry.capabilities.heartbeatTimeoutMs);
    io.print(`${printable(answer.backend.id)} ${DONE[answer.status]}, for ${lasts} without a heartbeat`);
    const { status } = answer.backend;
    if (!options.unhealthy && status !== 'healthy')
      io.say(`It is ${status}, as it was before: backend-registry explain ${printable(answer.backend.id)}`);
  }
  return EXIT.done;
}

function readBackend(url: string, { zone, weight, meta, incarnation, unhealthy }: Options): BackendRegistration {
  return {
    url,
    ...(zone !== undefined && { zone }),
    ...(weight !== undefined && { weight: readWeight(weight) }),
    ...(meta && { metadata: readPairs(meta, '--meta') }),
    ...(incarnation !== undefined && { incarnation }),
    ...(unhealthy && { health: false }),
  };
}

function readWeight(text: string): number {
  const weight = Number(text);
  if (text.trim() !== '' && weight >= 0 && Number.isFinite(weight)) return weight;
  throw new UsageError(`--weight is ${quoted(text)}: it must be a number, 0 or more.`);
}

function readDrain({ drain, keep }: Options): number {
  if (drain === undefined) return DRAIN_MS;
  if (!keep) throw new UsageError('--drain says how --keep ends: give both.');
  return drain.trim() === '0' ? 0 : readDuration(drain, '--drain');
}
