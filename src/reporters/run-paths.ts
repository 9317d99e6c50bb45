import { dirname, join } from 'node:path';
import { EvenkeelError } from '../process/errors.js';
import type { MethodResult, Result } from '../results/schema.js';
import { runFiles } from '../run-folder/names.js';

/** The folders of all runs of a result. */
export function runPathsOf({ methods }: Result, directory: string): string[] {
  return methods.flatMap((method) => runPathsOfMethod(method, directory));
}

/**
 * The folders of the runs of a method, by seed.
 * @throws EvenkeelError if the result does not say where a run is
 */
export function runPathsOfMethod({ id, runs }: MethodResult, directory: string): string[] {
  return runs.map(({ seed, artifacts }) => {
    const manifest = artifacts.find(({ path }) => path.endsWith(runFiles.manifest));
    if (manifest === undefined) {
      throw new EvenkeelError(`the result names no ${runFiles.manifest} of ${id}, seed ${seed}`);
    }
    return join(directory, dirname(manifest.path));
  });
}
