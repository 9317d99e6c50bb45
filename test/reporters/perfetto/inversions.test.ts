import { describe, expect, test } from 'vitest';
import { findInversions, type Inversion } from '../../../src/instruments/inversions/find.js';
import { perfettoOfInversions } from '../../../src/reporters/perfetto/inversions.js';
import { renderPerfetto } from '../../../src/reporters/perfetto/render.js';
import { parseTrace } from '../../../src/traces/ftrace.js';
import { asFtraceUs } from '../../../src/traces/time.js';
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
} from '../../instruments/inversions/synthetic-trace.js';
import { readTrace } from './read-trace.js';

const caption = { method: 'threaded', kernel: '7.3-rt', seed: 1, clock: 'instructions' };

function slicesOf(...lines: readonly Line[]) {
  const events = parseTrace(trace(...lines));
  const report = findInversions(events, rt);
  const slices = readTrace(renderPerfetto(perfettoOfInversions(caption, events, report)));
  return slices.map((slice) => ({
    ...slice,
    track: slice.track.replace('threaded, seed 1 > ', ''),
  }));
}

const victim = 'irq/24-rtnic-rx (FIFO 50)';

/** RT work is left to ksoftirqd, and later the RT thread polls for another NIC and waits for a lock. */
const slices = slicesOf(
  [ksoftirqd, 50, netRxEntry],
  toIrq(100),
  [irq, 110, scheduleRt],
  fromIrq(120),
  [ksoftirqd, 400, poll('heavy0nic')],
  [ksoftirqd, 420, poll('rtnic')],
  [ksoftirqd, 430, netRxExit],
  toIrq(500),
  [irq, 510, netRxEntry],
  [irq, 560, poll('heavy0nic')],
  [irq, 565, netRxExit],
  [irq, 570, 'contention_begin: ffff80 (flags=RT)'],
  [irq, 571, '<stack trace>\n => rtlock_slowlock_locked\n => rt_spin_lock\n => __alloc_skb'],
  [irq, 572, 'sched_pi_setprio: comm=ksoftirqd/1 pid=32 oldprio=120 newprio=49'],
  fromIrq(580),
  toIrq(600),
  [irq, 610, 'contention_end: ffff80 (ret=0)'],
  [irq, 620, 'contention_begin: ffff90 (flags=RT)'],
  [irq, 621, '<stack trace>\n => rt_spin_lock\n => __local_bh_disable_ip'],
  [irq, 640, 'contention_end: ffff90 (ret=0)'],
);

describe('inversions of a trace', () => {
  const inversions = slices.filter(({ track }) => track.startsWith('Priority inversions'));

  test('are slices with victim and culprit', () => {
    expect(inversions).toMatchObject([
      {
        track: `Priority inversions > (b) RT work on a list of others: ${victim}`,
        name: `what ${victim} had scheduled on CPU 1 was left to ksoftirqd/1`,
        ...{ category: 'preempted-softirq', begin: 110_000n, end: 400_000n },
        details: { kind: 'preempted-softirq', victim, other: 'ksoftirqd/1', us: 290, cpu: 1 },
      },
      {
        ...{ category: 'non-rt-work', begin: 510_000n, end: 560_000n },
        details: { kind: 'non-rt-work', victim, other: 'heavy0nic', us: 50 },
      },
      {
        ...{ category: 'lock', begin: 570_000n, end: 610_000n },
        details: { kind: 'lock', victim, other: 'ksoftirqd/1', waitedIn: '__alloc_skb', us: 40 },
      },
      {
        ...{ category: 'softirq-lock', begin: 620_000n, end: 640_000n },
        details: { victim, other: 'not in the trace', waitedIn: '__local_bh_disable_ip', us: 20 },
      },
    ]);
  });

  test('have a track for each kind and victim, in the order of the kinds', () => {
    const tracks = [...inversions]
      .sort((a, b) => Number(a.uuid - b.uuid))
      .map(({ track }) => track);
    expect(
      tracks.map((track) => track.slice('Priority inversions > '.length, -victim.length)),
    ).toEqual([
      '(a) waits for the softirq lock: ',
      '(b) RT work on a list of others: ',
      '(c) non-RT work at RT priority: ',
      '(d) waits for locks of non-RT work: ',
    ]);
  });

  test('stand above who ran on each CPU, and when their threads did', () => {
    const runs = [
      ['ksoftirqd/1', 50_000n, 100_000n],
      ['irq/24-rtnic-rx', 100_000n, 120_000n],
      ['ksoftirqd/1', 120_000n, 500_000n],
      ['irq/24-rtnic-rx', 500_000n, 580_000n],
      ['ksoftirqd/1', 580_000n, 600_000n],
      ['irq/24-rtnic-rx', 600_000n, 640_000n],
    ];
    const onCpu = slices.filter(({ track }) => track === "Host's CPUs > CPU 1");
    expect(onCpu.map(({ name, begin, end }) => [name, begin, end])).toEqual(runs);
    const ofIrq = slices.filter(
      ({ track }) => track === 'Threads of inversions > irq/24-rtnic-rx (10)',
    );
    expect(ofIrq.map(({ begin, end }) => [begin, end])).toEqual(
      runs.filter(([name]) => name === 'irq/24-rtnic-rx').map((run) => run.slice(1)),
    );
  });
});

test('inversions that overlap are all kept', () => {
  const overlapping: Inversion = {
    ...{ kind: 'lock', atUs: asFtraceUs(10), us: 5, cpu: 1, victim, other: 'a', waitedIn: 'f' },
  };
  const inversions = [
    overlapping,
    { ...overlapping, atUs: asFtraceUs(12) },
    { ...overlapping, atUs: asFtraceUs(11), us: 9 },
  ];
  const input = perfettoOfInversions(caption, [], { inversions, rtScheduled: 0 });
  expect(readTrace(renderPerfetto(input)).map(({ begin, end }) => [begin, end])).toEqual([
    [10_000n, 15_000n],
    [11_000n, 20_000n],
    [12_000n, 17_000n],
  ]);
});
