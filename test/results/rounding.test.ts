import { expect, test } from 'vitest';
import { buildComparison } from '../../src/results/comparison.js';
import { roundResult } from '../../src/results/rounding.js';
import type { CompareResult, MethodResult } from '../../src/results/schema.js';
import { analyzedRuns } from './analyzed-run.js';

async function resultWith(method: Partial<MethodResult>): Promise<CompareResult> {
  const result = buildComparison([await analyzedRuns([{}])], 'evenkeel compare');
  return { ...result, methods: result.methods.map((rest) => ({ ...rest, ...method })) };
}

test('figures get 3 decimals and fractions 6, bounds of intervals too', async () => {
  const { methods } = await resultWith({});
  const [method] = methods;
  if (!method) throw new Error('expected a method');
  const third = { value: 1 / 3, ci95: [2 / 3, 5 / 3] as [number, number] };
  const unrounded = await resultWith({
    summary: { ...method.summary, mean: third, cpuUtilization: third },
  });
  expect(roundResult(unrounded).methods[0]?.summary).toEqual({
    ...method.summary,
    mean: { value: 0.333, ci95: [0.667, 1.667] },
    cpuUtilization: { value: 0.333333, ci95: [0.666667, 1.666667] },
  });
});

test('a rounded result stays as it is', async () => {
  const result = await resultWith({});
  expect(roundResult(result)).toEqual(result);
});
