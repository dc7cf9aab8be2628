// What the gateway adds to a request: `pnpm bench` here. Both kinds go from the same workerd to the same backend, in turns; the medians count.
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { startBackend, startGateway } from '../test/gateway.ts';

const ROUNDS = 60;
const COUNT = 100;
const MOST = 1.15;

await using bridge = await startUpstashRest();
await using origin = await startBackend(bridge, (_request, response) => response.end('ok'));
await using gateway = await startGateway(bridge, { entry: 'bench/worker.ts' });
const backend = `${origin.url}:${origin.port}`;

async function measure(kind: 'routed' | 'direct'): Promise<number> {
  const began = performance.now();
  const answer = await gateway.fetch(`/?${new URLSearchParams({ kind, backend, count: String(COUNT) })}`);
  if (!answer.ok) throw new Error(await answer.text());
  await answer.text();
  return (performance.now() - began) / COUNT;
}

// The first ones compile.
for (let round = 0; round < 10; round += 1) {
  await measure('direct');
  await measure('routed');
}
const times = { direct: [] as number[], routed: [] as number[] };
for (let round = 0; round < ROUNDS; round += 1) {
  for (const kind of round % 2 === 0 ? (['direct', 'routed'] as const) : (['routed', 'direct'] as const)) {
    times[kind].push(await measure(kind));
  }
}

const [direct, routed] = [median(times.direct), median(times.routed)];
const factor = routed / direct;
console.log(`direct ${direct.toFixed(3)} ms, routed ${routed.toFixed(3)} ms: ${factor.toFixed(2)} × (at most ${MOST})`);
process.exitCode = factor <= MOST ? 0 : 1;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
