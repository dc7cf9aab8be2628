/** What the gateway of `examples/cloudflare-worker` adds to a request: against plain fetches to the same backend, in the same workerd, one after the other in turn. */
import { startBackend, startGateway } from '@backend-registry/example-cloudflare-worker/test/gateway.ts';
import { startUpstashRest } from '@backend-registry/upstash-rest';
import { percentile, type Spread, spread } from '../measure.ts';
import { count, markdown, ms, target } from '../report.ts';
import type { Section } from '../section.ts';

/** Those of `bench/worker.ts` there. */
const WAYS = {
  bare: '`fetch(url)`, nothing of what the client has sent',
  direct: '`fetch(url, { method, headers, body })`, the same request',
  request: '`fetch(url, request)`, the same request',
  routed: 'the gateway',
} as const;
type Way = keyof typeof WAYS;
const ways = Object.keys(WAYS) as Way[];

const MOST = 1.15;
const ROUNDS = 7;
/** Requests to the backend for one of the client, and how often each way is taken in a round. */
const PLACES = {
  client: { requests: 1, turns: 100 },
  inside: { requests: 20, turns: 40 },
} as const;
type Place = keyof typeof PLACES;
const NEVER_MS = 3_600_000;

/** Of one way in one place. */
interface Measured {
  readonly ms: Spread;
  /** By the direct one in the same round. */
  readonly ratio: Spread;
}

interface GatewayCosts {
  readonly client: Readonly<Record<Way, Measured>>;
  readonly inside: Readonly<Record<Way, Measured>>;
  /** What the registry was asked meanwhile. */
  readonly looks: { readonly seconds: number; readonly requests: number; readonly routed: number };
}

export const gateway: Section<GatewayCosts> = {
  measure: async ({ wanted }) => (wanted('the gateway') ? measureGateway() : undefined),
  text: textOf,
};

async function measureGateway(): Promise<GatewayCosts> {
  await using bridge = await startUpstashRest();
  await using origin = await startBackend(bridge, (_request, response) => response.end('ok'));
  const vars = { REPORT_INTERVAL_MS: NEVER_MS };
  await using worker = await startGateway(bridge, { entry: 'bench/worker.ts', vars });
  const backend = `${origin.url}:${origin.port}/`;
  let routed = 0;

  /** @returns ms for each request to the backend */
  async function take(way: Way, requests: number): Promise<number> {
    if (way === 'routed') routed += requests;
    const began = performance.now();
    const headers = { 'x-way': way, 'x-count': String(requests), 'x-backend': backend };
    const text = await (await worker.fetch('/', { headers })).text();
    if (text !== 'ok') throw new Error(text);
    return (performance.now() - began) / requests;
  }

  async function measure(place: Place): Promise<Readonly<Record<Way, Measured>>> {
    const { requests, turns } = PLACES[place];
    const rounds: Record<Way, number>[] = [];
    // The first round compiles.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const times: Record<Way, number[]> = { bare: [], direct: [], request: [], routed: [] };
      for (let turn = 0; turn < turns; turn += 1) {
        for (const way of turn % 2 === 0 ? ways : ways.toReversed()) times[way].push(await take(way, requests));
      }
      if (round > 0) rounds.push(eachWay((way) => percentile(times[way], 0.5)));
    }
    return eachWay((way) => ({
      ms: spread(rounds.map((medians) => medians[way])),
      ratio: spread(rounds.map((medians) => medians[way] / medians.direct)),
    }));
  }

  console.error('measuring: the gateway');
  await take('routed', 1);
  routed = 0;
  bridge.counts.reset();
  const began = performance.now();
  const [client, inside] = [await measure('client'), await measure('inside')];
  const seconds = (performance.now() - began) / 1_000;
  return { client, inside, looks: { seconds, requests: bridge.counts.requests, routed } };
}

function textOf({ client, inside, looks }: GatewayCosts): string {
  const head = ['a request to the backend', 'of a client: ms', '×', 'inside of the Worker: ms', '×', 'target'];
  const rows = ways.map((way) => [
    WAYS[way],
    ms(client[way].ms.median),
    ratio(client[way]),
    ms(inside[way].ms.median),
    ratio(inside[way]),
    way === 'routed' ? target(`≤ ${MOST} ×`, isWithin(client[way]) && isWithin(inside[way])) : '',
  ]);
  const a = looks.requests / looks.seconds;
  return `${markdown(head, rows)}

While ${count(looks.routed)} requests were routed, the registry was asked ${a.toFixed(2)} times a second: ${target('≤ 1', a <= 1)}.`;
}

function isWithin({ ratio: { median } }: Measured): boolean {
  return median <= MOST;
}

function ratio({ ratio: { median, low, high } }: Measured): string {
  return low === high ? median.toFixed(2) : `${median.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`;
}

function eachWay<T>(of: (way: Way) => T): Record<Way, T> {
  return Object.fromEntries(ways.map((way) => [way, of(way)])) as Record<Way, T>;
}
