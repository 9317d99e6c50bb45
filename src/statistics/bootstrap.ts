import { percentile } from './samples.js';

/** Lower and upper bound of a 95 % confidence interval. */
export type Interval = [number, number];

const resamples = 2000;
/** Fixed, so that the same runs always get the same intervals. */
const generatorSeed = 1;

/**
 * 95 % percentile-bootstrap intervals of statistics over clusters: samples of one run depend on
 * each other, so whole runs are drawn with replacement, never single samples. (Davison and
 * Hinkley, Bootstrap Methods and their Application, 1997, sections 3.8 and 5.3.1)
 *
 * @param clusters number of runs.
 * @param statisticsOf the statistics if run `i` is drawn `timesDrawn[i]` times, always under the
 *   same names; it must not keep the array, which is reused.
 * @returns an interval for each name, or null for fewer than two runs.
 */
export function bootstrapIntervals<Name extends string>(
  clusters: number,
  statisticsOf: (timesDrawn: Uint32Array) => Readonly<Record<Name, number>>,
): Record<Name, Interval> | null {
  if (clusters < 2) return null;
  const random = mulberry32(generatorSeed);
  const timesDrawn = new Uint32Array(clusters);
  const replicates = new Map<string, Float64Array>();
  for (let resample = 0; resample < resamples; resample += 1) {
    drawWithReplacement(timesDrawn, random);
    for (const [name, value] of Object.entries<number>(statisticsOf(timesDrawn))) {
      const values = replicates.get(name) ?? new Float64Array(resamples);
      values[resample] = value;
      replicates.set(name, values);
    }
  }
  const intervals = Array.from(replicates, ([name, values]) => [name, interval95(values.sort())]);
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

function interval95(ascending: Float64Array): Interval {
  return [percentile(ascending, 0.025), percentile(ascending, 0.975)];
}

function drawWithReplacement(timesDrawn: Uint32Array, random: () => number): void {
  timesDrawn.fill(0);
  for (let draw = 0; draw < timesDrawn.length; draw += 1) {
    const cluster = Math.floor(random() * timesDrawn.length);
    timesDrawn[cluster] = (timesDrawn[cluster] ?? 0) + 1;
  }
}

/**
 * Uniform numbers in [0, 1) from a 32-bit state. Mulberry32 by Tommy Ettinger, public domain:
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
