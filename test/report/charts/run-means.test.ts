import { expect, it } from 'vitest';
import {
  meanCpuTime,
  meanThreadClasses,
  threadClassesOf,
} from '../../../report/src/charts/run-means.js';
import type { CpuSection } from '../../../src/instruments/cpu/schema.js';
import { resultFixture } from '../result.fixture.js';

type Run = CpuSection['runs'][number];

function twoRuns(): [Run, Run] {
  const [first, second] = resultFixture([1, 2]).methods[0]?.sections.cpu?.runs ?? [];
  if (first === undefined || second === undefined) throw new Error('the fixture has two runs');
  return [first, second];
}

const time = { user: 0, system: 0, irq: 0, softirq: 0, guest: 0.5, idle: 0.5 };

it('takes the mean of each CPU by its number, not by its place', () => {
  const [first, second] = twoRuns();
  first.cpuTime = [
    { ...time, cpu: 0 },
    { ...time, cpu: 1, guest: 0.2, idle: 0.8 },
  ];
  second.cpuTime = [
    { ...time, cpu: 1, guest: 0.4, idle: 0.6 },
    { ...time, cpu: 0 },
  ];
  const means = meanCpuTime([first, second]);
  expect(means.map(({ cpu }) => cpu)).toEqual([0, 1]);
  expect(means[1]?.guest).toBeCloseTo(0.3);
  expect(means[1]?.idle).toBeCloseTo(0.7);
});

it('counts a class that a run lacks as zero', () => {
  const [first, second] = twoRuns();
  first.threadClasses = [{ class: 'RT vCPU', utilization: 0.2 }];
  second.threadClasses = [{ class: 'other', utilization: 0.1 }];
  expect(threadClassesOf([first, second])).toEqual(['RT vCPU', 'other']);
  expect(meanThreadClasses([first, second])).toEqual([
    { class: 'RT vCPU', utilization: 0.1 },
    { class: 'other', utilization: 0.05 },
  ]);
});
