import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueQueue, type Leased } from '../src/memory/due.ts';

interface Item extends Leased {
  readonly name: string;
}

const lease = (name: string, expiresAt: number): Item => ({ name, expiresAt, dueAt: undefined });

test('items come out in the order in which their leases end, each once', () => {
  const queue = new DueQueue<Item>();
  for (const at of [5, 3, 9, 1, 7]) queue.schedule(lease(`${at}`, at));
  expect(queue.nextExpiry).toBe(1);
  expect(queue.takeEnded(7).map(({ name }) => name)).toEqual(['1', '3', '5', '7']);
  expect(queue.takeEnded(100).map(({ name }) => name)).toEqual(['9']);
  expect(queue.nextExpiry).toBeUndefined();
});

test('what is cancelled is not kept until its lease would have ended', () => {
  const queue = new DueQueue<Item>();
  for (let n = 0; n < 100_000; n += 1) {
    const item = lease(`${n}`, 1e12 + n);
    queue.schedule(item);
    queue.cancel(item);
  }
  expect(queue.size).toBeLessThan(2_001);
  expect(queue.nextExpiry).toBeUndefined();
});

test('extending, shortening, cancelling and adding again at random agree with a plain list', () => {
  const step = fc.tuple(fc.constantFrom('renew', 'cancel', 'take'), fc.nat(5), fc.integer({ min: 1, max: 50 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DueQueue<Item>();
      const items = Array.from({ length: 6 }, (_, n) => lease(`${n}`, 0));
      const queued = new Set<Item>();
      let now = 0;
      for (const [what, n, ms] of steps) {
        const item = items[n] as Item;
        if (what === 'renew') {
          item.expiresAt = now + ms;
          queue.schedule(item);
          queued.add(item);
        } else if (what === 'cancel') {
          queue.cancel(item);
          queued.delete(item);
        } else {
          now += ms;
          const ended = [...queued].filter(({ expiresAt }) => expiresAt <= now);
          for (const one of ended) queued.delete(one);
          const taken = queue.takeEnded(now);
          expect(new Set(taken)).toEqual(new Set(ended));
          expect(taken.map(({ expiresAt }) => expiresAt)).toEqual(
            ended.map(({ expiresAt }) => expiresAt).sort((a, b) => a - b),
          );
        }
        const next = Math.min(...Array.from(queued, ({ expiresAt }) => expiresAt));
        expect(queue.nextExpiry).toBe(queued.size === 0 ? undefined : next);
      }
    }),
  );
});
