/** The Redis adapters, against the same client doing the least that the same job needs. */
import type { Backend, BackendRef, BackendRegistration } from '@backend-registry/core';
import { startStandalone } from '@backend-registry/redis-server';
import { LASTING, type Library, libraries } from '../clients.ts';
import { compareAll, type Result, type Row } from '../measure.ts';
import { limits, table } from '../report.ts';
import type { Section } from '../section.ts';
import { IN_FLIGHT, inFlight } from '../systems/system.ts';

const FLEET = 1_000;

function addresses(count: number): BackendRegistration[] {
  return Array.from({ length: count }, (_, n) => ({ url: `http://10.0.${n >> 8}.${n & 255}`, port: 8000 }));
}

/**
 * What any heartbeat takes that knows who is registered: it looks each up in a hash, and writes the times. No lease, so nobody could tell who has expired but by reading all
 * times. KEYS the hash, then the key of each time; ARGV a time.
 */
const LEAST_SCRIPT = `
local ids, times = {}, {}
for first = 2, #KEYS, 100 do
  local many = math.min(100, #KEYS + 1 - first)
  for n = 1, many do
    local key = KEYS[first + n - 1]
    ids[n] = string.sub(key, 5)
    times[2 * n - 1], times[2 * n] = key, ARGV[1]
  end
  local known = redis.call('HMGET', KEYS[1], unpack(ids, 1, many))
  for n = 1, many do if not known[n] then return 0 end end
  redis.call('MSET', unpack(times, 1, 2 * many))
end
return #KEYS - 1
`;

async function rowsOf({ name, connect }: Library, url: string): Promise<Row[]> {
  const client = await connect(url);
  const registry = (await connect(url)).registry({ ...LASTING, keyPrefix: `${name}:` });
  const backends = addresses(FLEET);
  await registry.registerAll(backends);
  const listed = await registry.listBackends();
  const fenced = listed.map(({ url, port, incarnation }) => ({ url, port, incarnation }));
  const document = JSON.stringify(listed[0]);
  const keys = listed.map(({ id }) => `raw:${name}:${id}`);
  await client.mset(keys.flatMap((key) => [key, document]));
  const beats = keys.flatMap((key) => [`${key}:beat`, '1694234567.123456']);
  const hash = `${name}:registry:incarnations`;
  const least = listed.map(({ id }) => `raw:${id}`);
  if ((await client.eval(LEAST_SCRIPT, [hash, ...least], ['1'])) !== FLEET)
    throw new Error('The least script finds nobody');
  let weight = 1;
  let requests = 0;
  return [
    {
      name: `${name}: heartbeat with an incarnation, one by one`,
      operations: 1,
      inTurn: true,
      targetRatio: 0.6,
      limitIs: 'SET of a time',
      ours: { run: () => registry.heartbeat(fenced[0] as BackendRef) },
      limit: { run: () => client.set(`${keys[0]}:beat`, '1694234567.123456') },
    },
    {
      name: `${name}: heartbeat with an incarnation, ${IN_FLIGHT} in flight`,
      operations: FLEET,
      targetRatio: 0.6,
      limitIs: 'SET of a time',
      ours: { run: () => inFlight(fenced, (backend) => registry.heartbeat(backend)) },
      limit: { run: () => inFlight(keys, (key) => client.set(`${key}:beat`, '1694234567.123456')) },
    },
    {
      name: `${name}: heartbeatAll of 1,000, heartbeats`,
      operations: FLEET,
      targetRatio: 0.35,
      limitIs: 'MSET of as many times',
      ours: { run: () => registry.heartbeatAll(backends) },
      limit: { run: () => client.mset(beats) },
    },
    {
      name: `${name}: heartbeatAll of 1,000 with incarnations, heartbeats`,
      operations: FLEET,
      limitIs: 'MSET of as many times',
      ours: { run: () => registry.heartbeatAll(fenced) },
      limit: { run: () => client.mset(beats) },
    },
    {
      name: `${name}: the least script for 1,000 heartbeats, without leases`,
      operations: FLEET,
      limitIs: 'MSET of as many times',
      ours: { run: () => client.eval(LEAST_SCRIPT, [hash, ...least], ['1694234567.123456']) },
      limit: { run: () => client.mset(beats) },
    },
    {
      name: `${name}: register, ${IN_FLIGHT} in flight`,
      operations: FLEET,
      targetRatio: 0.6,
      limitIs: 'SET of the document',
      ours: {
        run: () => {
          weight += 1;
          return inFlight(backends, (backend) => registry.register({ ...backend, weight }));
        },
      },
      limit: { run: () => inFlight(keys, (key) => client.set(key, document)) },
    },
    {
      name: `${name}: listBackends of 1,000, nothing changed`,
      operations: 1,
      inTurn: true,
      targetRatio: 0.6,
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
      name: `${name}: listBackends of 1,000, all changed`,
      operations: 1,
      targetRatio: 0.625,
      limitIs: 'MGET and JSON.parse of as many documents',
      everyRun: async () => {
        requests += 1;
        await inFlight(backends, (backend) => registry.updateBackendMetrics(backend, { inFlightRequests: requests }));
      },
      ours: { run: () => registry.listBackends() },
      limit: {
        async run() {
          return (await client.mget(keys)).map((text): Backend => JSON.parse(text ?? ''));
        },
      },
    },
    {
      name: `${name}: one backend, ${IN_FLIGHT} writers of metrics`,
      operations: FLEET,
      limitIs: 'SET of the document',
      ours: {
        run: () =>
          inFlight(keys, () => {
            requests += 1;
            return registry.updateBackendMetrics(backends[0] as BackendRegistration, { inFlightRequests: requests });
          }),
      },
      limit: { run: () => inFlight(keys, () => client.set(keys[0] as string, document)) },
    },
  ];
}

/** Every row over both libraries, on one server. */
export const redis: Section<Result[]> = {
  async measure({ wanted, full }) {
    const server = await startStandalone();
    const rows: Row[] = [];
    for (const library of libraries) rows.push(...(await rowsOf(library, server.url)));
    const results = await compareAll(rows, wanted, full);
    return results.length === 0 ? undefined : results;
  },
  text: (results) => [table(results), 'The limits:', limits(results)].join('\n\n'),
};
