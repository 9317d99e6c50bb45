import { bootstrapIntervals, type Interval } from '../statistics/bootstrap.js';
import type { ResponseTime } from '../statistics/response-time.js';
import type { MethodResult, Result } from './schema.js';

/** The method that the goals are for. */
const subject = 'outsourcing';

/** The figures of one run that goals are about. */
interface RunFigures {
  readonly seed: number;
  readonly responseTimeUs: ResponseTime;
  readonly heavyMbps: number;
  readonly cpuUtilization: number;
}

/** What outsourcing is to be in comparison with another method. */
interface Goal {
  readonly figure: string;
  /** Of one run. */
  readonly valueOf: (run: RunFigures) => number;
  /** Id of the method that it is compared with. */
  readonly reference: string;
  readonly bound: Bound;
}

/** Of outsourcing's value divided by the reference's. */
interface Bound {
  readonly kind: 'at most' | 'at least';
  readonly ratio: number;
}

const atMost = (ratio: number): Bound => ({ kind: 'at most', ratio });
const atLeast = (ratio: number): Bound => ({ kind: 'at least', ratio });

const sd: Pick<Goal, 'figure' | 'valueOf'> = {
  figure: 'SD',
  valueOf: ({ responseTimeUs }) => responseTimeUs.sd,
};
const p99: typeof sd = { figure: 'p99', valueOf: ({ responseTimeUs }) => responseTimeUs.p99 };
const mean: typeof sd = { figure: 'mean', valueOf: ({ responseTimeUs }) => responseTimeUs.mean };
const heavy: typeof sd = { figure: 'heavy throughput', valueOf: ({ heavyMbps }) => heavyMbps };
const cpuOfBit: typeof sd = {
  figure: "host's CPU for each bit of bulk traffic",
  valueOf: ({ cpuUtilization, heavyMbps }) => cpuUtilization / heavyMbps,
};

/** For one RT VM and two Heavy Receivers on the instruction clock; from the paper's Table 3 and Figure 7. */
const goals: readonly Goal[] = [
  { ...sd, reference: 'threaded', bound: atMost(1 / 6) },
  { ...sd, reference: 'exclusive', bound: atMost(1 / 2) },
  { ...p99, reference: 'threaded', bound: atMost(0.23) },
  { ...p99, reference: 'exclusive', bound: atMost(0.49) },
  { ...mean, reference: 'threaded', bound: atMost(0.33) },
  { ...mean, reference: 'exclusive', bound: atMost(0.47) },
  { ...mean, reference: 'bare', bound: atMost(1.25) },
  { ...heavy, reference: 'threaded', bound: atLeast(1.05) },
  { ...heavy, reference: 'vanilla', bound: atLeast(1) },
  { ...cpuOfBit, reference: 'threaded', bound: atMost(0.7) },
];

/** A goal, and what was measured. */
export interface GoalVerdict extends Omit<Goal, 'valueOf'> {
  /** Outsourcing's mean over the seeds, divided by the reference's. */
  readonly ratio: number;
  /** 95 % bootstrap interval over the seeds that both have; null for one seed. */
  readonly interval: Interval | null;
  readonly holds: boolean;
}

/**
 * Compares outsourcing with each other method that `result` has and there is a goal for, seed by seed:
 * a seed of both is the same load.
 */
export function evaluateGoals({ methods }: Result): GoalVerdict[] {
  const outsourcing = methods.find(({ id }) => id === subject);
  return goals.flatMap((goal) => {
    const reference = methods.find(({ id }) => id === goal.reference);
    const pairs = outsourcing && reference ? pairsOf(outsourcing, reference, goal.valueOf) : [];
    return pairs.length === 0 ? [] : [verdict(goal, pairs)];
  });
}

/** Values of outsourcing and of the reference with the same seed. */
type Pair = readonly [own: number, other: number];

function pairsOf(own: MethodResult, other: MethodResult, figureOf: Goal['valueOf']): Pair[] {
  const others = figuresOf(other);
  return figuresOf(own).flatMap((run) => {
    const match = others.find(({ seed }) => seed === run.seed);
    return match === undefined ? [] : [[figureOf(run), figureOf(match)] as const];
  });
}

/** The figures of each run that has all of them. */
function figuresOf({ sections }: MethodResult): RunFigures[] {
  return (sections.wire?.runs ?? []).flatMap(({ seed, responseTimeUs }) => {
    const bulk = sections.throughput?.runs.find((run) => run.seed === seed);
    const cpu = sections.cpu?.runs.find((run) => run.seed === seed);
    if (bulk === undefined || cpu === undefined) return [];
    return [{ seed, responseTimeUs, heavyMbps: bulk.mbps, cpuUtilization: cpu.utilization }];
  });
}

function verdict({ figure, reference, bound }: Goal, pairs: readonly Pair[]): GoalVerdict {
  const ratio = ratioOf(pairs, () => 1);
  const interval = bootstrapIntervals(pairs.length, (timesDrawn) => ({
    ratio: ratioOf(pairs, (seed) => timesDrawn[seed] ?? 0),
  }));
  const holds = bound.kind === 'at most' ? ratio <= bound.ratio : ratio >= bound.ratio;
  return { figure, reference, bound, ratio, interval: interval?.ratio ?? null, holds };
}

function ratioOf(pairs: readonly Pair[], weightOf: (seed: number) => number): number {
  const sumOf = (side: 0 | 1) =>
    pairs.reduce((sum, pair, seed) => sum + pair[side] * weightOf(seed), 0);
  return sumOf(0) / sumOf(1);
}
