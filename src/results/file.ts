import { readFile } from 'node:fs/promises';
import { EvenkeelError } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import { type Result, resultSchema } from './schema.js';

/** Below the folder of the runs. */
export const resultFile = 'result.json';

/**
 * Reads a result.
 * @throws EvenkeelError that names the file and, if it is not valid, the places in the JSON.
 */
export async function readResult(path: string): Promise<Result> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new EvenkeelError(`cannot read a result: ${cause.message}`, {
      cause,
      hints: ['`evenkeel analyze FOLDER` computes it from the artifacts of runs.'],
    });
  });
  if (/"schema":\s*"evenkeel\.compare\/1"/.test(text)) {
    throw new EvenkeelError(`${path} is a result of an earlier version`, {
      hints: ['`evenkeel analyze FOLDER` computes it anew from the artifacts beside it.'],
    });
  }
  return parseValidatedJson(path, text, resultSchema) as Result;
}
