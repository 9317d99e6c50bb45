import type { Setting } from '../host/settings/registry.js';

/** The FIFO priority of the RT vCPU in the paper's Table 2: the lowest one that is RT. */
export const lowestRtPriority = 47;

/*
 * Two vCPUs of a guest wait for each other: for a lock, or for an answer to an interrupt. A vCPU does so in
 * its guest, so the host sees a thread that is busy. The thread that it waits for may be waiting itself, for
 * a lock of the host's kernel. Who holds that inherits the waiting thread's priority, but cannot leave its
 * CPU as long as it holds a spinlock of PREEMPT_RT, or is elsewhere where migration is disabled, as in most
 * of the network stack. On the CPU of the RT vCPU it runs, and ends the wait of all three, because that has
 * the same priority and time slices.
 */

/** The vCPUs of an RT VM have the same priority, and take turns with who inherits it. */
export const vcpusOfOnePriority: readonly Setting[] = [
  {
    kind: 'scheduling',
    threads: 'RT vCPU',
    policy: 'rr',
    priority: lowestRtPriority,
    why: 'It may wait for the housekeeping vCPU, which may wait for a thread boosted to this priority; round robin lets both run.',
  },
  {
    kind: 'scheduling',
    threads: 'housekeeping vCPU',
    policy: 'rr',
    priority: lowestRtPriority,
    why: "The RT vCPU spins on what this one holds of the guest's kernel, a lock or the clock: it must not wait for normal threads.",
  },
  {
    kind: 'file',
    path: '/proc/sys/kernel/sched_rr_timeslice_ms',
    value: '4',
    why: 'A vCPU waits at most this long for another one, or for a thread that has inherited its priority.',
  },
];

/** None of the vCPUs of an RT VM keeps another one from running. */
export const vcpusApart: readonly Setting[] = [
  {
    kind: 'thread-affinity',
    threads: ['housekeeping vCPU'],
    cpus: 'last',
    why: 'It never runs where the RT vCPU of its VM may preempt it.',
  },
  {
    kind: 'thread-affinity',
    threads: ['RT vCPU'],
    cpus: 'not-last',
    why: 'It never runs where it may preempt the housekeeping vCPU of its VM.',
  },
];
