import { isDeepStrictEqual } from 'node:util';
import { EvenkeelError } from '../../process/errors.js';
import { bootstrapIntervals } from '../../statistics/bootstrap.js';
import { round } from '../../statistics/figure.js';
import { PooledSamples } from '../../statistics/pooled-samples.js';
import { mean } from '../../statistics/samples.js';
import type { RunOf } from '../instrument.js';
import type { PathFigures, PathRun } from './analyze.js';
import { segments } from './chain.js';
import { type CostFigures, probeCost } from './cost.js';
import type { PathSection, ProbeCost, Spread } from './schema.js';

/** Of what is one run's in the result, nothing is finer than the clock's nanosecond. */
const decimals = 3;

/**
 * Summarizes the runs of one method, one for each seed.
 * @throws EvenkeelError if there is none, or if their probes differ
 */
export function summarizePath(runsOfSeeds: readonly RunOf<PathFigures>[]): PathSection {
  const [first] = runsOfSeeds.map(({ figures }) => figures);
  if (first === undefined) throw new EvenkeelError('expected at least one run, got none');
  for (const { seed, figures } of runsOfSeeds) {
    if (isDeepStrictEqual(figures.steps, first.steps)) continue;
    throw new EvenkeelError(
      `seeds ${runsOfSeeds[0]?.seed} and ${seed} were run with different probes`,
    );
  }
  const runs = runsOfSeeds.map(({ figures }) => figures);

  const stepTimes = (index: number) =>
    runs.map(({ followed }) => Float64Array.from(followed, (steps) => steps[index] ?? 0));
  const present = segments.filter((name) => first.steps.some(({ segment }) => segment === name));
  const summarized = present.map((segment) => {
    const indices = first.steps.flatMap((step, index) => (step.segment === segment ? [index] : []));
    return {
      segment,
      time: spreadOf(runs.map((run) => sums(run, indices))),
      steps: indices.map((index) => ({
        step: first.steps[index]?.step ?? '',
        time: spreadOf(stepTimes(index)),
      })),
    };
  });
  const total = (figureOf: (run: PathRun) => number) =>
    runs.reduce((sum, run) => sum + figureOf(run), 0);
  const overRuns = (figureOf: (run: PathRun) => number) =>
    round(mean(Float64Array.from(runs, figureOf)), decimals);
  return {
    path: first.path,
    seeds: runsOfSeeds.map(({ seed }) => seed),
    response: spreadOf(runs.map(({ responsesNs }) => responsesNs)),
    lost: total(({ lost }) => lost),
    followed: total(({ followed }) => followed.length),
    withoutInterrupt: total(({ withoutInterrupt }) => withoutInterrupt),
    notFollowed: missedPoints(runs),
    sumOfSegments: round(
      summarized.reduce((sum, { time }) => sum + time.mean, 0),
      decimals,
    ),
    dropped: total(({ dropped }) => dropped),
    recordsPerRequest: overRuns(({ recordsPerRequest }) => recordsPerRequest),
    exitsPerRequest: overRuns(({ exitsPerRequest }) => exitsPerRequest),
    segments: summarized,
    costs: costsOf(runs),
  };
}

/** Of the four probes, then of all; none if a run was not repeated without probes. */
function costsOf(runs: readonly PathFigures[]): ProbeCost[] {
  const figures = runs.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  if (figures.length < runs.length) return [];
  const pairs = (set: 'four' | 'all') =>
    figures.map((cost: CostFigures) => ({ without: cost.without, with: cost[set] }));
  return [probeCost(pairs('four')), probeCost(pairs('all'))];
}

/** For each request that was followed, the sum of these steps. */
function sums({ followed }: PathRun, indices: readonly number[]): Float64Array {
  return Float64Array.from(followed, (steps) =>
    indices.reduce((sum, index) => sum + (steps[index] ?? 0), 0),
  );
}

function missedPoints(runs: readonly PathRun[]): PathSection['notFollowed'] {
  const missed = new Map<string, number>();
  for (const { notFollowed } of runs) {
    for (const [point, requests] of notFollowed) {
      missed.set(point, (missed.get(point) ?? 0) + requests);
    }
  }
  return Array.from(missed, ([point, requests]) => ({ point, requests }));
}

function spreadOf(nsOfRuns: readonly Float64Array[]): Spread {
  const pool = new PooledSamples(nsOfRuns);
  const all = pool.summarize(new Uint32Array(nsOfRuns.length).fill(1), 0);
  const intervals = bootstrapIntervals(nsOfRuns.length, (timesDrawn) => ({
    mean: pool.summarize(timesDrawn, 0).mean,
  }));
  const [low, high] = intervals?.mean ?? [];
  return {
    n: all.n,
    mean: round(all.mean, decimals),
    ci95:
      low === undefined || high === undefined
        ? null
        : [round(low, decimals), round(high, decimals)],
    sd: round(all.sd, decimals),
    p99: round(all.p99, decimals),
  };
}
