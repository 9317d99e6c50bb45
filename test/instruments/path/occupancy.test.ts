import { expect, test } from 'vitest';
import { occupancies } from '../../../src/instruments/path/occupancy.js';
import type { PathEvent } from '../../../src/instruments/path/timeline.js';
import { asHostTicks } from '../../../src/traces/time.js';

function event(ticks: number, cpu: number, pid: number, more: Partial<PathEvent> = {}): PathEvent {
  const current = pid === 205 ? 'RT interrupt thread' : pid === 258 ? 'RT vCPU' : 'other';
  return {
    ...{
      ticks: asHostTicks(BigInt(ticks)),
      cpu,
      pid,
      current,
      kernel: 'host',
      point: 'waking',
      value: 0,
    },
    ...{ thread: undefined, ...more },
  };
}
const toIrqThread = { point: 'switch', value: 205 };
const toVcpu = { point: 'switch', value: 258 };

test('a thread has had its CPU between records that name it, if probes see when it gets a CPU', () => {
  const events = [
    // Probes do not see when thread 32 gets a CPU: it may have been another one's meanwhile.
    event(10, 1, 32, { point: 'interrupt' }),
    event(20, 1, 32, toIrqThread),
    event(25, 0, 257, toVcpu),
    event(30, 1, 205),
    // What the guest records has the guest's numbers.
    event(35, 1, 205, { kernel: 'guest' }),
    event(40, 1, 205),
    event(50, 0, 258),
    // After that record, the interrupt thread gave its CPU away and got it again.
    event(60, 1, 32, toIrqThread),
    event(70, 1, 205),
  ];
  expect(occupancies(events)).toEqual([
    { cpu: 1, pid: 205, class: 'RT interrupt thread', begin: 20n, end: 40n },
    { cpu: 0, pid: 258, class: 'RT vCPU', begin: 25n, end: 50n },
    { cpu: 1, pid: 205, class: 'RT interrupt thread', begin: 60n, end: 70n },
  ]);
});

test('a thread that is switched out and in again at one record has two times', () => {
  const events = [
    event(10, 1, 32, toIrqThread),
    event(20, 1, 205, toVcpu),
    event(30, 1, 258, toIrqThread),
    event(40, 1, 205),
  ];
  expect(occupancies(events).map(({ pid, begin, end }) => [pid, begin, end])).toEqual([
    [205, 10n, 20n],
    [258, 20n, 30n],
    [205, 30n, 40n],
  ]);
});
