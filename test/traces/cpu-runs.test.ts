import { expect, test } from 'vitest';
import { cpuRuns } from '../../src/traces/cpu-runs.js';
import type { TraceEvent } from '../../src/traces/ftrace.js';
import { asFtraceUs } from '../../src/traces/time.js';

function event(cpu: number, us: number, comm: string, pid: number, next?: string): TraceEvent {
  const switched = `prev_comm=${comm} prev_pid=${pid} prev_prio=120 prev_state=S ==> ${next} next_prio=49`;
  const [name, details] =
    next === undefined ? ['softirq_entry', 'vec=3'] : ['sched_switch', switched];
  return { cpu, us: asFtraceUs(us), comm, pid, name, details, stack: [] };
}

test('each CPU has the threads that it was switched to, from its first event to its last', () => {
  const events = [
    event(0, 10, 'CPU 1/KVM', 258),
    event(1, 11, 'ksoftirqd/1', 32, 'next_comm=swapper/1 next_pid=0'),
    event(0, 12, 'CPU 1/KVM', 258, 'next_comm=a ==> b next_pid=7'),
    event(1, 15, 'swapper/1', 0, 'next_comm=irq/24-rtnic-rx next_pid=10'),
    event(1, 18, 'irq/24-rtnic-rx', 10),
    event(0, 20, 'a ==> b', 7),
  ];
  expect(cpuRuns(events)).toEqual([
    { cpu: 0, pid: 258, comm: 'CPU 1/KVM', beginUs: 10, endUs: 12 },
    { cpu: 0, pid: 7, comm: 'a ==> b', beginUs: 12, endUs: 20 },
    { cpu: 1, pid: 10, comm: 'irq/24-rtnic-rx', beginUs: 15, endUs: 18 },
  ]);
});

test('a trace without events has no runs', () => {
  expect(cpuRuns([])).toEqual([]);
});
