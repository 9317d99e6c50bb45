import type { Result } from '../../src/results/schema.js';
import { analyzed } from '../results/analyzed.js';
import { syntheticMethod } from '../synthetic-run.js';

/** A method of the paper with two seeds, and one of our own with one seed. */
export function comparisonOfTwo(): Promise<Result> {
  return analyzed([
    { spec: { seed: 1 } },
    { spec: { seed: 2 }, responseTimesNs: [541_000n, 583_000n] },
    { spec: { method: syntheticMethod('napi', 'Own | method') } },
  ]);
}
