/** The Upstash adapter through the local bridge, in a process of its own, against the client of `@upstash/redis` doing the least that the same job needs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BackendRegistration, BackendRegistry, RegistryOptions } from '@backend-registry/core';
import { RedisBackendRegistry } from '@backend-registry/upstash';
import { Redis } from '@upstash/redis';
import { LASTING } from '../clients.ts';
import { compareAll, type Result, type Row } from '../measure.ts';
import { limits, table } from '../report.ts';
import type { Section } from '../section.ts';

interface Endpoint {
  readonly url: string;
  readonly token: string;
}

const FLEET = 1_000;
const TOGETHER = 100;
/** 1.5 times as long. */
const TARGET = 0.667;

const ways: Readonly<Record<string, (endpoint: Endpoint, options: RegistryOptions) => BackendRegistry>> = {
  'by url': (endpoint, options) => new RedisBackendRegistry({ ...endpoint, ...options }),
  'over a client': (endpoint, options) => new RedisBackendRegistry({ ...options, client: new Redis(endpoint) }),
};

export const upstash: Section<Result[]> = {
  async measure({ wanted, full }) {
    const program = spawn(process.execPath, [fileURLToPath(new URL('../programs/bridge.ts', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(program.stdout), 'line');
    const endpoint: Endpoint = JSON.parse(line);
    const rows: Row[] = [];
    for (const way of Object.keys(ways)) rows.push(...(await rowsOf(way, endpoint)));
    const results = await compareAll(rows, wanted, full);
    program.stdin.end();
    await once(program, 'exit');
    return results.length === 0 ? undefined : results;
  },
  text: (results) => [table(results), 'The limits:', limits(results)].join('\n\n'),
};

async function rowsOf(way: string, endpoint: Endpoint): Promise<Row[]> {
  const client = new Redis(endpoint);
  const registry = ways[way]?.(endpoint, { ...LASTING, keyPrefix: `${way}:` }) as BackendRegistry;
  const backends: BackendRegistration[] = Array.from({ length: FLEET }, (_, n) => ({
    url: `http://10.0.${n >> 8}.${n & 255}`,
    port: 8000,
  }));
  const together = backends.slice(0, TOGETHER);
  await registry.registerAll(backends);
  const listed = await registry.listBackends();
  const document = JSON.stringify(listed[0]);
  const keys = listed.map(({ id }) => `raw:${way}:${id}`);
  await client.mset(Object.fromEntries(keys.map((key) => [key, document])));
  const beats = Object.fromEntries(keys.slice(0, TOGETHER).map((key) => [`${key}:beat`, '1694234567.123456']));
  let weight = 1;
  let requests = 0;
  return [
    {
      name: `${way}: heartbeatAll of ${TOGETHER}`,
      operations: 1,
      targetRatio: TARGET,
      limitIs: 'MSET of as many times',
      ours: { run: () => registry.heartbeatAll(together) },
      limit: { run: () => client.mset(beats) },
    },
    {
      name: `${way}: register`,
      operations: 1,
      limitIs: 'SET of the document',
      ours: {
        run: () => {
          weight += 1;
          return registry.register({ ...(backends[0] as BackendRegistration), weight });
        },
      },
      limit: { run: () => client.set(keys[0] as string, document) },
    },
    {
      name: `${way}: listBackends of 1,000, nothing changed`,
      operations: 1,
      targetRatio: TARGET,
      limitIs: 'PING, and copying an array of 1,000',
      ours: { run: () => registry.listBackends() },
      limit: {
        async run() {
          await client.ping();
          return listed.slice();
        },
      },
    },
    {
      name: `${way}: listBackends of 1,000, all changed`,
      operations: 1,
      limitIs: 'MGET of as many documents, which the client parses',
      everyRun: async () => {
        requests += 1;
        await Promise.all(
          backends.map((backend) => registry.updateBackendMetrics(backend, { inFlightRequests: requests })),
        );
      },
      ours: { run: () => registry.listBackends() },
      limit: { run: () => client.mget(keys) },
    },
  ];
}
