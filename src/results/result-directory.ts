import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnalyzedRun, analyzeRun } from './analyze-run.js';
import { buildComparison } from './comparison.js';
import { formatSamplesCsv } from '../instruments/wire/samples-csv.js';
import { artifactNames } from '../run-folder/names.js';
import { EvenkeelError } from '../process/errors.js';
import { writeOutputFile } from '../process/output.js';
import { methodIds } from '../methods/catalogue.js';
import { renderHtml } from '../reporters/html.js';
import { readCompareResult, writeCompareResult } from './file.js';
import type { CompareResult } from './schema.js';
import { type ComparisonPlan, runDirectory } from '../executors/compare.js';
import { repeatCommand } from './repeat-command.js';

const resultName = 'result.json';
const reportName = 'report.html';
const samplesName = 'samples.csv';

/**
 * Analyses runs below `directory` and writes `result.json` there, and each run's raw samples beside its
 * artifacts.
 *
 * @param plan which runs, in the order of the table; by default all that are there, or the single
 *   run that `directory` is
 * @throws EvenkeelError if there is no run, or an artifact is not as expected
 */
export async function analyzeDirectory(
  directory: string,
  plan?: Pick<ComparisonPlan, 'methods' | 'seeds'>,
): Promise<CompareResult> {
  const runDirectories =
    plan === undefined
      ? await findRuns(directory)
      : plan.methods.flatMap(({ id }) =>
          plan.seeds.map((seed) => runDirectory(directory, id, seed)),
        );
  const byMethod = new Map<string, AnalyzedRun[]>();
  for (const run of runDirectories) {
    const analyzed = await analyzeRun(run, directory);
    await writeOutputFile(join(run, samplesName), formatSamplesCsv(analyzed.samples));
    const { id } = analyzed.run.method;
    byMethod.set(id, [...(byMethod.get(id) ?? []), analyzed]);
  }
  const runs = (plan?.methods.map(({ id }) => id) ?? inTableOrder([...byMethod.keys()])).map(
    (id) => byMethod.get(id) ?? [],
  );
  const result = buildComparison(runs, repeatCommand(runs.flat().map(({ run }) => run)));
  await writeCompareResult(join(directory, resultName), result);
  return result;
}

/** The catalogue's order; methods that it does not know come last. */
function inTableOrder(ids: readonly string[]): string[] {
  const place = (id: string) => (methodIds.includes(id) ? methodIds.indexOf(id) : methodIds.length);
  return ids.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** Writes `report.html` from `result.json`; returns its path. */
export async function writeReport(directory: string): Promise<string> {
  const result = await readCompareResult(join(directory, resultName));
  const path = join(directory, reportName);
  await writeOutputFile(path, await renderHtml(result));
  return path;
}

async function findRuns(directory: string): Promise<string[]> {
  const candidates = [directory];
  for (const method of await folders(directory)) {
    for (const seed of await folders(method)) candidates.push(seed);
  }
  const runs = [];
  for (const candidate of candidates) {
    if (await isRun(candidate)) runs.push(candidate);
  }
  if (runs.length === 0) {
    throw new EvenkeelError(`${directory} holds no run`, {
      hints: ['Make one with `evenkeel run` or `evenkeel compare` and give its --out folder.'],
    });
  }
  return runs;
}

async function folders(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !/\.(partial|failed)$/.test(entry.name))
      .map(({ name }) => join(directory, name))
      .sort();
  } catch (cause) {
    throw new EvenkeelError(`cannot read ${directory}: ${(cause as Error).message}`, { cause });
  }
}

async function isRun(directory: string): Promise<boolean> {
  return access(join(directory, artifactNames.manifest)).then(
    () => true,
    () => false,
  );
}
