import { describe, expect, test } from 'vitest';
import { throughput } from '../../../src/instruments/throughput/instrument.js';
import { basicArtifacts, runFolderWith } from '../../synthetic-run.js';

describe('throughput', () => {
  test('is that of each Heavy Receiver in the window, and their sum', async () => {
    const figures = await throughput.analyze(await runFolderWith(basicArtifacts()));
    expect(figures).toEqual([1, 2]);
    expect(throughput.summarize([{ seed: 3, figures: figures ?? [] }])).toEqual({
      runs: [{ seed: 3, mbps: 3, mbpsPerVm: [1, 2] }],
      mbps: { value: 3, ci95: null },
    });
  });

  test('over seeds is the mean of the sums, with an interval', () => {
    const runs = [[1, 2], [5]].map((figures, seed) => ({ seed, figures }));
    expect(throughput.summarize(runs).mbps).toEqual({ value: 4, ci95: [3, 5] });
  });

  test('is nothing without a Heavy Receiver, and unknown without its series', async () => {
    const none = { conditions: { heavyVms: 0 } };
    expect(await throughput.analyze(await runFolderWith({}, none))).toEqual([]);
    expect(await throughput.analyze(await runFolderWith({}))).toBeUndefined();
  });
});
