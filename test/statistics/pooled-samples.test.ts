import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PooledSamples } from '../../src/statistics/pooled-samples.js';
import { summarize } from '../../src/statistics/samples.js';

const run = fc.record({
  samplesNs: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 30 }),
  timesDrawn: fc.integer({ min: 0, max: 3 }),
});

test('a resample has the statistics of the pool that is written out', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 5 }), (runs) => {
      const writtenOut = runs.flatMap(({ samplesNs, timesDrawn }) =>
        Array.from({ length: timesDrawn }, () => samplesNs).flat(),
      );
      const { mean, sd, ...exact } = summarize(Float64Array.from(writtenOut), 1);
      const pool = new PooledSamples(runs.map(({ samplesNs }) => Float64Array.from(samplesNs)));
      const drawn = Uint32Array.from(runs, ({ timesDrawn }) => timesDrawn);
      expect(pool.summarize(drawn, 1)).toEqual({
        ...exact,
        mean: expect.closeTo(mean, 6),
        sd: expect.closeTo(sd, 6),
      });
    }),
  );
});
