import { join } from 'node:path';
import type { Caches } from '../instruments/caches/geometry.js';
import type { ProbePoint } from '../instruments/path/points.js';
import type { Method } from '../methods/method.js';
import type { Progress } from '../process/progress.js';
import type { Testbed } from '../sites/lab/testbed.js';
import { runExperiment } from './run.js';

export interface ComparisonPlan {
  readonly methods: readonly Method[];
  readonly seeds: readonly number[];
  /** How many emulated hosts run at the same time; they do not influence each other's clock. */
  readonly parallel: number;
  /** Text of a program that runs on each host beside the load. */
  readonly hostScript?: string;
  /** Points that take time-stamps, of each method. */
  readonly probesOf?: (method: Method) => readonly ProbePoint[];
  /** Caches whose behaviour the emulator models. */
  readonly caches?: Caches;
}

/** Where a comparison keeps the artifacts of a run. */
export function runDirectory(directory: string, methodId: string, seed: number): string {
  return join(directory, methodId, `seed-${seed}`);
}

/**
 * Runs every method with every seed below `directory`. The first failure stops the runs that are under
 * way; runs that have ended are kept for the next time.
 *
 * @throws the error of the run that failed first
 */
export async function runComparison(
  testbed: Testbed,
  { methods, seeds, parallel, hostScript, probesOf, caches }: ComparisonPlan,
  directory: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const anySignal = AbortSignal.any([signal, failure.signal]);
  const waiting = seeds.flatMap((seed) =>
    methods.map((method) => ({ method, seed, hostScript, probes: probesOf?.(method), caches })),
  );
  const total = waiting.length;
  let firstError: unknown;

  const worker = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const { method, seed } = run;
      const number = total - waiting.length;
      try {
        await progress.task(`run ${number}/${total}: ${method.id}, seed ${seed}`, ({ detail }) =>
          runExperiment(testbed, run, runDirectory(directory, method.id, seed), detail, anySignal),
        );
      } catch (error) {
        firstError ??= error;
        waiting.length = 0;
        failure.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, total) }, worker));
  if (firstError !== undefined) throw firstError;
}
