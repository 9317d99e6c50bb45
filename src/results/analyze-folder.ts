import { join, relative } from 'node:path';
import { analyzeRuns } from '../instruments/registry.js';
import { allMethodIds } from '../methods/catalogue.js';
import { sha256 } from '../process/digest.js';
import { writeJsonFile } from '../process/json.js';
import { writeOutputFile } from '../process/output.js';
import { type ArtifactFile, findRuns, RunFolder } from '../run-folder/run-folder.js';
import { requireOneMethod, sharedConditions } from './comparability.js';
import { resultFile } from './file.js';
import { repeatCommand } from './repeat-command.js';
import { type MethodResult, type Result, resultSchema } from './schema.js';

/**
 * Computes the result of the runs in a folder: every section that their artifacts allow. Writes it there as
 * `result.json`, and beside the artifacts of each run what other tools read. The same artifacts always give
 * the same bytes.
 *
 * @param runPaths which runs; by default all that are there, or the single run that the folder is
 * @param order ids of methods in the order of the tables; by default the catalogue's, others last
 * @throws EvenkeelError if there is no run, if runs were made under different conditions, or if an artifact is
 *   not as expected
 */
export async function analyzeFolder(
  directory: string,
  runPaths?: readonly string[],
  order: readonly string[] = allMethodIds,
): Promise<Result> {
  const folders = await Promise.all(
    (runPaths ?? (await findRuns(directory))).map((path) => RunFolder.open(path)),
  );
  const byMethod = new Map<string, RunFolder[]>();
  for (const folder of folders) {
    const { id } = folder.facts.method;
    byMethod.set(id, [...(byMethod.get(id) ?? []), folder]);
  }
  const ids = inOrder([...byMethod.keys()], order);
  const methods = [];
  for (const id of ids) {
    methods.push(await methodResult(byMethod.get(id) ?? [], directory));
  }
  const facts = ids.flatMap((id) => (byMethod.get(id) ?? []).map((folder) => folder.facts));
  const result = resultSchema.parse({
    schema: 'evenkeel.result/1',
    ...sharedConditions(facts),
    command: repeatCommand(facts),
    methods,
  }) as Result;
  await writeJsonFile(join(directory, resultFile), result);
  return result;
}

/** @param folders the runs of one method */
async function methodResult(
  folders: readonly RunFolder[],
  directory: string,
): Promise<MethodResult> {
  const bySeed = folders.toSorted((a, b) => a.facts.seed - b.facts.seed);
  const first = requireOneMethod(bySeed.map(({ facts }) => facts));
  const { sections, derived } = await analyzeRuns(bySeed);
  for (const [{ path }, files] of derived) {
    for (const [name, text] of Object.entries(files)) await writeOutputFile(join(path, name), text);
  }
  return {
    id: first.method.id,
    title: first.method.title,
    kernel: first.kernel,
    // Those of the lowest seed; thread numbers may differ between seeds.
    settings: [...first.settings],
    runs: bySeed.map(({ facts, filesRead }) => ({
      seed: facts.seed,
      artifacts: filesRead.map((file) => hashed(file, directory)),
    })),
    sections,
  };
}

function hashed({ path, bytes }: ArtifactFile, directory: string) {
  return { path: relative(directory, path), sha256: sha256(bytes) };
}

/** Methods that `order` does not know come last. */
function inOrder(ids: readonly string[], order: readonly string[]): string[] {
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  return ids.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
