import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mean,
  nearestRank,
  percentile,
  sampleSd,
  summarize,
} from '../../src/statistics/samples.js';

const samples = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 60 });

describe('percentile', () => {
  test('is the smallest sample that at least the fraction of samples does not exceed', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 1000 }), (values, perMille) => {
        const ascending = Float64Array.from(values).sort();
        const naive = ascending.find(
          (candidate) =>
            values.filter((value) => value <= candidate).length * 1000 >= perMille * values.length,
        );
        expect(percentile(ascending, perMille / 1000)).toBe(naive);
      }),
    );
  });

  test('does not suffer from fractions that binary numbers cannot hold', () => {
    expect(nearestRank(0.07, 100)).toBe(7);
    expect(nearestRank(0.55, 100)).toBe(55);
    expect(nearestRank(0.999, 1000)).toBe(999);
  });
});

test('mean and sampleSd agree with a known case', () => {
  const values = Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9);
  expect(mean(values)).toBe(5);
  expect(sampleSd(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(sampleSd(Float64Array.of(3))).toBe(0);
});

describe('summarize', () => {
  test('converts nanoseconds to microseconds and leaves the samples as they are', () => {
    const responseTimesNs = Float64Array.of(3000, 1000, 2000);
    expect(summarize(responseTimesNs, 4)).toEqual({
      n: 3,
      lost: 4,
      mean: 2,
      p50: 2,
      p99: 3,
      p999: 3,
      max: 3,
      sd: 1,
    });
    expect(responseTimesNs).toEqual(Float64Array.of(3000, 1000, 2000));
  });

  test('of nothing is zero', () => {
    const zeros = { n: 0, lost: 2, mean: 0, p50: 0, p99: 0, p999: 0, max: 0, sd: 0 };
    expect(summarize(new Float64Array(), 2)).toEqual(zeros);
  });
});
