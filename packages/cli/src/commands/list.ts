import type { Backend, BackendFilter, BackendStatus } from '@backend-registry/core';
import { backendTable } from '../backend-table.ts';
import type { Call } from '../call.ts';
import { EXIT, type Exit } from '../exit.ts';
import { readPairs } from '../pairs.ts';
import type { PlaceOptions } from '../place.ts';

interface Options extends PlaceOptions {
  readonly status?: readonly BackendStatus[];
  readonly zone?: string;
  readonly meta?: readonly string[];
  readonly json?: boolean;
  readonly watch?: boolean;
}

export async function run({ io, place, open }: Call, options: Options): Promise<Exit> {
  const filter: BackendFilter = {
    ...(options.status && { status: options.status }),
    ...(options.zone !== undefined && { zone: options.zone }),
    ...(options.meta && { metadata: readPairs(options.meta, '--meta') }),
  };
  const registry = await open(place(options));
  const columns = io.stdout.isTTY ? io.stdout.columns : undefined;
  const show = (backends: readonly Backend[]): void => {
    if (options.json) io.print(JSON.stringify(backends, null, io.stdout.isTTY ? 2 : undefined));
    else if (backends.length === 0) io.say('No backends.');
    else for (const line of backendTable(backends, io.style, columns, Date.now())) io.print(line);
  };
  show(await registry.listBackends(filter));
  return EXIT.done;
}
