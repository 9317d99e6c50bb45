import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distributionOf } from '../../src/statistics/distribution.js';

const responseTimesNs = fc.array(fc.integer({ min: 0, max: 10_000_000_000 }), {
  minLength: 1,
  maxLength: 100,
});

describe('distributionOf', () => {
  test('puts every sample into its bin, in at most 200 bins up to the maximum', () => {
    fc.assert(
      fc.property(responseTimesNs, (values) => {
        const ascending = Float64Array.from(values).sort();
        const { binUs, fromUs, counts } = distributionOf(ascending);
        expect(fromUs).toBe(0);
        expect(counts.length).toBeLessThanOrEqual(200);
        expect(counts.at(-1)).toBeGreaterThan(0);
        const binNs = Math.round(binUs * 1000);
        for (const [bin, count] of counts.entries()) {
          const inBin = values.filter((ns) => ns >= bin * binNs && ns < (bin + 1) * binNs);
          expect(count).toBe(inBin.length);
        }
      }),
    );
  });

  test.each([
    [199_000, 1],
    [200_000, 2],
    [399_999, 2],
    [400_000, 5],
    [1_000_000, 10],
    [0, 0.001],
  ])('for a maximum of %i ns has bins of %d us', (maxNs, binUs) => {
    expect(distributionOf(Float64Array.of(maxNs)).binUs).toBe(binUs);
  });

  test('has percentile points from the minimum to the maximum', () => {
    const { percentiles } = distributionOf(Float64Array.of(1000, 2000, 3000, 4000));
    expect(percentiles.at(0)).toEqual({ fraction: 0, us: 1 });
    expect(percentiles).toContainEqual({ fraction: 0.5, us: 2 });
    expect(percentiles.at(-1)).toEqual({ fraction: 1, us: 4 });
  });

  test('of nothing is empty', () => {
    expect(distributionOf(new Float64Array())).toMatchObject({ counts: [], percentiles: [] });
  });
});
