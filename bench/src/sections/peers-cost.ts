/** What an operation sends and what a backend takes: counted, not timed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FaultProxy, startFaultProxy } from '@backend-registry/fault-proxy';
import { residentBytes } from '../process-use.ts';
import { count, failureText, markdown } from '../report.ts';
import type { Asked, Section } from '../section.ts';
import { systems } from '../systems/index.ts';
import type { Session, System, Work } from '../systems/system.ts';
import { within } from '../within.ts';

const FLEET = 1_000;
const TIMES = 10;
/** So many are there before the memory of the server is taken: what is there once is there. */
const FEW = 100;
const LEASE_MS = 3_600_000;
const LONGEST_MS = 150_000;

/** They send and keep what others of the list do. */
const NOT_ASKED = new Set([
  'naive: SCAN and GET',
  'naive: KEYS and GET',
  'ours: ioredis, appendfsync always',
  'limit: socket',
  'limit: ioredis that keeps a copy',
  'limit: ioredis, pipelined',
]);

interface Traffic {
  /** Requests of the Redis protocol; not counted for other protocols. */
  readonly requests?: number;
  readonly sent: number;
  readonly received: number;
}

interface Row {
  readonly name: string;
  readonly cannot: Readonly<Partial<Record<Work, string>>>;
  /** For one operation. */
  readonly traffic: Readonly<Record<string, Traffic>>;
  /** Bytes of a backend in the server's memory, of those that were registered. */
  readonly server?: number;
  /** Bytes of a backend that a client keeps after a list. */
  readonly client?: number;
  readonly failed?: string;
}

interface Cost {
  /** What memory was measured with. */
  readonly backends: number;
  readonly rows: readonly Row[];
}

interface Operation {
  readonly name: string;
  readonly work: Work;
  /** What it is for; the traffic of one is told. */
  readonly times: number;
  run(session: Session): Promise<unknown>;
}

const operations: readonly Operation[] = [
  { name: 'register', work: 'register', times: TIMES, run: inTurn((session, n) => session.register?.(FLEET + n)) },
  { name: 'heartbeat', work: 'heartbeat', times: TIMES, run: inTurn((session, n) => session.heartbeat?.(n)) },
  {
    name: `heartbeat, of ${count(FLEET)} at once`,
    work: 'heartbeatAll',
    times: FLEET,
    run: async (session) => session.heartbeatAll?.(FLEET),
  },
  { name: 'health changed', work: 'update', times: TIMES, run: inTurn((session, n) => session.update?.(n)) },
  { name: `unchanged list of ${count(FLEET)}`, work: 'list', times: TIMES, run: inTurn((session) => session.list?.()) },
];

function inTurn(act: (session: Session, n: number) => Promise<unknown> | undefined) {
  return async (session: Session) => {
    for (let n = 0; n < TIMES; n += 1) await act(session, n);
  };
}

export const peersCost: Section<Cost> = { measure, text };

async function measure({ wanted, full }: Asked): Promise<Cost | undefined> {
  const backends = full ? 10_000 : 2_000;
  const rows: Row[] = [];
  for (const system of systems.filter(({ name }) => wanted(name) && !NOT_ASKED.has(name))) {
    console.error(`measuring: traffic and memory of ${system.name}`);
    const { name, cannot } = system;
    try {
      rows.push(await within(LONGEST_MS, name, rowOf(system, backends)));
    } catch (error) {
      rows.push({ name, cannot, traffic: {}, failed: failureText(error) });
    }
  }
  return rows.length === 0 ? undefined : { backends, rows };
}

async function rowOf(system: System, backends: number): Promise<Row> {
  const { name, cannot } = system;
  const traffic = await trafficOf(system);
  const client = system.kind === 'limit' ? undefined : await clientBytes(system, backends);
  const server = system.name === 'ours: memory' ? undefined : await serverBytes(system, backends);
  return {
    name,
    cannot,
    traffic,
    ...(server === undefined ? {} : { server }),
    ...(client === undefined ? {} : { client }),
  };
}

async function trafficOf(system: System): Promise<Record<string, Traffic>> {
  const traffic: Record<string, Traffic> = {};
  await using server = await system.start({});
  if (server.port === 0) return traffic;
  const http = server.endpoint.startsWith('{');
  await using proxy = await startFaultProxy({
    host: '127.0.0.1',
    port: server.port,
    protocol: system.redis && !http ? 'redis' : 'chunks',
  });
  const through = server.endpoint.replaceAll(`127.0.0.1:${server.port}`, `127.0.0.1:${proxy.port}`);
  const session = await system.open(through, { space: 'cost', leaseMs: LEASE_MS });
  for (const { name, work, times, run } of operations.toReversed()) {
    if (system.cannot[work] !== undefined) continue;
    await session.fill(FLEET);
    // What follows is not the first: whoever has scripts has sent them.
    if (work === 'list') await session.list?.();
    else if (work !== 'register') await run(session);
    const before = counted(proxy);
    await run(session);
    const after = counted(proxy);
    traffic[name] = {
      ...(system.redis && !http ? { requests: (after.requests - before.requests) / times } : {}),
      sent: (after.sent - before.sent) / times,
      received: (after.received - before.received) / times,
    };
  }
  await session.close();
  return traffic;
}

function counted({ requests, replies }: FaultProxy): { requests: number; sent: number; received: number } {
  return { requests: requests.messages, sent: requests.bytes, received: replies.bytes };
}

async function serverBytes(system: System, backends: number): Promise<number> {
  await using server = await system.start({});
  const session = await system.open(server.endpoint, { space: 'cost', leaseMs: LEASE_MS });
  const used = () => residentBytes(server.storePids ?? server.pids);
  await session.fill(FEW);
  const before = used();
  await session.fill(backends);
  const bytes = (used() - before) / (backends - FEW);
  await session.close();
  return bytes;
}

/** In a process of its own. */
async function clientBytes(system: System, backends: number): Promise<number> {
  await using server = await system.start({});
  const writer = await system.open(server.endpoint, { space: 'cost', leaseMs: LEASE_MS });
  if (server.port !== 0) await writer.fill(backends);
  const program = fileURLToPath(new URL('../programs/reader.ts', import.meta.url));
  const args = ['--expose-gc', program, system.module, system.name, server.endpoint, 'cost', String(backends)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  await writer.close();
  return Number(line) / backends;
}

function text({ backends, rows }: Cost): string {
  const names = operations.map(({ name }) => name);
  const traffic = markdown(
    ['requests: bytes out + bytes back', ...names],
    rows
      .filter(({ traffic }) => Object.keys(traffic).length > 0)
      .map(({ name, cannot, traffic }) => [
        name,
        ...operations.map(({ name: operation, work }) => cell(traffic[operation], cannot[work])),
      ]),
  );
  const memory = markdown(
    [`bytes a backend, of ${count(backends)}`, 'in the server', 'kept by a client that has listed'],
    rows
      .filter(({ server, client }) => server !== undefined || client !== undefined)
      .map(({ name, server, client }) => [name, bytes(server), bytes(client)]),
  );
  const grown = `Memory in the server is the growth of the process that keeps the data, from ${count(FEW)} to ${count(backends)} backends.`;
  const failed = rows.flatMap(({ name, failed }) => (failed === undefined ? [] : [`${name}: ${failed}`]));
  return [traffic, memory, grown, ...failed].join('\n\n');
}

function cell(traffic: Traffic | undefined, cannot: string | undefined): string {
  if (traffic === undefined) return cannot ?? '';
  const { requests, sent, received } = traffic;
  const asked = requests === undefined ? '' : `${count(requests)}: `;
  return `${asked}${count(Math.round(sent))} + ${count(Math.round(received))}`;
}

/** Below what a garbage collector leaves lying about, nothing is there to be told. */
function bytes(value: number | undefined): string {
  if (value === undefined) return '';
  return value < 20 ? 'nothing' : count(Math.round(value));
}
