import { describe, expect, test } from 'vitest';
import { wire } from '../../../src/instruments/wire/instrument.js';
import { basicArtifacts, runFolderWith } from '../../synthetic-run.js';

async function figuresOf(responseTimesNs?: readonly bigint[]) {
  const figures = await wire.analyze(await runFolderWith(basicArtifacts(responseTimesNs)));
  if (figures === undefined) throw new Error('the run has a capture');
  return figures;
}

describe('response times at the wire', () => {
  test('are those of each request of a run, in their order', async () => {
    const { samples, lost } = await figuresOf();
    expect(lost).toBe(0);
    expect(samples.map(({ responseTimeNs }) => responseTimeNs)).toEqual([
      ...[4000n, 1000n, 3000n, 2000n],
    ]);
    expect(samples[1]).toEqual({
      server: '10.0.0.1',
      sequence: 1,
      requestNs: 1_001_000_000n,
      responseTimeNs: 1000n,
    });
  });

  test('are summarized for each run', async () => {
    const { runs, summary } = wire.summarize([{ seed: 1, figures: await figuresOf() }]);
    expect(runs).toEqual([
      {
        seed: 1,
        responseTimeUs: {
          ...{ n: 4, lost: 0, mean: 2.5, p50: 2, p99: 4, p999: 4, max: 4 },
          sd: 1.291,
        },
      },
    ]);
    expect(Object.values(summary).map(({ ci95 }) => ci95)).toEqual(
      Array.from({ length: 8 }, () => null),
    );
  });

  test('of all seeds are pooled, and counts are added up', async () => {
    const { summary, distribution } = wire.summarize([
      { seed: 1, figures: await figuresOf([1000n, 2000n, 3000n]) },
      { seed: 2, figures: await figuresOf([5000n, 6000n]) },
    ]);
    expect(summary).toMatchObject({
      n: { value: 5, ci95: [4, 6] },
      lost: { value: 0, ci95: [0, 0] },
      mean: { value: 3.4, ci95: [2, 5.5] },
      p50: { value: 3, ci95: [2, 5] },
      max: { value: 6, ci95: [3, 6] },
    });
    expect(distribution.counts.reduce((sum, count) => sum + count, 0)).toBe(5);
  });

  test('are rounded to the nanosecond', async () => {
    const figures = await figuresOf([1000n, 2000n, 4000n]);
    const { runs, summary } = wire.summarize([{ seed: 1, figures }]);
    expect(summary.mean.value).toBe(2.333);
    expect(runs[0]?.responseTimeUs.sd).toBe(1.528);
  });

  test('are nothing to say of a run without a capture', async () => {
    expect(await wire.analyze(await runFolderWith({}))).toBeUndefined();
  });
});
