import { readFile } from 'node:fs/promises';
import { EvenkeelError } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import { writeOutputFile } from '../process/output.js';
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

/** Writes the result of a comparison. @throws EvenkeelError if that is impossible */
export async function writeCompareResult(path: string, result: CompareResult): Promise<void> {
  await writeOutputFile(path, `${JSON.stringify(result, null, 2)}\n`);
}
