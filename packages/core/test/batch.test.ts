/** Calls that share scripts: who waits for whom. */
import { expect, test } from 'vitest';
import { Batch } from '../src/redis/batch.ts';

interface Sent {
  readonly ids: readonly string[];
  answer(): void;
  refuse(error: Error): void;
}

/** A batch of parts of two, whose scripts are answered by hand. */
function opened(written?: () => Promise<void>): { batch: Batch<{ id: string }, string>; sent: Sent[] } {
  const sent: Sent[] = [];
  const send = (part: readonly { id: string }[]) => {
    const ids = part.map(({ id }) => id);
    return new Promise<string[]>((resolve, reject) => {
      sent.push({ ids, answer: () => resolve(ids.map((id) => `answer to ${id}`)), refuse: reject });
    });
  };
  return { batch: new Batch(2, send, written), sent };
}

/** The same, of a client whose writing is done by hand. */
function openedSlowly(): { batch: Batch<{ id: string }, string>; sent: Sent[]; write(): Promise<unknown> } {
  let done = (): void => undefined;
  const written = () =>
    new Promise<void>((resolve) => {
      done = resolve;
    });
  const write = () => {
    done();
    return turn();
  };
  return { ...opened(written), write };
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

test('where a client says when it has written, each part leaves after the one before', async () => {
  const { batch, sent, write } = openedSlowly();
  const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => batch.add({ id }));
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b']]);
  // What is called meanwhile comes after it.
  calls.push(batch.add({ id: 'f' }));
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b']]);
  for (const expected of [['c', 'd'], ['e'], ['f']]) {
    await write();
    expect(sent.at(-1)?.ids).toEqual(expected);
  }
  for (const { answer } of sent) answer();
  expect(await Promise.all(calls)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => `answer to ${id}`));
  // Nothing is left that another call would wait for.
  await write();
  void batch.add({ id: 'g' });
  await turn();
  expect(sent.at(-1)?.ids).toEqual(['g']);
});

test('parts that wait to leave are sent at once when something else must come after them, and only once', async () => {
  const { batch, sent, write } = openedSlowly();
  const all = batch.addAll(
    ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id })),
    Number.POSITIVE_INFINITY,
  );
  expect(idsOf(sent)).toEqual([['a', 'b']]);
  batch.flush();
  expect(idsOf(sent)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  await write();
  await write();
  expect(sent).toHaveLength(3);
  for (const { answer } of sent) answer();
  expect(await all).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `answer to ${id}`));
});

test('no part waits long for those before it to be written', async () => {
  const { batch, sent, write } = openedSlowly();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) void batch.add({ id });
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b']]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await write();
  expect(idsOf(sent)).toEqual([['a', 'b'], ['c', 'd'], ['e', 'f'], ['g']]);
});

test('what is added together goes after what was called before', async () => {
  const { batch, sent } = opened();
  void batch.add({ id: 'a' });
  void batch.addAll([{ id: 'b' }], Number.POSITIVE_INFINITY);
  expect(idsOf(sent)).toEqual([['a'], ['b']]);
});

test('a part that waits for another one does not begin when nobody waits for it any more, and is no answer', async () => {
  const { batch, sent } = opened();
  let settled = false;
  const all = batch.addAll(
    ['a', 'b', 'a'].map((id) => ({ id })),
    performance.now() + 20,
  );
  void all.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 40));
  sent[0]?.answer();
  await turn();
  await turn();
  expect(idsOf(sent)).toEqual([['a', 'b']]);
  expect(settled).toBe(false);
});
