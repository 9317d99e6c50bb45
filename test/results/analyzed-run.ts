import { join } from 'node:path';
import { type AnalyzedRun, analyzeRun } from '../../src/results/analyze-run.js';
import { type SyntheticRun, temporaryDirectory, writeRunDirectory } from '../run-directory.js';

/** Analysed synthetic runs, whose artifacts' paths do not depend on where the tests run. */
export async function analyzedRuns(runs: readonly SyntheticRun[]): Promise<AnalyzedRun[]> {
  const root = await temporaryDirectory();
  const analyzed: AnalyzedRun[] = [];
  for (const [index, run] of runs.entries()) {
    const directory = join(root, `run-${index}`);
    await writeRunDirectory(directory, run);
    analyzed.push(await analyzeRun(directory, root));
  }
  return analyzed;
}
