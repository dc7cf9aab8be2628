/** What is told of many values. */
import { expect, test } from 'vitest';
import { percentile, spread } from '../src/measure.ts';

test('the median of an even number of values is the mean of the middle two', () => {
  expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(percentile([5, 1], 0.5)).toBe(3);
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
});

test('a percentile lies between the two values nearest to it', () => {
  const hundred = Array.from({ length: 101 }, (_, n) => n);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([0, 10], 0.99)).toBeCloseTo(9.9);
});

test('of one value it is that one, of none it is no number', () => {
  expect(spread([7])).toEqual({ median: 7, low: 7, high: 7 });
  expect(percentile([], 0.5)).toBeNaN();
});

test('what is infinite stays so', () => {
  expect(percentile([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.75)).toBe(Number.POSITIVE_INFINITY);
});
