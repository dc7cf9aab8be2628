import type { BackendDetail, CorruptRow } from '@backend-registry/core';
import { paintStatus } from '../backend-table.ts';
import type { Call } from '../call.ts';
import { showDuration } from '../duration.ts';
import { EXIT, type Exit } from '../exit.ts';
import { explain, type Findings } from '../explanation.ts';
import { find } from '../findings.ts';
import type { Io } from '../io.ts';
import type { PlaceOptions } from '../place.ts';
import { jsonOf, pad, printable } from '../text.ts';

interface Options extends PlaceOptions {
  readonly json?: boolean;
}

export async function run({ io, place: placeOf, open }: Call, url: string, options: Options): Promise<Exit> {
  const place = placeOf(options);
  const corrupt: CorruptRow[] = [];
  const registry = await open(place, { onCorrupt: (row) => corrupt.push(row) });
  const findings = await find(registry, place, url, corrupt);
  const explanation = explain(findings);
  if (options.json) {
    const backend = findings.backend ?? null;
    io.print(jsonOf({ ...explanation, backend }, io.stdout.isTTY ? 2 : undefined));
  } else {
    for (const [name, value] of facts(findings, io)) io.print(`${io.style.dim(pad(name, 15))}${value}`);
    io.print(explanation.verdict);
    for (const note of explanation.notes) io.print(note);
    if (explanation.remedy !== undefined) io.print(io.style.dim(`→ ${explanation.remedy}`));
  }
  return explanation.routable ? EXIT.done : EXIT.no;
}

/** And who says so: the report that came last, or the lease that has ended. The store does not keep who reported. */
function healthOf({ status, health }: BackendDetail): string {
  if (status === 'expired') return 'down, by the end of its lease';
  return `${health ? 'up' : 'down'}, as reported last`;
}

function facts({ id, now, backend }: Findings, { style }: Io): [name: string, value: string][] {
  const lines: [string, string][] = [['backend', printable(id)]];
  if (backend === undefined) return lines;
  const ago = (ms: number): string => `${showDuration(Math.max(0, now - ms))} ago`;
  lines.push(
    ['status', paintStatus(backend.status, backend.status, style)],
    ['health', healthOf(backend)],
    ['lease', backend.expiresInMs > 0 ? `${showDuration(backend.expiresInMs)} left` : 'ended'],
    ['heartbeat', ago(backend.lastHeartbeatAt)],
    ['life', `${printable(backend.incarnation)}, registered ${ago(backend.registeredAt)}`],
    ['last change', `${ago(Number(backend.version) / 1_000)} (version ${backend.version})`],
    ['metrics', backend.metricsUpdatedAt === null ? 'never reported' : `changed ${ago(backend.metricsUpdatedAt)}`],
  );
  return lines;
}
