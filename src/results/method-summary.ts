import { isDeepStrictEqual } from 'node:util';
import { EvenkeelError } from '../process/errors.js';
import type { FigureName, MethodResult } from './schema.js';
import type { AnalyzedRun } from './analyze-run.js';
import { bootstrapIntervals } from '../statistics/bootstrap.js';
import { distributionOf } from '../statistics/distribution.js';
import { PooledSamples } from '../statistics/pooled-samples.js';

/** What the runs of one method must have in common, or pooling them would mean nothing. */
const sharedFields = ['method', 'kernel', 'clock', 'environment', 'load'] as const;

/**
 * Summarizes the runs of one method, one run for each seed. Response-time statistics are those of
 * the pooled samples, `n` and `lost` are sums, `heavyMbps` and `cpuUtilization` are means over
 * runs; all have bootstrap intervals over runs. The settings are those of the lowest seed.
 * @throws EvenkeelError if there is no run, if the runs disagree, or if a seed occurs twice.
 */
export function summarizeMethod(analyzedRuns: readonly AnalyzedRun[]): MethodResult {
  const runs = analyzedRuns.toSorted((a, b) => a.run.seed - b.run.seed);
  const [first] = runs;
  if (!first) throw new EvenkeelError('expected at least one run of each method, got none');
  requireComparable(runs);

  const pool = new PooledSamples(runs.map(({ samplesNs }) => samplesNs));
  const figures = (timesDrawn: Uint32Array): Record<FigureName, number> => {
    const sum = (figureOf: (run: AnalyzedRun) => number) =>
      runs.reduce((total, run, index) => total + figureOf(run) * (timesDrawn[index] ?? 0), 0);
    return {
      ...pool.summarize(
        timesDrawn,
        sum(({ result }) => result.responseTimeUs.lost),
      ),
      heavyMbps: sum(({ result }) => result.heavyMbps) / runs.length,
      cpuUtilization: sum(({ result }) => result.cpuUtilization) / runs.length,
    };
  };
  const values = figures(new Uint32Array(runs.length).fill(1));
  const intervals = bootstrapIntervals(runs.length, figures);
  const figure = (name: FigureName) => ({ value: values[name], ci95: intervals?.[name] ?? null });

  return {
    id: first.run.method.id,
    title: first.run.method.title,
    kernel: first.run.kernel,
    settings: first.run.settings,
    runs: runs.map(({ result }) => result),
    summary: {
      mean: figure('mean'),
      p50: figure('p50'),
      p99: figure('p99'),
      p999: figure('p999'),
      max: figure('max'),
      sd: figure('sd'),
      n: figure('n'),
      lost: figure('lost'),
      heavyMbps: figure('heavyMbps'),
      cpuUtilization: figure('cpuUtilization'),
    },
    distribution: distributionOf(pool.ascendingNs),
  };
}

/** @param runs sorted by seed. */
function requireComparable(runs: readonly AnalyzedRun[]): void {
  for (const [index, { run }] of runs.entries()) {
    const previous = runs[index - 1]?.run;
    if (!previous) continue;
    if (run.seed === previous.seed) {
      throw new EvenkeelError(`${run.method.id}: two runs have seed ${run.seed}`);
    }
    const field = sharedFields.find((name) => !isDeepStrictEqual(run[name], previous[name]));
    if (field !== undefined) {
      throw new EvenkeelError(
        `${run.method.id}: seeds ${previous.seed} and ${run.seed} were run with a different ${field}`,
        { hints: ['Repeat the runs of this method with the same images and options.'] },
      );
    }
  }
}
