/** One registry, through two adapters at once. */
import type { BackendRegistry } from '@backend-registry/core';
import { describe, expect, test } from 'vitest';
import { eventually, Witness } from './witness.ts';

/** How to open a registry of each adapter on the same server, by its name. */
type Openers = Readonly<Record<string, (keyPrefix: string) => BackendRegistry>>;

const backend = { url: 'http://10.0.0.1', port: 8001 };
const another = {
  url: 'http://10.0.0.2',
  port: 8002,
  metadata: { größe: '0.30000000000000004', empty: '' },
  weight: 0.1,
};

/** Each of the two writes while the other one watches. */
export function testMixed(openers: Openers): void {
  const names = Object.keys(openers);
  const [one = '', other = ''] = names;
  for (const [writes, watches] of [
    [one, other],
    [other, one],
  ] as const) {
    const title = `${writes} writes, ${watches} watches`;
    const openWriter = openers[writes] as Openers[string];
    const openReader = openers[watches] as Openers[string];

    describe(`mixed fleet: ${title}`, () => {
      test('the watcher is told what happened, once each, and both list the same', async () => {
        await using writer = openWriter(`${title}:`);
        await using reader = openReader(`${title}:`);
        await using near = await Witness.of(writer);
        await using far = await Witness.of(reader);
        const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
          ['registered', () => writer.registerAll([backend])],
          ['registered', () => writer.register(another)],
          ['updated health', () => writer.updateBackendHealth(backend, false)],
          ['updated metrics', () => writer.updateBackendMetrics(another, { rifAvgLatency: 0.1 })],
          ['updated drain', () => writer.drain(another)],
          ['updated registration', () => writer.register({ ...another, zone: 'a' })],
          ['removed unregistered', () => writer.unregister(backend)],
        ];
        const expected = ['snapshot initial'];
        for (const [event, step] of steps) {
          await step();
          await near.settled();
          await far.settled();
          expected.push(event);
          expect(told(far)).toEqual(expected);
        }
        expect(told(near)).toEqual(expected);
        expect(far.events).toEqual(near.events);
        expect(await reader.listBackends()).toEqual(await writer.listBackends());
        expect(await reader.getBackend(another)).toMatchObject({ ...another, zone: 'a', rifAvgLatency: 0.1 });
      });

      test('incarnations fence across the adapters, and a lease given through one ends for the other', async () => {
        await using first = openWriter(`fenced-${title}:`);
        await using second = openReader(`fenced-${title}:`);
        await using witness = await Witness.of(second);
        await first.register({ ...backend, incarnation: 'old' });
        expect(await second.register({ ...backend, incarnation: 'new' })).toMatchObject({ status: 'replaced' });
        // One that polls sees what there is between two looks.
        await witness.settled();
        expect(await first.heartbeat({ ...backend, incarnation: 'old' })).toEqual({ status: 'fenced' });
        expect(await first.unregister({ ...backend, incarnation: 'old' })).toEqual({ status: 'fenced' });
        await first.heartbeat({ ...backend, incarnation: 'new', heartbeatTimeoutMs: 50 });
        await eventually(async () => expect((await second.getBackend(backend))?.status).toBe('expired'));
        expect((await second.cleanupExpiredBackends()).removed).toMatchObject([
          { incarnation: 'new', status: 'expired' },
        ]);
        await witness.settled();
        expect(told(witness).at(-1)).toBe('removed expired');
      });

      test('both write at once: nobody undoes the other, and everybody agrees at the end', async () => {
        await using first = openWriter(`both-${title}:`);
        await using second = openReader(`both-${title}:`);
        await using seenByFirst = await Witness.of(first);
        await using seenBySecond = await Witness.of(second);
        const backends = Array.from({ length: 20 }, (_, n) => ({ url: `http://10.0.1.${n}`, port: 8000 }));
        await Promise.all([first.registerAll(backends.slice(0, 12)), second.registerAll(backends.slice(8))]);
        await Promise.all(
          backends.flatMap((each, n) => [
            first.updateBackendMetrics(each, { inFlightRequests: n + 1 }),
            second.updateBackendMetrics(each, { overallAvgLatency: n + 1 }),
            n % 2 === 0 ? first.updateBackendHealth(each, false) : second.drain(each),
          ]),
        );
        await Promise.all(backends.slice(15).map((each, n) => (n % 2 === 0 ? first : second).unregister(each)));
        await seenByFirst.settled();
        await seenBySecond.settled();
        const listed = await first.listBackends();
        expect(await second.listBackends()).toEqual(listed);
        expect(listed).toHaveLength(15);
        for (const each of listed) {
          const n = backends.findIndex(({ url }) => url === each.url);
          expect(each).toMatchObject({
            inFlightRequests: n + 1,
            overallAvgLatency: n + 1,
            status: n % 2 === 0 ? 'unhealthy' : 'draining',
          });
        }
      });
    });
  }
}

function told(witness: Witness): string[] {
  return witness.events.map((event) => {
    if (event.type === 'snapshot') return `snapshot ${event.cause}`;
    if (event.type === 'updated') return `updated ${event.changed.join(' ')}`;
    return event.type === 'removed' ? `removed ${event.reason}` : event.type;
  });
}
