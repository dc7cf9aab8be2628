/** What counts of that which a Sentinel or a Cluster tells. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { hear } from '../src/trouble.ts';

const refusal = new Error('WRONGPASS invalid username-password pair or user is disabled.');
const unreachable = new Error('connect ECONNREFUSED 127.0.0.1:1');

test.each(['None of the sentinels are available', 'All the root nodes are unavailable'])(
  'one that refuses is no verdict while others are asked, and is where nobody could answer: %s',
  (message) => {
    const nobody = new Error(message);
    for (const order of [[refusal], [refusal, unreachable], [unreachable, refusal, 'Error: WRONGPASS', unreachable]]) {
      const client = new EventEmitter();
      const { trouble, verdict } = hear(client);
      for (const error of order) client.emit('error', error);
      expect(trouble()).toBe(order.includes(unreachable) ? unreachable : undefined);
      expect(verdict(nobody)).toBe(refusal);
      // Of the master, whom the next one has named.
      expect(verdict(unreachable)).toBe(unreachable);
    }
    const client = new EventEmitter();
    const { trouble, verdict } = hear(client);
    client.emit('error', unreachable);
    expect([trouble(), verdict(nobody)]).toEqual([unreachable, nobody]);
    client.emit('ready');
    expect(trouble()).toBeUndefined();
  },
);
