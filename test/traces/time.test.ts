import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  asFtraceUs,
  asNs,
  asWireNs,
  compareMoments,
  later,
  nsBetween,
  traceNsOfFtrace,
} from '../../src/traces/time.js';

const moment = fc.bigInt({ min: 0n, max: 2n ** 64n }).map(asWireNs);

test('the time between two moments leads from one to the other', () => {
  fc.assert(
    fc.property(moment, moment, (from, to) => {
      expect(later(from, nsBetween(from, to))).toBe(to);
      expect(Math.sign(Number(nsBetween(from, to)))).toBe(compareMoments(to, from));
    }),
  );
});

test('a moment of a kernel trace is the nanosecond that its text has', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (us) => {
      const seconds = (us / 1e6).toFixed(6);
      expect(traceNsOfFtrace(asFtraceUs(Number(seconds) * 1e6))).toBe(asNs(BigInt(us) * 1000n));
    }),
  );
});
