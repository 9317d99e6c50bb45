import { z } from 'zod';
import { nsToUs, percentile } from './samples.js';

/** Response times of all seeds as a histogram: `counts[i]` lie in [fromUs + i*binUs, +binUs). */
export const distributionSchema = z.strictObject({
  binUs: z.number().positive(),
  fromUs: z.number().nonnegative(),
  counts: z.array(z.int().nonnegative()),
  /** Points of the percentile plot: fraction of samples and the response time that bounds them. */
  percentiles: z.array(
    z.strictObject({ fraction: z.number().min(0).max(1), us: z.number().nonnegative() }),
  ),
});
export type Distribution = z.infer<typeof distributionSchema>;

const maxBins = 200;

/** Denser towards 1, because the tail is what a percentile plot is for. */
const plotFractions = [
  0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1,
] as const;

/**
 * Histogram from 0 to the maximum and percentile points of ascending response times, which are
 * whole nanoseconds. Without samples both are empty.
 */
export function distributionOf(ascendingNs: Float64Array): Distribution {
  const maxNs = ascendingNs.at(-1);
  if (maxNs === undefined) return { binUs: 1, fromUs: 0, counts: [], percentiles: [] };

  const binNs = binWidthNs(maxNs);
  const counts = new Array<number>(binOf(maxNs, binNs) + 1).fill(0);
  for (const ns of ascendingNs) {
    const bin = binOf(ns, binNs);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const percentiles = plotFractions.map((fraction) => ({
    fraction,
    us: nsToUs(percentile(ascendingNs, fraction)),
  }));
  return { binUs: nsToUs(binNs), fromUs: 0, counts, percentiles };
}

/** The smallest of 1, 2, 5, 10, 20, ... ns that needs at most `maxBins` bins. */
function binWidthNs(maxNs: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) {
      if (binOf(maxNs, step * decade) < maxBins) return step * decade;
    }
  }
}

function binOf(ns: number, binNs: number): number {
  return Math.floor(ns / binNs);
}
