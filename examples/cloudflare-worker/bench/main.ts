// What the gateway adds to a request: `pnpm bench` here. Both kinds go through the same workerd to the same backend, in turns; the medians count.
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { startBackend, startGateway } from '../test/gateway.ts';

const ROUNDS = 3_000;
const MOST = 1.15;
const KINDS = ['direct', 'routed'] as const;
type Kind = (typeof KINDS)[number];

await using bridge = await startUpstashRest();
await using origin = await startBackend(bridge, (_request, response) => response.end('ok'));
await using gateway = await startGateway(bridge, { entry: 'bench/worker.ts' });
const backend = `${origin.url}:${origin.port}`;

/** @param count requests to the backend, one after the other, for one of the client */
async function measure(kind: Kind, count: number): Promise<number> {
  const began = performance.now();
  const direct = kind === 'direct' ? { 'x-direct': `${backend}/` } : undefined;
  const answer = await gateway.fetch('/', { headers: { 'x-count': String(count), ...direct } });
  const text = await answer.text();
  if (text !== 'ok') throw new Error(text);
  return (performance.now() - began) / count;
}

async function compare(count: number, rounds: number): Promise<number> {
  const times: Record<Kind, number[]> = { direct: [], routed: [] };
  // The first ones compile.
  for (let round = -rounds / 10; round < rounds; round += 1) {
    for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) {
      const ms = await measure(kind, count);
      if (round >= 0) times[kind].push(ms);
    }
  }
  const [direct, routed] = [median(times.direct), median(times.routed)];
  console.log(`direct ${direct.toFixed(3)} ms, routed ${routed.toFixed(3)} ms: ${(routed / direct).toFixed(2)} ×`);
  return routed / direct;
}

console.log(`a request of a client (at most ${MOST} ×):`);
process.exitCode = (await compare(1, ROUNDS)) <= MOST ? 0 : 1;
console.log('inside of a Worker, without the way to it, for what the gateway itself costs:');
await compare(100, 60);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
