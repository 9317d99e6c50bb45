import { EvenkeelError } from '../../process/errors.js';
import { round } from '../../statistics/figure.js';
import { mean, nsToUs, sampleSd } from '../../statistics/samples.js';
import type { ResponseSample } from '../../workloads/workload.js';
import type { ProbeCost } from './schema.js';

/** The response times of a run at the wire, and of one with probes what they recorded. */
export interface CostRun {
  readonly samples: readonly ResponseSample[];
}
export interface ProbedCostRun extends CostRun {
  readonly points: number;
  readonly recordsPerRequest: number;
}

/** What the probes of one run cost. */
export interface CostFigures {
  readonly without: CostRun;
  readonly four: ProbedCostRun;
  readonly all: ProbedCostRun;
}

/** Below the folder of the runs with all probes: those that only tell what probes cost. */
export const costVariants = { none: 'without-probes', four: 'four-probes' } as const;

/** Of the normal distribution: 95 % lie within so many standard deviations. */
const normal95 = 1.96;
const decimals = 3;

/**
 * What probes cost, from pairs of runs with the same seed. The load sends the same requests at the same
 * moments in both runs of a pair, so each request is compared with itself. The interval takes requests for
 * independent of each other.
 * @throws EvenkeelError if no request was answered in both runs of a pair
 */
export function probeCost(pairs: readonly { without: CostRun; with: ProbedCostRun }[]): ProbeCost {
  const differences: number[] = [];
  for (const pair of pairs) {
    const before = new Map(
      pair.without.samples.map(({ sequence, responseTimeNs }) => [sequence, responseTimeNs]),
    );
    for (const { sequence, responseTimeNs } of pair.with.samples) {
      const ns = before.get(sequence);
      if (ns !== undefined) differences.push(nsToUs(Number(responseTimeNs - ns)));
    }
  }
  const [first] = pairs;
  if (first === undefined || differences.length === 0) {
    throw new EvenkeelError('no request was answered both with and without probes');
  }
  const added = Float64Array.from(differences);
  const recordsPerRequest = mean(Float64Array.from(pairs, (pair) => pair.with.recordsPerRequest));
  const center = mean(added);
  const margin = (normal95 * sampleSd(added)) / Math.sqrt(added.length);
  const per = (records: number) => ({
    mean: round(center / records, decimals),
    ci95: [
      round((center - margin) / records, decimals),
      round((center + margin) / records, decimals),
    ] as [number, number],
  });
  return {
    points: first.with.points,
    n: added.length,
    recordsPerRequest: round(recordsPerRequest, decimals),
    addedPerRequest: per(1),
    addedPerRecord: per(recordsPerRequest),
  };
}
