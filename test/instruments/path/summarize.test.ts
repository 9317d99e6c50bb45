import { expect, test } from 'vitest';
import type { RunOf } from '../../../src/instruments/instrument.js';
import type { PathFigures, Step } from '../../../src/instruments/path/analyze.js';
import { summarizePath } from '../../../src/instruments/path/summarize.js';
import { asNs, asWireNs } from '../../../src/traces/time.js';

const steps: Step[] = [
  { segment: 'wire', step: 'to the interrupt' },
  { segment: 'guest', step: 'in' },
  { segment: 'guest', step: 'out' },
];

function run(
  seed: number,
  followed: readonly number[][],
  more: Partial<PathFigures> = {},
): RunOf<PathFigures> {
  const figures: PathFigures = {
    path: 'virtio',
    steps,
    followed: followed.map((one) => Float64Array.from(one)),
    withoutInterrupt: 0,
    notFollowed: new Map(),
    responsesNs: Float64Array.from(followed, (one) => one.reduce((sum, ns) => sum + ns, 0)),
    lost: 0,
    dropped: 0,
    recordsPerRequest: 10,
    exitsPerRequest: 2,
    cost: undefined,
    ...more,
  };
  return { seed, figures };
}

test('segments are the sums of their steps, request by request', () => {
  const summary = summarizePath([
    run(1, [
      [1000, 2000, 6000],
      [1000, 6000, 2000],
    ]),
  ]);
  expect(summary.segments).toMatchObject([
    { segment: 'wire', time: { n: 2, mean: 1, sd: 0, p99: 1, ci95: null } },
    {
      segment: 'guest',
      // The steps vary, their sum does not.
      time: { mean: 8, sd: 0 },
      steps: [
        { step: 'in', time: { mean: 4, p99: 6 } },
        { step: 'out', time: { mean: 4, p99: 6 } },
      ],
    },
  ]);
  expect(summary.sumOfSegments).toBe(9);
  expect(summary.response.mean).toBe(9);
});

test('several seeds are pooled, and give an interval', () => {
  const summary = summarizePath([
    run(1, [[1000, 1000, 1000]], { lost: 1, notFollowed: new Map([['tap', 2]]) }),
    run(2, [[3000, 3000, 3000]], { dropped: 4, notFollowed: new Map([['tap', 1]]) }),
  ]);
  expect(summary).toMatchObject({
    seeds: [1, 2],
    followed: 2,
    notFollowed: [{ point: 'tap', requests: 3 }],
    lost: 1,
    dropped: 4,
    recordsPerRequest: 10,
    response: { mean: 6, ci95: [3, 9] },
  });
});

test('runs with different points are not put together', () => {
  const other = run(2, [[1000]], { steps: steps.slice(0, 1) });
  expect(() => summarizePath([run(1, [[1000, 1, 1]]), other])).toThrow(
    'seeds 1 and 2 were run with different probes',
  );
});

test('what probes cost is told if each run was repeated without them', () => {
  const responses = (ns: bigint) => ({
    samples: [
      { server: '10.0.0.2', sequence: 0, requestNs: asWireNs(0n), responseTimeNs: asNs(ns) },
    ],
  });
  const probed = (ns: bigint, points: number) => ({
    ...responses(ns),
    points,
    recordsPerRequest: 2,
  });
  const cost = { without: responses(1000n), four: probed(3000n, 4), all: probed(9000n, 40) };
  const times = [[1000, 1000, 1000]];
  expect(summarizePath([run(1, times, { cost }), run(2, times, { cost })]).costs).toMatchObject([
    { points: 4, n: 2, addedPerRequest: { mean: 2 } },
    { points: 40, n: 2, addedPerRequest: { mean: 8 } },
  ]);
  expect(summarizePath([run(1, times, { cost }), run(2, times)]).costs).toEqual([]);
});
