import { join } from 'node:path';
import { analyzePath, type PathRun } from '../instruments/path/analyze.js';
import { type CostRun, probeCost } from '../instruments/path/cost.js';
import { fourPointsOf, type ProbePoint, pathOf, pointsOf } from '../instruments/path/points.js';
import { type PathResult, type ProbeCost, pathResultSchema } from '../instruments/path/schema.js';
import { summarizePath } from '../instruments/path/summarize.js';
import type { Method } from '../methods/method.js';
import { resultClock } from '../plan/conditions.js';
import type { Progress } from '../process/progress.js';
import { parseArtifact, readProbeArtifacts, readRtCapture } from '../run-folder/artifacts.js';
import type { Testbed } from '../sites/lab/testbed.js';
import { readPcap } from '../traces/pcap.js';
import { matchResponses } from '../workloads/udp-echo/responses.js';
import { type ComparisonPlan, runComparison, runDirectory } from './compare.js';

export interface PathPlan extends Pick<ComparisonPlan, 'methods' | 'seeds' | 'parallel'> {
  /** Whether to run each method also without probes and with four, to know what they cost. */
  readonly cost: boolean;
}

const allPointsOf = (method: Method) => pointsOf(pathOf(method));
const fewPointsOf = (method: Method) => fourPointsOf(pathOf(method));

/** Below the folder of the runs with all probes: those that only tell what probes cost. */
const withoutProbes = 'without-probes';
const withFourProbes = 'four-probes';

/** Runs every method with every seed and with probes below `directory`, and analyses what they have recorded. */
export async function measurePaths(
  testbed: Testbed,
  { cost, ...plan }: PathPlan,
  directory: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<PathResult> {
  const run = (folder: string, probesOf?: (method: Method) => readonly ProbePoint[]) =>
    runComparison(
      testbed,
      { ...plan, ...(probesOf === undefined ? {} : { probesOf }) },
      folder,
      progress,
      signal,
    );
  await run(directory, allPointsOf);
  if (cost) {
    await run(join(directory, withFourProbes), fewPointsOf);
    await run(join(directory, withoutProbes));
  }
  const methods = [];
  for (const method of plan.methods) {
    const runs = await analyzedRuns(directory, method, plan.seeds);
    const costs = cost ? await costsOf(directory, method, plan.seeds, runs) : [];
    methods.push(summarizePath(runs, costs));
  }
  return pathResultSchema.parse({
    schema: 'evenkeel.path/1',
    clock: resultClock(testbed.options.clock, testbed.options.size),
    load: testbed.options.load,
    methods,
  });
}

async function analyzedRuns(
  directory: string,
  method: Method,
  seeds: readonly number[],
): Promise<PathRun[]> {
  const runs = [];
  for (const seed of seeds) {
    runs.push(analyzePath(await readProbeArtifacts(runDirectory(directory, method.id, seed))));
  }
  return runs;
}

/**
 * Of the four probes, then of all.
 * @param allProbesRuns what the runs with all probes say, in the order of `seeds`
 */
async function costsOf(
  directory: string,
  method: Method,
  seeds: readonly number[],
  allProbesRuns: readonly PathRun[],
): Promise<ProbeCost[]> {
  const fourProbes = join(directory, withFourProbes);
  const costs = [];
  for (const [folder, points, runs] of [
    [fourProbes, fewPointsOf(method), await analyzedRuns(fourProbes, method, seeds)],
    [directory, allPointsOf(method), allProbesRuns],
  ] as const) {
    const pairs = [];
    for (const [index, { recordsPerRequest }] of runs.entries()) {
      const seed = seeds[index] as number;
      const withProbes = await costRun(runDirectory(folder, method.id, seed));
      pairs.push({
        without: await costRun(runDirectory(join(directory, withoutProbes), method.id, seed)),
        with: { ...withProbes, points: points.length, recordsPerRequest },
      });
    }
    costs.push(probeCost(pairs));
  }
  return costs;
}

async function costRun(directory: string): Promise<CostRun> {
  const { samples } = parseArtifact(await readRtCapture(directory), (bytes) =>
    matchResponses(readPcap(bytes)),
  );
  return { samples };
}
