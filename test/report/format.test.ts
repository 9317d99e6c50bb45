import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatInterval,
  formatPercent,
  formatPercentile,
  formatQuantity,
  formatTick,
  formatUs,
} from '../../report/src/format.js';

describe('numbers of the report', () => {
  it('keeps one decimal of a time and groups thousands', () => {
    expect(formatUs(5943)).toBe('5,943.0');
    expect(formatUs(627.36)).toBe('627.4');
  });

  it('writes fractions as per cent', () => {
    expect(formatPercent(0.9312)).toBe('93.1');
  });

  it('writes an interval with the format of its figure', () => {
    expect(formatInterval([0.2, 0.255], formatPercent)).toBe('[20.0, 25.5]');
  });

  it('gives axes only the decimals they need', () => {
    expect([0.1 + 0.2, 2000].map(formatTick)).toEqual(['0.3', '2,000']);
  });

  it('names percentiles without the error of binary fractions', () => {
    expect([0, 0.5, 0.99, 1 - 1e-4, 1 - 1e-5].map(formatPercentile)).toEqual([
      '0 %',
      '50 %',
      '99 %',
      '99.99 %',
      '99.999 %',
    ]);
  });

  it('knows one from many', () => {
    expect(formatQuantity(1, 'RT VM')).toBe('1 RT VM');
    expect(formatQuantity(0, 'RT VM')).toBe('0 RT VMs');
    expect(formatCount(10_000)).toBe('10,000');
  });
});
