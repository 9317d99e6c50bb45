import { describe, expect, test } from 'vitest';
import { renderGoals } from '../../src/reporters/goals.js';
import { evaluateGoals } from '../../src/results/goals.js';
import type { Result } from '../../src/results/schema.js';
import { syntheticMethod } from '../synthetic-run.js';
import { analyzed } from './analyzed.js';

/** A comparison with these response times in microseconds, for each method and seed. */
function comparison(
  times: Readonly<Record<string, readonly (readonly number[])[]>>,
): Promise<Result> {
  return analyzed(
    Object.entries(times).flatMap(([id, seeds]) =>
      seeds.map((us, index) => ({
        spec: { seed: index + 1, method: syntheticMethod(id) },
        responseTimesNs: us.map((time) => BigInt(time) * 1000n),
      })),
    ),
  );
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

  test('are about runs that have all three basic sections', async () => {
    const result = await comparison({ threaded: [[100]], outsourcing: [[100]] });
    const methods = result.methods.map((method) => {
      const { cpu: _cpu, ...sections } = method.sections;
      return { ...method, sections };
    });
    expect(evaluateGoals({ ...result, methods })).toEqual([]);
  });
});
