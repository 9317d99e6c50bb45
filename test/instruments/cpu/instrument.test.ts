import { describe, expect, test } from 'vitest';
import { cpu } from '../../../src/instruments/cpu/instrument.js';
import { basicArtifacts, runFolderWith } from '../../synthetic-run.js';

async function figuresOfRun() {
  const figures = await cpu.analyze(await runFolderWith(basicArtifacts()));
  if (figures === undefined) throw new Error('the run has readings of /proc/stat');
  return figures;
}

describe('CPU time', () => {
  test('is told for each CPU and for each class of threads', async () => {
    const { runs } = cpu.summarize([{ seed: 1, figures: await figuresOfRun() }]);
    expect(runs).toEqual([
      {
        seed: 1,
        utilization: 0.35,
        cpuTime: [
          { cpu: 0, user: 0.1, system: 0.1, irq: 0.04, softirq: 0.06, guest: 0.4, idle: 0.3 },
          { cpu: 1, user: 0, system: 0, irq: 0, softirq: 0, guest: 0, idle: 1 },
        ],
        threadClasses: [{ class: 'RT vCPU', utilization: 0.2 }],
      },
    ]);
  });

  test('over seeds is the mean of the busy fractions, to the sixth decimal', async () => {
    const figures = await figuresOfRun();
    const { utilization } = cpu.summarize([
      { seed: 1, figures },
      { seed: 2, figures: { ...figures, cpuUtilization: 1 / 3 } },
    ]);
    expect(utilization).toEqual({ value: 0.341667, ci95: [0.333333, 0.35] });
  });

  test('is unknown without readings of the counters', async () => {
    expect(await cpu.analyze(await runFolderWith({}))).toBeUndefined();
  });
});
