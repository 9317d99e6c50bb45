import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isResolved, isShown } from '../../src/statistics/resolution.js';
import { nearestRank } from '../../src/statistics/samples.js';

test.each([
  [0.5, 17, false],
  [0.5, 18, true],
  [0.99, 899, false],
  [0.99, 900, true],
  [0.999, 900, false],
  [0.999, 8_999, false],
  [0.999, 9_000, true],
  [0, 9, false],
  [0, 10, true],
  [1, 1_000_000, false],
  [0.5, 0, false],
])('the percentile at %d of %d samples is resolved: %s', (fraction, count, resolved) => {
  expect(isResolved(fraction, count)).toBe(resolved);
});

test('is what it says: ten samples are at or above the nearest rank, and more samples never hide it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 50_000 }),
      (f, n) => {
        const fraction = f / 10_000;
        const samples = Array.from({ length: n }, (_, index) => index + 1);
        const atOrAbove = samples.slice(nearestRank(fraction, n) - 1).length;
        expect(isResolved(fraction, n)).toBe(atOrAbove >= 10);
        if (atOrAbove >= 10) expect(isResolved(fraction, n + 1)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test('only percentiles need samples at or above them', () => {
  expect(['mean', 'p50', 'p99', 'p999', 'max', 'n'].map((name) => isShown(name, 200))).toEqual([
    ...[true, true, false, false, true, true],
  ]);
});
