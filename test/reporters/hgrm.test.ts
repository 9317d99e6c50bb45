import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { renderHgrm } from '../../src/reporters/hgrm.js';
import { nearestRank } from '../../src/statistics/samples.js';

/** A line of the distribution; of the last one, `inverse` is undefined. */
interface Row {
  readonly us: number;
  readonly fraction: number;
  readonly count: number;
  readonly inverse: number | undefined;
}

/** Reads lines as plotFiles.html does: what has no number in front is no data. */
function rowsOf(hgrm: string): Row[] {
  return hgrm
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .filter(([first = '']) => /^\d/.test(first))
    .map(([us, fraction, count, inverse]) => ({
      us: Number(us),
      fraction: Number(fraction),
      count: Number(count),
      inverse: inverse === undefined ? undefined : Number(inverse),
    }));
}

const responseTimes = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 10_000_000 }),
    // Up to 104 days, so that each value is exact in microseconds with three decimals.
    fc.maxSafeNat().map((ns) => ns % 2 ** 43),
  ),
  { minLength: 1, maxLength: 100 },
);

describe('renderHgrm', () => {
  test('has the form that plotFiles.html reads, in microseconds', () => {
    const hgrm = renderHgrm(Float64Array.of(1000, 2000, 250_000, 1_500_000), ['Clock: x', 'a\nb']);
    const lines = hgrm.split('\n');
    expect(lines[0]).toBe('       Value     Percentile TotalCount 1/(1-Percentile)');
    expect(lines[1]).toBe('');
    expect(lines[2]).toBe('       1.000 0.000000000000          1           1.00');
    expect(lines).toContain('     250.111 0.750000000000          3           4.00');
    expect(lines.slice(-8)).toEqual([
      '    1500.159 1.000000000000          4',
      expect.stringMatching(/^#\[Mean {4}= +438\.\d{3}, StdDeviation {3}= +\d+\.\d{3}\]$/),
      '#[Max     =     1500.000, Total count    =            4]',
      '#[Buckets =           43, SubBuckets     =         2048]',
      '# Clock: x',
      '# a',
      '# b',
      '',
    ]);
  });

  test('counts every response time, each row those that are not above it', () => {
    fc.assert(
      fc.property(responseTimes, (times) => {
        const rows = rowsOf(renderHgrm(Float64Array.from(times)));
        expect(rows.at(-1)).toMatchObject({ fraction: 1, count: times.length, inverse: undefined });
        for (const { us, count } of rows) {
          const ns = Math.round(us * 1000);
          expect(times.filter((time) => time <= ns)).toHaveLength(count);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('is at most 0.1 % above the exact percentiles, and never below', () => {
    fc.assert(
      fc.property(responseTimes, (times) => {
        const ascending = times.toSorted((a, b) => a - b);
        for (const { us, fraction } of rowsOf(renderHgrm(Float64Array.from(times)))) {
          const exact = ascending[nearestRank(fraction, times.length) - 1] ?? Number.NaN;
          const ns = Math.round(us * 1000);
          expect(ns).toBeGreaterThanOrEqual(exact);
          expect(ns).toBeLessThanOrEqual(exact * 1.001);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('loses no response time, however long', () => {
    const hgrm = renderHgrm(Float64Array.of(1, Number.MAX_SAFE_INTEGER));
    expect(rowsOf(hgrm).at(-1)).toMatchObject({ count: 2, fraction: 1 });
    expect(hgrm).toContain('#[Max     = 9007199254740.990,');
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s, which is no response time',
    (ns) => {
      expect(() => renderHgrm(Float64Array.of(1, ns))).toThrow(EvenkeelError);
      expect(() => renderHgrm(Float64Array.of(1, ns))).toThrow(`got ${ns}`);
    },
  );

  test('of no response time has no row', () => {
    const hgrm = renderHgrm(new Float64Array());
    expect(rowsOf(hgrm)).toEqual([]);
    expect(hgrm).toContain('Total count    =            0]');
  });
});
