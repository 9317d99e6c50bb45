import { analyzeFolder } from '../../src/results/analyze-folder.js';
import type { MethodResult, Result } from '../../src/results/schema.js';
import { runFolderPath } from '../../src/run-folder/names.js';
import { type SyntheticRun, syntheticSpec, writeRunDirectory } from '../synthetic-run.js';
import { temporaryDirectory } from '../temporary-directory.js';

/** The result of synthetic runs; each needs a method and a seed of its own. */
export async function analyzed(runs: readonly SyntheticRun[]): Promise<Result> {
  return analyzeFolder(await sweepOf(runs));
}

/** The result of synthetic runs of one method. */
export async function analyzedMethod(runs: readonly SyntheticRun[]): Promise<MethodResult> {
  const [method] = (await analyzed(runs)).methods;
  if (method === undefined) throw new Error('a result has a method');
  return method;
}

/** Writes synthetic runs as a sweep leaves them. */
export async function sweepOf(runs: readonly SyntheticRun[]): Promise<string> {
  const directory = await temporaryDirectory();
  for (const run of runs) {
    await writeRunDirectory(runFolderPath(directory, { ...syntheticSpec, ...run.spec }), run);
  }
  return directory;
}
