import { z } from 'zod';
import { nsToUs, percentile } from './samples.js';

/**
 * Response times of all seeds as a histogram: `counts[i]` of them lie in [fromUs[i], fromUs[i] + binUs[i]). The
 * bins adjoin, and each is wider than the one before by about the same factor, so that they are as fine for a
 * method's body as they are for its longest response, which may take 500 times as long. Their bounds are the same
 * in every result.
 */
export const distributionSchema = z.strictObject({
  binUs: z.array(z.number().positive()),
  fromUs: z.array(z.number().nonnegative()),
  counts: z.array(z.int().nonnegative()),
  /** Points of the percentile plot: fraction of samples and the response time that bounds them. */
  percentiles: z.array(
    z.strictObject({ fraction: z.number().min(0).max(1), us: z.number().nonnegative() }),
  ),
});
export type Distribution = z.infer<typeof distributionSchema>;

/** Each bin ends 4.7 % above its beginning, or a nanosecond above it if that is more. */
const binsPerDecade = 50;

/** Denser towards 1, because the tail is what a percentile plot is for. */
const plotFractions = [
  0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1,
] as const;

/**
 * Histogram from the minimum to the maximum, and percentile points, of ascending response times, which are whole
 * nanoseconds. Without samples both are empty.
 */
export function distributionOf(ascendingNs: Float64Array): Distribution {
  const [minNs, maxNs] = [ascendingNs.at(0), ascendingNs.at(-1)];
  if (minNs === undefined || maxNs === undefined) {
    return { binUs: [], fromUs: [], counts: [], percentiles: [] };
  }
  const bounds = boundsNs(minNs, maxNs);
  const fromNs = bounds.slice(0, -1);
  const percentiles = plotFractions.map((fraction) => ({
    fraction,
    us: nsToUs(percentile(ascendingNs, fraction)),
  }));
  return {
    binUs: fromNs.map((ns, bin) => nsToUs((bounds[bin + 1] ?? ns) - ns)),
    fromUs: fromNs.map(nsToUs),
    counts: countsBetween(bounds, ascendingNs),
    percentiles,
  };
}

/** Bounds of the bins in ascending order: the first is at most `minNs`, only the last is above `maxNs`. */
function boundsNs(minNs: number, maxNs: number): number[] {
  const bounds = [0];
  let last = 0;
  for (let power = 0; last <= maxNs; power += 1) {
    // Whole nanoseconds, as the response times: no bin depends on the last bits of a floating-point number.
    const bound = Math.round(10 ** (power / binsPerDecade));
    if (bound === last) continue;
    bounds.push(bound);
    last = bound;
  }
  return bounds.slice(bounds.findLastIndex((bound) => bound <= minNs));
}

/** How many values lie between each two neighbouring bounds, which enclose them all. */
function countsBetween(bounds: readonly number[], ascendingNs: Float64Array): number[] {
  const counts = new Array<number>(bounds.length - 1).fill(0);
  let bin = 0;
  for (const ns of ascendingNs) {
    while (ns >= (bounds[bin + 1] ?? Number.POSITIVE_INFINITY)) bin += 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
