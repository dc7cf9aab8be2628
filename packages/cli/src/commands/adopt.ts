import type { Call } from '../call.ts';
import { EXIT, type Exit } from '../exit.ts';
import { StoreError } from '../failure.ts';
import { type HeartbeatTimeoutOption, readHeartbeatTimeout } from '../heartbeat-timeout.ts';
import type { PlaceOptions } from '../place.ts';
import { backends, count } from '../tally.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends PlaceOptions, HeartbeatTimeoutOption {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function run({ io, place, open }: Call, options: Options): Promise<Exit> {
  const { dryRun = false } = options;
  const where = place(options);
  const heartbeatTimeoutMs = readHeartbeatTimeout(options, io.env);
  const registry = await open(where, { ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }) });
  if (registry.adoptBackends === undefined)
    throw new StoreError(
      `${where.shown}: the keys of Upstash cannot be gone through over HTTP: give its address over TCP, --registry rediss://….`,
    );
  const { adopted, expired, corrupt } = await registry.adoptBackends({ signal: io.signal, dryRun });
  if (options.json) {
    io.print(jsonOf({ adopted, expired, corrupt }));
    return EXIT.done;
  }
  for (const { id } of adopted) io.print(printable(id));
  for (const id of expired) io.print(`${printable(id)} (expired: left alone)`);
  for (const { id, reason } of corrupt) io.print(`${printable(id)} (${printable(reason)}: left alone)`);
  const others = [
    ...(expired.length === 0 ? [] : [`${count(expired.length)} expired`]),
    ...(corrupt.length === 0 ? [] : [`${count(corrupt.length)} that cannot be read`]),
  ].join(', ');
  const said = dryRun ? 'would be adopted. Nothing was written.' : 'adopted.';
  io.say(`${backends(adopted.length)} ${said}${others === '' ? '' : ` Left alone: ${others}.`}`);
  return EXIT.done;
}
