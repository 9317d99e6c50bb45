import type { ResponseTime } from './response-time.js';
import { mean, nearestRank, nsToUs, squaredDeviations, summaryFractions } from './samples.js';

interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squaredDeviations: number;
}

/**
 * The samples of several runs, sorted once, so that any resample of the runs is summarized in one
 * pass without another sort.
 */
export class PooledSamples {
  /** Samples of all runs, ascending. */
  readonly ascendingNs: Float64Array;
  /** `#runOfSample[i]` is the index of the run that `ascendingNs[i]` comes from. */
  readonly #runOfSample: Uint32Array;
  readonly #moments: readonly Moments[];

  /** @param samplesNsOfRuns response times in nanoseconds, in any order, an array for each run. */
  constructor(samplesNsOfRuns: readonly Float64Array[]) {
    const samples = samplesNsOfRuns.flatMap((samplesNs, run) =>
      Array.from(samplesNs, (ns) => ({ ns, run })),
    );
    samples.sort((a, b) => a.ns - b.ns);
    this.ascendingNs = Float64Array.from(samples, ({ ns }) => ns);
    this.#runOfSample = Uint32Array.from(samples, ({ run }) => run);
    this.#moments = samplesNsOfRuns.map((samplesNs) => ({
      count: samplesNs.length,
      mean: mean(samplesNs),
      squaredDeviations: squaredDeviations(samplesNs),
    }));
  }

  /**
   * The same statistics as `summarize()` of the pool in which run `i` takes part `timesDrawn[i]`
   * times.
   */
  summarize(timesDrawn: Uint32Array, lost: number): ResponseTime {
    const moments = this.#pooledMoments(timesDrawn);
    const [p50 = 0, p99 = 0, p999 = 0, max = 0] = this.#percentiles(timesDrawn, moments.count);
    const variance = moments.count < 2 ? 0 : moments.squaredDeviations / (moments.count - 1);
    return {
      n: moments.count,
      lost,
      mean: nsToUs(moments.mean),
      p50: nsToUs(p50),
      p99: nsToUs(p99),
      p999: nsToUs(p999),
      max: nsToUs(max),
      sd: nsToUs(Math.sqrt(variance)),
    };
  }

  /** By the analysis of variance: deviations within the runs plus those between their means. */
  #pooledMoments(timesDrawn: Uint32Array): Moments {
    let count = 0;
    let sum = 0;
    for (const [run, moments] of this.#moments.entries()) {
      const drawnSamples = (timesDrawn[run] ?? 0) * moments.count;
      count += drawnSamples;
      sum += drawnSamples * moments.mean;
    }
    const pooledMean = count === 0 ? 0 : sum / count;
    let deviations = 0;
    for (const [run, moments] of this.#moments.entries()) {
      const between = moments.count * (moments.mean - pooledMean) ** 2;
      deviations += (timesDrawn[run] ?? 0) * (moments.squaredDeviations + between);
    }
    return { count, mean: pooledMean, squaredDeviations: deviations };
  }

  /** Values at `summaryFractions` in nanoseconds; empty if no sample was drawn. */
  #percentiles(timesDrawn: Uint32Array, drawnSamples: number): number[] {
    if (drawnSamples === 0) return [];
    const ranks = summaryFractions.map((fraction) => nearestRank(fraction, drawnSamples));
    const values: number[] = [];
    let rank = 0;
    // Thousands of resamples pass here: indexing takes a quarter of the time of an iterator.
    for (let index = 0; index < this.ascendingNs.length; index += 1) {
      rank += timesDrawn[this.#runOfSample[index] ?? 0] ?? 0;
      // Ranks ascend; one sample that was drawn often can satisfy several of them.
      while (rank >= (ranks[values.length] ?? Infinity)) values.push(this.ascendingNs[index] ?? 0);
    }
    return values;
  }
}
