import { isDeepStrictEqual } from 'node:util';
import { EvenkeelError } from '../process/errors.js';
import type { Environment } from '../run-folder/environment.js';
import type { RunFacts } from '../run-folder/facts.js';
import type { Result } from './schema.js';

/** What the runs of one method must have in common, or pooling them would mean nothing. */
const sharedFields = [
  ...(['method', 'kernel', 'clock', 'environment', 'workload'] as const),
  // They take time: responses with and without them are not the same.
  'instruments',
] as const;

/**
 * The facts of the run with the lowest seed, which all share but for the seed.
 * @param runs of one method, by seed
 * @throws EvenkeelError if there is none, if they disagree, or if a seed occurs twice
 */
export function requireOneMethod(runs: readonly RunFacts[]): RunFacts {
  const [first] = runs;
  if (!first) throw new EvenkeelError('expected at least one run of each method, got none');
  for (const [index, run] of runs.entries()) {
    const previous = runs[index - 1];
    if (!previous) continue;
    if (run.seed === previous.seed) {
      throw new EvenkeelError(`${run.method.id}: two runs have seed ${run.seed}`);
    }
    const field = sharedFields.find((name) => !isDeepStrictEqual(run[name], previous[name]));
    if (field !== undefined) {
      throw new EvenkeelError(
        `${run.method.id}: seeds ${previous.seed} and ${run.seed} differ in their ${field}`,
        { hints: ['Repeat the runs of this method with the same images and options.'] },
      );
    }
  }
  return first;
}

/**
 * The conditions of all methods' runs.
 * @throws EvenkeelError if runs were not made under the same conditions
 */
export function sharedConditions(
  runs: readonly RunFacts[],
): Pick<Result, 'clock' | 'environment' | 'workload'> {
  const [first, ...others] = runs;
  if (!first) throw new EvenkeelError('expected at least one method to compare, got none');
  for (const other of others) requireSame(first, other);
  const environment = others.map((run) => run.environment).reduce(merge, first.environment);
  return { clock: first.clock, environment, workload: first.workload };
}

function requireSame(a: RunFacts, b: RunFacts): void {
  for (const field of ['clock', 'workload'] as const) {
    if (!isDeepStrictEqual(a[field], b[field])) {
      throw new EvenkeelError(
        `${a.method.id} and ${b.method.id} cannot be compared: their ${field} differs ` +
          `(${JSON.stringify(a[field])}, ${JSON.stringify(b[field])})`,
      );
    }
  }
}

/** Methods may need different kernels and images, so versions and hashes are united. */
function merge(a: Environment, b: Environment): Environment {
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
