import { describe, expect, test } from 'vitest';
import { renderGoals } from '../../src/reporters/goals.js';
import { buildComparison } from '../../src/results/comparison.js';
import { evaluateGoals } from '../../src/results/goals.js';
import type { CompareResult } from '../../src/results/schema.js';
import { analyzedRuns } from './analyzed-run.js';

/** A comparison with these response times in microseconds, for each method and seed. */
async function comparison(
  times: Readonly<Record<string, readonly (readonly number[])[]>>,
): Promise<CompareResult> {
  const methods = await Promise.all(
    Object.entries(times).map(([id, seeds]) =>
      analyzedRuns(
        seeds.map((us, index) => ({
          manifest: {
            seed: index + 1,
            method: { id, title: id, settingsSha256: 'd'.repeat(64) },
          },
          responseTimesNs: us.map((time) => BigInt(time) * 1000n),
        })),
      ),
    ),
  );
  return buildComparison(methods, 'evenkeel');
}

describe('goals', () => {
  test('compare means over seeds, and hold up to their bound', async () => {
    const result = await comparison({
      bare: [
        [100, 100],
        [140, 140],
      ],
      outsourcing: [
        [120, 120],
        [180, 180],
      ],
    });
    expect(evaluateGoals(result)).toEqual([
      {
        figure: 'mean',
        reference: 'bare',
        bound: { kind: 'at most', ratio: 1.25 },
        ratio: 300 / 240,
        interval: [1.2, expect.closeTo(180 / 140, 9)],
        holds: true,
      },
    ]);
    expect(renderGoals(evaluateGoals(result))).toContain(
      '| mean at most 1.25 of bare | 1.25 [1.2, 1.29] | holds |\n',
    );
  });

  test('take the same seeds of both', async () => {
    const result = await comparison({ bare: [[100]], outsourcing: [[200], [100]] });
    expect(evaluateGoals(result)).toEqual([
      expect.objectContaining({ ratio: 2, interval: null, holds: false }),
    ]);
  });

  test('want more throughput and less CPU time', async () => {
    const result = await comparison({ threaded: [[100, 101]], outsourcing: [[100, 101]] });
    const held = evaluateGoals(result).map(({ figure, holds }) => [figure, holds]);
    expect(held).toEqual([
      ['SD', false],
      ['p99', false],
      ['mean', false],
      ['heavy throughput', false],
      ["host's CPU for each bit of bulk traffic", false],
    ]);
  });

  test('there are none without outsourcing', async () => {
    expect(evaluateGoals(await comparison({ threaded: [[1]], bare: [[1]] }))).toEqual([]);
  });
});
