import { describe, expect, test } from 'vitest';
import { threadClassTimes } from '../../../src/instruments/cpu/thread-class-time.js';
import { asNs } from '../../../src/traces/time.js';

function thread(tid: number, threadClass: string, runNs: bigint) {
  return { tid, pid: 1, comm: 'qemu', class: threadClass, runNs: asNs(runNs) };
}

describe('threadClassTimes', () => {
  test('sums the time of each class over all host CPUs, sorted by class', () => {
    const before = [thread(1, 'vCPU', 100n), thread(2, 'vCPU', 0n), thread(3, 'other', 7n)];
    const after = [thread(1, 'vCPU', 600n), thread(2, 'vCPU', 300n), thread(3, 'other', 7n)];
    expect(threadClassTimes(before, after, 2000)).toEqual([
      { class: 'other', utilization: 0 },
      { class: 'vCPU', utilization: 0.4 },
    ]);
  });

  test('counts a new thread from 0 and leaves one that ended out', () => {
    const before = [thread(1, 'gone', 100n)];
    const after = [thread(2, 'new', 250n)];
    expect(threadClassTimes(before, after, 1000)).toEqual([{ class: 'new', utilization: 0.25 }]);
  });

  test('counts a thread with a reused number from 0', () => {
    const times = threadClassTimes([thread(1, 'a', 900n)], [thread(1, 'b', 100n)], 1000);
    expect(times).toEqual([{ class: 'b', utilization: 0.1 }]);
  });

  test('does not exceed 1 if the snapshots take a moment', () => {
    const times = threadClassTimes([thread(1, 'a', 0n)], [thread(1, 'a', 1100n)], 1000);
    expect(times).toEqual([{ class: 'a', utilization: 1 }]);
  });
});
