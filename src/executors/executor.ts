import type { RunSpec } from '../plan/run-spec.js';
import type { Progress } from '../process/progress.js';
import type { Site } from '../sites/site.js';

/** A run, and the folder that takes its artifacts. */
export interface PlacedRun {
  readonly spec: RunSpec;
  readonly directory: string;
}

/**
 * Executes the runs of a sweep, somewhere. The first failure stops the runs that are under way; runs that have
 * ended are kept for the next time.
 * @throws the error of the run that failed first
 */
export type Executor = (
  site: Site,
  runs: readonly PlacedRun[],
  progress: Progress,
  signal: AbortSignal,
) => Promise<void>;
