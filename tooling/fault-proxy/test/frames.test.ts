import { expect, test } from 'vitest';
import { Frames } from '../src/frames.ts';

/** One of each kind, nested ones included. */
const FRAMES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':12\r\n',
  '$5\r\na\r\nb\n\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2\r\n*1\r\n:1\r\n$1\r\nx\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '(12345678901234567890\r\n',
  '=7\r\ntxt:abc\r\n',
  '!6\r\nERR no\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:1\r\n:2\r\n',
  '~2\r\n:1\r\n:2\r\n',
  '>2\r\n+message\r\n$1\r\nx\r\n',
  '|1\r\n+ttl\r\n:3\r\n*1\r\n|1\r\n+k\r\n+v\r\n:7\r\n',
  'PING\r\n',
];

test('finds the frames, wherever the stream is cut', () => {
  const stream = Buffer.from(FRAMES.join(''));
  for (let size = 1; size <= stream.length; size++) {
    const frames = new Frames();
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += size) {
      const chunk = stream.subarray(at, at + size);
      for (const { bytes, end } of frames.push(chunk)) {
        found.push(bytes.toString());
        expect(at + end).toBe(found.join('').length);
      }
    }
    expect(found).toEqual(FRAMES);
  }
});
