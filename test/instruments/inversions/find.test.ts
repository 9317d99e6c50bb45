import { describe, expect, test } from 'vitest';
import { findInversions } from '../../../src/instruments/inversions/find.js';
import { parseTrace } from '../../../src/traces/ftrace.js';
import {
  fromIrq,
  irq,
  ksoftirqd,
  type Line,
  netRxEntry,
  netRxExit,
  poll,
  rt,
  scheduleRt,
  toIrq,
  trace,
} from './synthetic-trace.js';

function find(...lines: readonly Line[]) {
  return findInversions(parseTrace(trace(...lines)), rt);
}

test('RT work that its own thread polls at once is no inversion', () => {
  const report = find(
    toIrq(100),
    [irq, 110, scheduleRt],
    [irq, 120, netRxEntry],
    [irq, 140, poll('rtnic')],
    [irq, 145, netRxExit],
    fromIrq(150),
  );
  expect(report).toEqual({ inversions: [], rtScheduled: 1 });
});

test('RT work on the list of a preempted softirq waits until that thread comes to it', () => {
  const { inversions, rtScheduled } = find(
    [ksoftirqd, 50, netRxEntry],
    toIrq(100),
    [irq, 110, 'napi_schedule_irqoff: (__napi_schedule_irqoff+0x4/0x10) napi=0xffff01'],
    [irq, 111, scheduleRt],
    fromIrq(120),
    [ksoftirqd, 400, poll('heavy0nic')],
    [ksoftirqd, 420, poll('rtnic')],
    [ksoftirqd, 430, netRxExit],
  );
  expect(rtScheduled).toBe(1);
  expect(inversions).toEqual([
    {
      kind: 'preempted-softirq',
      atUs: expect.closeTo(110, 3),
      us: expect.closeTo(290, 3),
      cpu: 1,
      victim: 'irq/24-rtnic-rx (FIFO 50)',
      other: 'ksoftirqd/1',
      waitedIn: '',
    },
  ]);
});

test('work for other NICs at RT priority counts as long as it runs, not while it is preempted', () => {
  const { inversions } = find(
    toIrq(100),
    [irq, 110, scheduleRt],
    [irq, 120, netRxEntry],
    [irq, 140, poll('rtnic')],
    fromIrq(200),
    toIrq(1000),
    [irq, 1100, poll('heavy0nic')],
    [irq, 1110, netRxExit],
  );
  expect(inversions).toEqual([
    {
      kind: 'non-rt-work',
      atUs: expect.closeTo(140, 3),
      us: expect.closeTo(160, 3),
      cpu: 1,
      victim: 'irq/24-rtnic-rx (FIFO 50)',
      other: 'heavy0nic',
      waitedIn: '',
    },
  ]);
});

describe('a lock that an RT thread waits for', () => {
  const wait = (stack: string, ...meanwhile: Line[]): Line[] => [
    toIrq(100),
    [irq, 110, 'contention_begin: ffff80 (flags=RT)'],
    [
      irq,
      111,
      `<stack trace>\n => rtlock_slowlock_locked\n => rt_spin_lock\n => ${stack}\n => irq_forced_thread_fn`,
    ],
    ...meanwhile,
    fromIrq(120),
    toIrq(500),
    [irq, 510, 'contention_end: ffff80 (ret=0)'],
  ];
  const boost = (comm: string, pid: number): Line => [
    irq,
    115,
    `sched_pi_setprio: comm=${comm} pid=${pid} oldprio=120 newprio=49`,
  ];

  test('that of bottom halves is told from others by the stack', () => {
    expect(find(...wait('__local_bh_disable_ip')).inversions).toEqual([
      {
        kind: 'softirq-lock',
        atUs: expect.closeTo(110, 3),
        us: expect.closeTo(400, 3),
        cpu: 1,
        victim: 'irq/24-rtnic-rx (FIFO 50)',
        other: '',
        waitedIn: '__local_bh_disable_ip',
      },
    ]);
  });

  test('any other counts if a thread that is not RT holds it', () => {
    expect(find(...wait('__alloc_skb', boost('ksoftirqd/1', 32))).inversions).toEqual([
      {
        kind: 'lock',
        atUs: expect.closeTo(110, 3),
        us: expect.closeTo(400, 3),
        cpu: 1,
        victim: 'irq/24-rtnic-rx (FIFO 50)',
        other: 'ksoftirqd/1',
        waitedIn: '__alloc_skb',
      },
    ]);
    expect(find(...wait('vhost_poll_stop')).inversions).toEqual([]);
  });

  test('does not count if an RT thread holds it', () => {
    const vcpu: Line = [
      'swapper/1-0',
      50,
      'sched_switch: prev_comm=CPU 0/KVM prev_pid=77 prev_prio=52 prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120',
    ];
    expect(find(vcpu, ...wait('lock_sock_nested', boost('CPU 0/KVM', 77))).inversions).toEqual([]);
  });
});

test('a thread that is boosted while it holds a lock is not RT', () => {
  const boosted =
    'sched_switch: prev_comm=ksoftirqd/1 prev_pid=32 prev_prio=49 prev_state=R+ ==> next_comm=irq/24-rtnic-rx next_pid=10 next_prio=49';
  const { inversions } = find(
    [ksoftirqd, 50, netRxEntry],
    [ksoftirqd, 90, poll('heavy0nic')],
    [ksoftirqd, 95, boosted],
    fromIrq(120),
    toIrq(200),
  );
  expect(inversions).toEqual([]);
});
