import { analyzeCaches } from '../instruments/caches/analyze.js';
import type { Caches } from '../instruments/caches/geometry.js';
import { type CachesResult, cachesResultSchema } from '../instruments/caches/schema.js';
import { summarizeCaches } from '../instruments/caches/summarize.js';
import { resultClock } from '../plan/conditions.js';
import type { Progress } from '../process/progress.js';
import { readCacheArtifacts } from '../run-folder/artifacts.js';
import type { Testbed } from '../sites/lab/testbed.js';
import { type ComparisonPlan, runComparison, runDirectory } from './compare.js';

export interface CachesPlan extends Pick<ComparisonPlan, 'methods' | 'seeds' | 'parallel'> {
  readonly caches: Caches;
}

/** Runs every method with every seed and a model of these caches below `directory`, and analyses what it counted. */
export async function measureCaches(
  testbed: Testbed,
  plan: CachesPlan,
  directory: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<CachesResult> {
  await runComparison(testbed, plan, directory, progress, signal);
  const methods = [];
  for (const method of plan.methods) {
    const runs = [];
    for (const seed of plan.seeds) {
      runs.push(analyzeCaches(await readCacheArtifacts(runDirectory(directory, method.id, seed))));
    }
    methods.push(summarizeCaches(runs));
  }
  return cachesResultSchema.parse({
    schema: 'evenkeel.caches/1',
    clock: resultClock(testbed.options.clock, testbed.options.size),
    load: testbed.options.load,
    caches: plan.caches,
    methods,
  });
}
