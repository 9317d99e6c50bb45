import { isDeepStrictEqual } from 'node:util';
import type { RunManifest } from '../run-folder/artifacts.js';
import { EvenkeelError } from '../process/errors.js';
import { roundResult } from './rounding.js';
import { type CompareResult, compareResultSchema, type Environment } from './schema.js';
import type { AnalyzedRun } from './analyze-run.js';
import { summarizeMethod } from './method-summary.js';

/**
 * Builds the result of a comparison, rounded and valid.
 * @param runsOfMethods the runs of each method, in the order of the table.
 * @param command the command that repeats the comparison.
 * @throws EvenkeelError if runs were not made under the same conditions.
 */
export function buildComparison(
  runsOfMethods: readonly (readonly AnalyzedRun[])[],
  command: string,
): CompareResult {
  const methods = runsOfMethods.map(summarizeMethod);
  const [first, ...others] = runsOfMethods.flat().map(({ run }) => run);
  if (!first) throw new EvenkeelError('expected at least one method to compare, got none');
  for (const other of others) requireSameConditions(first, other);

  return compareResultSchema.parse(
    roundResult({
      schema: 'evenkeel.compare/1',
      clock: first.clock,
      environment: others
        .map((run) => run.environment)
        .reduce(mergeEnvironments, first.environment),
      load: first.load,
      command,
      methods,
    }),
  );
}

function requireSameConditions(a: RunManifest, b: RunManifest): void {
  for (const field of ['clock', 'load'] as const) {
    if (!isDeepStrictEqual(a[field], b[field])) {
      throw new EvenkeelError(
        `${a.method.id} and ${b.method.id} cannot be compared: their ${field} differs ` +
          `(${JSON.stringify(a[field])}, ${JSON.stringify(b[field])})`,
      );
    }
  }
}

/** Methods may need different kernels and images, so versions and hashes are united. */
function mergeEnvironments(a: Environment, b: Environment): Environment {
  const merged = {
    ...a,
    versions: { ...a.versions, ...b.versions },
    hashes: { ...a.hashes, ...b.hashes },
  };
  const isMergeOfBoth = isDeepStrictEqual(merged, {
    ...b,
    versions: { ...b.versions, ...a.versions },
    hashes: { ...b.hashes, ...a.hashes },
  });
  if (isMergeOfBoth) return merged;
  throw new EvenkeelError(
    `methods cannot be compared: their environments differ (${JSON.stringify(a)}, ${JSON.stringify(b)})`,
  );
}
