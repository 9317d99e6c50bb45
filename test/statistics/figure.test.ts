import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  figuresOverRuns,
  fractionDecimals,
  meanOverRuns,
  round,
  roundAll,
} from '../../src/statistics/figure.js';

describe('rounding', () => {
  test('leaves so many decimals, and a rounded value as it is', () => {
    expect(roundAll({ third: 1 / 3, two: 2 }, 3)).toEqual({ third: 0.333, two: 2 });
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.nat(6), (value, decimals) => {
        const rounded = round(value, decimals);
        expect(round(rounded, decimals)).toBe(rounded);
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5000001 * 10 ** -decimals);
      }),
    );
  });
});

describe('figures over runs', () => {
  test('have 3 decimals, fractions 6, and so have the bounds of their intervals', () => {
    const valuesOf = (timesDrawn: Uint32Array) => ({ third: (timesDrawn[0] ?? 0) / 3 });
    expect(figuresOverRuns(2, valuesOf).third).toEqual({ value: 0.333, ci95: [0, 0.667] });
    expect(meanOverRuns([1 / 3, 2 / 3], fractionDecimals)).toEqual({
      value: 0.5,
      ci95: [0.333333, 0.666667],
    });
  });

  test('have no interval for one run', () => {
    expect(meanOverRuns([1 / 3])).toEqual({ value: 0.333, ci95: null });
  });
});
