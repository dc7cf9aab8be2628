/** Calls that share scripts: who waits for whom. */
import { expect, test } from 'vitest';
import { Batch } from '../src/redis/batch.ts';

interface Sent {
  readonly ids: readonly string[];
  answer(): void;
  refuse(error: Error): void;
}

/** A batch of parts of two, whose scripts are answered by hand. */
function opened(): { batch: Batch<{ id: string }, string>; sent: Sent[] } {
  const sent: Sent[] = [];
  const batch = new Batch<{ id: string }, string>(2, (part) => {
    const ids = part.map(({ id }) => id);
    return new Promise((resolve, reject) => {
      sent.push({ ids, answer: () => resolve(ids.map((id) => `answer to ${id}`)), refuse: reject });
    });
  });
  return { batch, sent };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const idsOf = (sent: readonly Sent[]) => sent.map(({ ids }) => ids);

test('calls of one turn go out in parts, at once and in their order', async () => {
  const { batch, sent } = opened();
  for (const id of ['a', 'b', 'c', 'd', 'e']) void batch.add({ id });
  expect(sent).toEqual([]);
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('each is answered with its own script, whatever the others do', async () => {
  const { batch, sent } = opened();
  const [first, , third, fourth] = ['a', 'b', 'c', 'd'].map((id) => batch.add({ id }).catch(({ message }) => message));
  await turn();
  sent[1]?.answer();
  expect(await Promise.all([third, fourth])).toEqual(['answer to c', 'answer to d']);
  sent[0]?.refuse(new Error('refused'));
  expect(await first).toBe('refused');
});

test('a backend that is in two parts is not overtaken: the second script waits for the first', async () => {
  const { batch, sent } = opened();
  const calls = ['a', 'b', 'a'].map((id) => batch.add({ id }));
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b']]);
  sent[0]?.answer();
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b'], ['a']]);
  sent[1]?.answer();
  expect(await Promise.all(calls)).toEqual(['answer to a', 'answer to b', 'answer to a']);
});

test('what must come before something else is sent at once, and what is added then is another batch', async () => {
  const { batch, sent } = opened();
  void batch.add({ id: 'a' });
  batch.flush();
  expect(idsOf(sent)).toEqual([['a']]);
  void batch.add({ id: 'b' });
  await turn();
  expect(idsOf(sent)).toEqual([['a'], ['b']]);
});
