import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuUsage, parseProcStat } from '../../../src/instruments/cpu/cpu-time.js';

const zeros = Array.from({ length: 10 }, () => 0);

function procStat(...cpus: (readonly number[])[]): string {
  const lines = cpus.map((columns, cpu) => `cpu${cpu} ${columns.join(' ')}\n`);
  return `cpu  ${zeros.join(' ')}\n${lines.join('')}intr 12 0 0\nctxt 99\n`;
}

function usage(before: readonly number[], after: readonly number[]) {
  return cpuUsage(parseProcStat(procStat(before)), parseProcStat(procStat(after)), [0]);
}

/** What a CPU did, in ticks; user and nice without the guest's, which the kernel adds. */
const activity = fc
  .array(fc.integer({ min: 0, max: 100_000 }), { minLength: 10, maxLength: 10 })
  .filter((ticks) => ticks.some((count) => count > 0));

function asKernelCounts(ticks: readonly number[]): number[] {
  const [user = 0, nice = 0] = ticks;
  const [guest = 0, guestNice = 0] = ticks.slice(8);
  return [user + guest, nice + guestNice, ...ticks.slice(2)];
}

describe('cpuUsage', () => {
  test('gives fractions of each activity that sum to 1', () => {
    fc.assert(
      fc.property(activity, activity, (boot, window) => {
        const before = asKernelCounts(boot);
        const elapsed = asKernelCounts(window);
        const after = before.map((ticks, column) => ticks + (elapsed[column] ?? 0));
        const { cpuTime, cpuUtilization, capacityNs } = usage(before, after);

        const total = window.reduce((sum, ticks) => sum + ticks, 0);
        const share = (...columns: number[]) =>
          expect.closeTo(
            columns.reduce((sum, column) => sum + (window[column] ?? 0), 0) / total,
            9,
          );
        expect(cpuTime).toEqual([
          {
            cpu: 0,
            user: share(0, 1),
            system: share(2, 7),
            irq: share(5),
            softirq: share(6),
            guest: share(8, 9),
            idle: share(3, 4),
          },
        ]);
        expect(cpuUtilization).toEqual(share(0, 1, 2, 5, 6, 7, 8, 9));
        expect(capacityNs).toBe(total * 10_000_000);
      }),
    );
  });

  test('counts only the CPUs asked for, in that order', () => {
    const before = parseProcStat(procStat(zeros, zeros, zeros));
    const after = parseProcStat(
      procStat(
        [10, ...zeros.slice(1)],
        [0, 0, 0, 10, ...zeros.slice(4)],
        [30, 0, 0, 10, ...zeros.slice(4)],
      ),
    );
    const { cpuTime, cpuUtilization } = cpuUsage(before, after, [2, 1]);
    expect(cpuTime).toMatchObject([
      { cpu: 2, user: 0.75 },
      { cpu: 1, user: 0 },
    ]);
    expect(cpuUtilization).toBe(0.6);
  });

  test('takes a count that ran backwards as unchanged', () => {
    const before = [0, 0, 0, 10, 5, ...zeros.slice(5)];
    const after = [10, 0, 0, 10, 4, ...zeros.slice(5)];
    expect(usage(before, after)).toMatchObject({ cpuTime: [{ user: 1, idle: 0 }] });
  });

  test('fails for a CPU that is missing or that accounted no time', () => {
    const stat = parseProcStat(procStat(zeros));
    expect(() => cpuUsage(stat, stat, [3])).toThrow('CPU 3 is not in both readings');
    expect(() => cpuUsage(stat, stat, [0])).toThrow('CPU 0 accounted no time');
  });
});

test('parseProcStat names a line that is not ten counts', () => {
  expect(() => parseProcStat('cpu0 1 2 x\n')).toThrow('cpu0: expected ten counts, got "1 2 x"');
});
