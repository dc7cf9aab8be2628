/** Backends by the texts that callers name them with: found again, and never taken for another. */
import { expect, test } from 'vitest';
import { readSettings } from '../src/input.ts';
import { Keys } from '../src/redis/keys.ts';
import { Names } from '../src/redis/names.ts';

const opened = (registered = new Set<string>()) => new Names(readSettings({}), new Keys('p:'), registered);

test('what was read once is not read again', () => {
  const names = opened();
  const named = names.of({ url: 'http://10.0.0.1', port: 8001 });
  expect(named).toMatchObject({
    id: 'http://10.0.0.1:8001',
    document: 'p:backend:http://10.0.0.1:8001',
    heartbeat: 'p:heartbeat:http://10.0.0.1:8001',
  });
  expect(names.of({ url: 'http://10.0.0.1', port: 8001 })).toBe(named);
});

test.each([
  [{ url: 'http://h', port: 8001 }, 'http://h:8001'],
  [{ url: 'http://h', port: 8002 }, 'http://h:8002'],
  [{ url: 'http://h:8001' }, 'http://h:8001'],
  [{ url: 'HTTP://H/', port: 8001 }, 'http://h:8001'],
  [{ url: 'http://h' }, 'http://h:80'],
  [{ url: 'https://h' }, 'https://h:443'],
])('%j is %s, whatever was named before', (address, id) => {
  const names = opened();
  for (const other of [8001, 8002]) names.of({ url: 'http://h', port: other });
  names.of({ url: 'http://h:9000' });
  for (const _ of [1, 2]) expect(names.of(address).id).toBe(id);
});

test.each([
  [{ url: 'http://h', port: '8001' }, { code: 'INVALID_BACKEND' }],
  [{ url: 'http://h', port: 0 }, { code: 'INVALID_BACKEND' }],
  [{ url: 'ftp://h', port: 8001 }, { code: 'INVALID_BACKEND' }],
  [{ port: 8001 }, { code: 'INVALID_BACKEND' }],
  [undefined, { name: 'TypeError', message: expect.stringContaining('must be an object') }],
  [null, { name: 'TypeError', message: expect.stringContaining('must be an object') }],
  ['http://h:8001', { name: 'TypeError' }],
])('%j is none, every time', (address, failure) => {
  const names = opened();
  names.of({ url: 'http://h', port: 8001 });
  names.of({ url: 'http://h' });
  for (const _ of [1, 2]) {
    let thrown: unknown;
    try {
      names.of(address as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject(failure);
  }
});

test('what is registered needs no reading, whatever its scheme', () => {
  const names = opened(new Set(['grpc://g:5']));
  for (const _ of [1, 2]) expect(names.of({ url: 'grpc://g', port: 5 }).id).toBe('grpc://g:5');
  expect(() => names.of({ url: 'grpc://g', port: 6 })).toThrow(/scheme/);
});

test('what says something else each time it is read names one backend, and no other later', () => {
  const names = opened();
  const said = ['http://b', 'http://a', 'http://a', 'http://b'];
  const shifty = {
    get url() {
      return said.shift() ?? 'http://b';
    },
    port: 1,
  };
  expect(names.of(shifty).id).toBe('http://b:1');
  expect(names.of({ url: 'http://a', port: 1 }).id).toBe('http://a:1');
  expect(names.of({ url: 'http://b', port: 1 }).id).toBe('http://b:1');
});

test('only what is named as it is written is kept', () => {
  const names = opened();
  const kept = (address: { url: string; port?: number }) => {
    const named = names.of(address);
    return names.of({ ...address }) === named;
  };
  expect(kept({ url: 'http://h', port: 1 })).toBe(true);
  expect(kept({ url: `http://h${'/'.repeat(100_000)}`, port: 1 })).toBe(false);
  expect(kept({ url: 'http://h:1' })).toBe(false);
});

test('an incarnation is told as it is named, the last time too', () => {
  const named = opened().of({ url: 'http://h', port: 8001 });
  expect(['a', 'a', undefined, 'a"b', 'ä', undefined].map((incarnation) => named.tell(incarnation))).toEqual([
    '"a"',
    '"a"',
    '',
    '"a\\"b"',
    '"\\u00e4"',
    '',
  ]);
});

test('of more than it remembers, each is still what it is', () => {
  const names = opened();
  const [first] = Array.from({ length: 45_000 }, (_, n) => names.of({ url: `http://h${n}`, port: 8001 }));
  expect(names.of({ url: 'http://h0', port: 8001 })).toEqual(first);
  expect(names.of({ url: 'http://h0', port: 8001 })).not.toBe(first);
});
