import { describe, expect, test } from 'vitest';
import { bootstrapIntervals } from '../../src/statistics/bootstrap.js';

function meanOf(values: readonly number[]) {
  return (timesDrawn: Uint32Array) => ({
    mean: values.reduce((sum, value, i) => sum + value * (timesDrawn[i] ?? 0), 0) / values.length,
  });
}

describe('bootstrapIntervals', () => {
  test('is null for one run', () => {
    expect(bootstrapIntervals(1, meanOf([5]))).toBeNull();
  });

  test('draws as many runs as there are, each equally often', () => {
    const totals = new Float64Array(5);
    let resamples = 0;
    bootstrapIntervals(5, (timesDrawn) => {
      resamples += 1;
      expect(timesDrawn.reduce((sum, times) => sum + times, 0)).toBe(5);
      for (const [run, times] of timesDrawn.entries()) totals[run] = (totals[run] ?? 0) + times;
      return { none: 0 };
    });
    for (const total of totals) expect(total / resamples).toBeCloseTo(1, 1);
  });

  test('of a mean agrees with the normal approximation', () => {
    // 50 evenly spread values: the resampled mean has SD sqrt((50^2 - 1) / 12 / 50) = 2.04.
    const values = Array.from({ length: 50 }, (_, i) => i);
    const [low, high] = bootstrapIntervals(50, meanOf(values))?.mean ?? [];
    expect(low).toBeCloseTo(24.5 - 1.96 * 2.04, 0);
    expect(high).toBeCloseTo(24.5 + 1.96 * 2.04, 0);
  });

  test('is the same each time', () => {
    const statisticsOf = meanOf([1, 2, 4, 8]);
    expect(bootstrapIntervals(4, statisticsOf)).toEqual(bootstrapIntervals(4, statisticsOf));
  });
});
