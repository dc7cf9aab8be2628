import { ask, notRegistered } from '../answer.ts';
import { paintStatus, showLatency, showMetadata } from '../backend-table.ts';
import type { Call } from '../call.ts';
import { showDuration } from '../duration.ts';
import { EXIT, type Exit } from '../exit.ts';
import type { PlaceOptions } from '../place.ts';
import { jsonOf, pad, printable } from '../text.ts';

interface Options extends PlaceOptions {
  readonly json?: boolean;
}

export async function run(call: Call, url: string, options: Options): Promise<Exit> {
  const { io } = call;
  const { registry, unreadable } = await ask(call, options);
  const backend = await registry.getBackend({ url });
  if (backend === null) {
    io.say((await unreadable(url)) ?? notRegistered(url));
    return EXIT.no;
  }
  if (options.json) {
    io.print(jsonOf(backend, io.stdout.isTTY ? 2 : undefined));
    return EXIT.done;
  }
  const time = (ms: number): string => new Date(ms).toISOString();
  const lines: readonly (readonly [string, string])[] = [
    ['backend', printable(backend.id)],
    ['status', paintStatus(backend.status, backend.status, io.style)],
    ['lease left', backend.expiresInMs === 0 ? 'none: it has ended' : showDuration(backend.expiresInMs)],
    ['last heartbeat', time(backend.lastHeartbeatAt)],
    ['registered', time(backend.registeredAt)],
    ['incarnation', printable(backend.incarnation)],
    ['version', backend.version],
    ['in flight', String(backend.inFlightRequests)],
    ['latency at load', showLatency(backend.rifAvgLatency)],
    ['latency overall', showLatency(backend.overallAvgLatency)],
    ['metrics updated', backend.metricsUpdatedAt === null ? 'never' : time(backend.metricsUpdatedAt)],
    ['weight', String(backend.weight)],
    ['zone', printable(backend.zone ?? '-')],
    ['metadata', showMetadata(backend.metadata) || '-'],
  ];
  for (const [name, value] of lines) io.print(`${io.style.dim(pad(name, 17))}${value}`);
  return EXIT.done;
}
