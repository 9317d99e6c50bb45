import { nearestRank } from './samples.js';

/**
 * Samples that have to lie at or above a percentile for it to be a figure. With fewer, it says which samples happened
 * to be drawn: the 99.9th percentile of 900 samples is their maximum.
 */
export const samplesNeeded = 10;

/** Whether `count` samples resolve the percentile at this fraction, by its nearest rank. */
export function isResolved(fraction: number, count: number): boolean {
  return count - nearestRank(fraction, count) + 1 >= samplesNeeded;
}

/** The figures of a summary that are percentiles. */
const percentiles: Readonly<Record<string, number>> = { p50: 0.5, p99: 0.99, p999: 0.999 };

/** Whether a figure of a summary of `count` responses, such as `p999`, is one to show; all but percentiles are. */
export function isShown(figure: string, count: number): boolean {
  const fraction = percentiles[figure];
  return fraction === undefined || isResolved(fraction, count);
}
