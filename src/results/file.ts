import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { EvenkeelError } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import { type CompareResult, compareResultSchema } from './schema.js';

/**
 * Reads the result of a comparison.
 * @throws EvenkeelError that names the file and, if it is not valid, the places in the JSON.
 */
export async function readCompareResult(path: string): Promise<CompareResult> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new EvenkeelError(`cannot read a result: ${cause.message}`, { cause });
  });
  return parseValidatedJson(path, text, compareResultSchema);
}

/**
 * Writes the result of a comparison. The file is replaced as a whole: whoever reads it, even after
 * a crash, sees the old result or the new one.
 */
export async function writeCompareResult(path: string, result: CompareResult): Promise<void> {
  const temporaryPath = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporaryPath, `${JSON.stringify(result, null, 2)}\n`);
    await rename(temporaryPath, path);
  } catch (cause) {
    await rm(temporaryPath, { force: true });
    throw new EvenkeelError(`cannot write a result: ${(cause as Error).message}`, { cause });
  }
}
