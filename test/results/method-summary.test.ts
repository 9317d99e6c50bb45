import { describe, expect, test } from 'vitest';
import { summarizeMethod } from '../../src/results/method-summary.js';
import { analyzedRuns } from './analyzed-run.js';

describe('summarizeMethod', () => {
  test('pools the samples of all seeds, adds counts up and averages rates', async () => {
    const runs = await analyzedRuns([
      { manifest: { seed: 2 }, responseTimesNs: [5000n, 6000n] },
      { manifest: { seed: 1 }, responseTimesNs: [1000n, 2000n, 3000n] },
    ]);
    const { runs: results, summary, distribution, ...method } = summarizeMethod(runs);
    expect(results.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(method).toMatchObject({
      id: 'threaded',
      title: 'Threaded interrupts',
      kernel: '6.12-rt',
    });
    expect(summary).toMatchObject({
      n: { value: 5, ci95: [4, 6] },
      lost: { value: 0, ci95: [0, 0] },
      mean: { value: 3.4, ci95: [2, 5.5] },
      p50: { value: 3, ci95: [2, 5] },
      max: { value: 6, ci95: [3, 6] },
      heavyMbps: { value: 3, ci95: [3, 3] },
      cpuUtilization: { value: 0.35, ci95: [0.35, 0.35] },
    });
    expect(distribution.counts.reduce((sum, count) => sum + count, 0)).toBe(5);
  });

  test('has no intervals for one seed', async () => {
    const { summary } = summarizeMethod(await analyzedRuns([{}]));
    expect(Object.values(summary).map(({ ci95 }) => ci95)).toEqual(
      Array.from({ length: 10 }, () => null),
    );
  });

  test('does not depend on the order of the runs', async () => {
    const runs = await analyzedRuns([1, 2, 3].map((seed) => ({ manifest: { seed } })));
    expect(summarizeMethod(runs.toReversed())).toEqual(summarizeMethod(runs));
  });

  test('rejects runs that disagree or repeat a seed', async () => {
    const runs = await analyzedRuns([
      { manifest: { seed: 1 } },
      { manifest: { seed: 1 } },
      { manifest: { seed: 2, clock: { kind: 'hardware', nsPerInstruction: null } } },
    ]);
    expect(() => summarizeMethod([])).toThrow('expected at least one run of each method, got none');
    expect(() => summarizeMethod(runs.slice(0, 2))).toThrow('threaded: two runs have seed 1');
    expect(() => summarizeMethod(runs.slice(1))).toThrow(
      'threaded: seeds 1 and 2 were run with a different clock',
    );
  });
});
