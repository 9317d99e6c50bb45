import type { ResponseTime } from './response-time.js';

/** Percentiles that a summary has, and the maximum, as fractions of the samples in its order. */
export const summaryFractions = [0.5, 0.99, 0.999, 1] as const;

/** 0 if there are no values. */
export function mean(values: Float64Array): number {
  if (values.length === 0) return 0;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (divisor n - 1); 0 for fewer than two values. */
export function sampleSd(values: Float64Array): number {
  if (values.length < 2) return 0;
  return Math.sqrt(squaredDeviations(values) / (values.length - 1));
}

/** Sum of the squared deviations from the mean. */
export function squaredDeviations(values: Float64Array): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}

/**
 * The nearest rank, ceil(fraction * count), from 1 to `count`; fraction 0 gives the minimum's rank.
 * Fractions are taken as whole millionths, because in floating point 0.07 * 100 is above 7.
 */
export function nearestRank(fraction: number, count: number): number {
  return Math.max(1, Math.ceil((Math.round(fraction * 1e6) * count) / 1e6));
}

/** Nearest-rank percentile of ascending values: always one of them, or 0 if there are none. */
export function percentile(ascending: Float64Array, fraction: number): number {
  return ascending[nearestRank(fraction, ascending.length) - 1] ?? 0;
}

/** Exact statistics of response times in nanoseconds (any order); zeros if there are none. */
export function summarize(responseTimesNs: Float64Array, lost: number): ResponseTime {
  const ascending = responseTimesNs.toSorted();
  const [p50, p99, p999, max] = summaryFractions;
  return {
    n: ascending.length,
    lost,
    mean: nsToUs(mean(ascending)),
    p50: nsToUs(percentile(ascending, p50)),
    p99: nsToUs(percentile(ascending, p99)),
    p999: nsToUs(percentile(ascending, p999)),
    max: nsToUs(percentile(ascending, max)),
    sd: nsToUs(sampleSd(ascending)),
  };
}

/** Nanoseconds in microseconds. */
export function nsToUs(ns: number): number {
  return ns / 1000;
}
