import { buildComparison } from '../../src/results/comparison.js';
import type { CompareResult } from '../../src/results/schema.js';
import { analyzedRuns } from '../results/analyzed-run.js';

/** A method of the paper with two seeds, and one of our own with one seed. */
export async function comparisonOfTwo(): Promise<CompareResult> {
  const threaded = await analyzedRuns([
    { manifest: { seed: 1 } },
    { manifest: { seed: 2 }, responseTimesNs: [541_000n, 583_000n] },
  ]);
  const method = { id: 'napi', title: 'Own | method', settingsSha256: 'd'.repeat(64) };
  return buildComparison([threaded, await analyzedRuns([{ manifest: { method } }])], 'evenkeel');
}
