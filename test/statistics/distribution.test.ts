import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distributionOf } from '../../src/statistics/distribution.js';

const responseTimesNs = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), {
  minLength: 1,
  maxLength: 100,
});

function wholeNs(us: number): number {
  return Math.round(us * 1000);
}

describe('distributionOf', () => {
  test('puts every sample into its bin, from that of the minimum to that of the maximum', () => {
    fc.assert(
      fc.property(responseTimesNs, (values) => {
        const { counts, ...bins } = distributionOf(Float64Array.from(values).sort());
        const fromNs = bins.fromUs.map(wholeNs);
        const toNs = bins.binUs.map((us, bin) => wholeNs(us) + (fromNs[bin] ?? 0));
        expect(fromNs.slice(1)).toEqual(toNs.slice(0, -1));
        expect(counts.at(0)).toBeGreaterThan(0);
        expect(counts.at(-1)).toBeGreaterThan(0);
        for (const [bin, count] of counts.entries()) {
          const [from = 0, to = 0] = [fromNs[bin], toNs[bin]];
          expect(count).toBe(values.filter((ns) => ns >= from && ns < to).length);
        }
      }),
    );
  });

  test('has 50 bins for each factor of ten, each 4.7 % wider than the one before', () => {
    const { fromUs, binUs, counts } = distributionOf(Float64Array.of(200_000, 79_000_000));
    expect(counts).toHaveLength(130);
    expect(fromUs.slice(0, 3)).toEqual([199.526, 208.93, 218.776]);
    for (const [bin, width] of binUs.entries()) {
      const from = fromUs[bin] ?? Number.NaN;
      expect((from + width) / from).toBeCloseTo(10 ** (1 / 50), 4);
    }
  });

  test('has the same bounds whatever the samples are', () => {
    const few = distributionOf(Float64Array.of(300_000));
    const many = distributionOf(Float64Array.of(1000, 300_000, 9_000_000));
    const bin = many.fromUs.indexOf(few.fromUs[0] ?? Number.NaN);
    expect(many.binUs[bin]).toBe(few.binUs[0]);
    expect(many.counts[bin]).toBe(1);
  });

  test('has bins of a nanosecond at least', () => {
    const { fromUs, binUs, counts } = distributionOf(Float64Array.of(0, 1, 3));
    expect(fromUs).toEqual([0, 0.001, 0.002, 0.003]);
    expect(binUs).toEqual([0.001, 0.001, 0.001, 0.001]);
    expect(counts).toEqual([1, 1, 0, 1]);
  });

  test('has percentile points from the minimum to the maximum', () => {
    const { percentiles } = distributionOf(Float64Array.of(1000, 2000, 3000, 4000));
    expect(percentiles.at(0)).toEqual({ fraction: 0, us: 1 });
    expect(percentiles).toContainEqual({ fraction: 0.5, us: 2 });
    expect(percentiles.at(-1)).toEqual({ fraction: 1, us: 4 });
  });

  test('of nothing is empty', () => {
    expect(distributionOf(new Float64Array())).toEqual({
      ...{ binUs: [], fromUs: [], counts: [], percentiles: [] },
    });
  });
});
