import { expect, test } from 'vitest';
import type { PathSection } from '../../../src/instruments/path/schema.js';
import { renderPath } from '../../../src/instruments/path/text.js';

const spread = { n: 9, mean: 10, ci95: null, sd: 1, p99: 12 };
const method = { id: 'bare', kernel: '7.3.4-rt' };
const section: PathSection = {
  path: 'process',
  seeds: [1, 2],
  response: { ...spread, n: 10, ci95: [9, 11] },
  lost: 1,
  followed: 9,
  withoutInterrupt: 2,
  notFollowed: [{ point: 'interrupt', requests: 1 }],
  sumOfSegments: 10,
  dropped: 3,
  recordsPerRequest: 12.34,
  exitsPerRequest: 0,
  segments: [{ segment: 'wire', time: spread, steps: [{ step: 'NIC to hard IRQ', time: spread }] }],
  costs: [
    {
      points: 4,
      n: 10,
      recordsPerRequest: 4,
      addedPerRequest: { mean: 2, ci95: [1, 3] },
      addedPerRecord: { mean: 0.5, ci95: [0.25, 0.75] },
    },
  ],
};

test('shows segments, steps, what was left out and what probes cost', () => {
  expect(renderPath(method, section)).toMatchInlineSnapshot(`
    "bare, kernel 7.3.4-rt, seeds 1, 2: 9 of 10 requests were seen at every point
      of these without an interrupt of their own, as a poll was due already: 2
      not seen at "interrupt": 1
      not answered: 1
      time-stamps without room for them: 3
      0.0 VM exits and 12.3 time-stamps per request
                                                      mean, us    SD, us   p99, us
      wire                                                10.0       1.0      12.0
        NIC to hard IRQ                                   10.0       1.0      12.0
      sum of the segments                                 10.0
      response time at the wire, all requests             10.0       1.0      12.0  [9.0, 11.0]
      4 probes: 2.00 us [1.00, 3.00] more response time, 0.50 us [0.25, 0.75] a time-stamp, n = 10
    "
  `);
});

test('says nothing of what was not left out', () => {
  const complete = {
    ...section,
    lost: 0,
    withoutInterrupt: 0,
    notFollowed: [],
    dropped: 0,
    costs: [],
  };
  const text = renderPath(method, complete);
  expect(text).not.toContain('not ');
  expect(text).not.toContain('probes:');
});
