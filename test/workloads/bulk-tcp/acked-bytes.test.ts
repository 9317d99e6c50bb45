import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeasuredWindow } from '../../../src/run-folder/manifest.js';
import type { HostNs } from '../../../src/traces/time.js';
import {
  type AckedBytes,
  bytesAckedIn,
  mbps,
  parseAckedSeries,
} from '../../../src/workloads/bulk-tcp/acked-bytes.js';

/** On the host's clock. */
const at = (ns: bigint) => ns as HostNs;

const series = [
  { tNs: at(1000n), bytesAcked: 100n },
  { tNs: at(2000n), bytesAcked: 300n },
  { tNs: at(4000n), bytesAcked: 500n },
];

describe('parseAckedSeries', () => {
  test('reads a document per line', () => {
    const text = '{"tNs":"1","bytesAcked":"2"}\n{"tNs":"3","bytesAcked":"2"}\n';
    expect(parseAckedSeries(text)).toEqual([
      { tNs: 1n, bytesAcked: 2n },
      { tNs: 3n, bytesAcked: 2n },
    ]);
  });

  test.each([
    ['an empty file', '', 'line 1: expected JSON'],
    ['a line that is cut off', '{"tNs":"1","bytesAcked":"2"}\n{"tN', 'line 2: expected JSON'],
    ['a number', '{"tNs":1,"bytesAcked":"2"}', 'line 1: tNs: '],
    [
      'time that stands still',
      '{"tNs":"1","bytesAcked":"2"}\n{"tNs":"1","bytesAcked":"3"}',
      'line 2: expected a later time',
    ],
    [
      'bytes that decrease',
      '{"tNs":"1","bytesAcked":"2"}\n{"tNs":"2","bytesAcked":"1"}',
      'line 2: expected a later time and no fewer bytes',
    ],
  ])('rejects %s', (_name, text, message) => {
    expect(() => parseAckedSeries(text)).toThrow(message);
  });
});

function throughputMbps(points: readonly AckedBytes[], window: MeasuredWindow): number {
  return mbps(bytesAckedIn(points, window), window);
}

describe('the throughput in a window', () => {
  test('interpolates at both edges', () => {
    // 200 bytes at 1500 ns, 400 bytes at 3000 ns: 1600 bits in 1500 ns.
    expect(throughputMbps(series, { startNs: at(1500n), endNs: at(3000n) })).toBeCloseTo(
      1066.667,
      3,
    );
  });

  test('covers the whole series up to its first and last point', () => {
    expect(throughputMbps(series, { startNs: at(1000n), endNs: at(4000n) })).toBeCloseTo(
      1066.667,
      3,
    );
  });

  test('of a constant rate is that rate, wherever the window lies', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 99_999 }), { maxLength: 20 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 2, maxLength: 2 }),
        fc.bigInt({ min: 0n, max: 2n ** 63n }),
        (times, edges, offset) => {
          const constant = [0, ...times.sort((a, b) => a - b), 100_000].map((t) => ({
            tNs: at(offset + BigInt(t)),
            bytesAcked: offset + 2n * BigInt(t),
          }));
          const [start = 0, end = 0] = edges.sort((a, b) => a - b);
          const window = { startNs: at(offset + BigInt(start)), endNs: at(offset + BigInt(end)) };
          expect(throughputMbps(constant, window)).toBeCloseTo(16_000, 3);
        },
      ),
    );
  });

  test('fails if the series does not cover the window', () => {
    const message = (edge: string) =>
      `the series covers 1000 to 4000 ns, but the window has an edge at ${edge} ns`;
    expect(() => throughputMbps(series, { startNs: at(999n), endNs: at(3000n) })).toThrow(
      message('999'),
    );
    expect(() => throughputMbps(series, { startNs: at(999n), endNs: at(4001n) })).toThrow(
      message('4001'),
    );
  });
});
