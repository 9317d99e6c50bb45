import { EvenkeelError } from '../../process/errors.js';
import type { CpuTime } from './schema.js';

/** States of a CPU that exclude each other, in clock ticks. */
type CpuTicks = Readonly<Record<'user' | 'system' | 'irq' | 'softirq' | 'guest' | 'idle', number>>;

/** USER_HZ of x86 is 100, whatever the kernel's own tick is (proc_stat(5)). */
const nsPerTick = 10_000_000;

/** Ticks since boot by CPU number. */
export type ProcStat = ReadonlyMap<number, CpuTicks>;

/**
 * The per-CPU lines of a /proc/stat text. The kernel counts a guest's time in `user` too (and a
 * niced guest's in `nice`), which is undone here. Niced time counts as user, stolen time as system
 * and waiting for I/O as idle.
 * @throws EvenkeelError for a CPU line that is not ten counts.
 */
export function parseProcStat(text: string): ProcStat {
  const cpus = new Map<number, CpuTicks>();
  for (const [, cpu, columns] of text.matchAll(/^cpu(\d+) (.*)$/gm)) {
    cpus.set(Number(cpu), parseTicks(`cpu${cpu}`, columns ?? ''));
  }
  return cpus;
}

function parseTicks(name: string, columns: string): CpuTicks {
  const match = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(columns);
  if (!match) throw new EvenkeelError(`${name}: expected ten counts, got "${columns}"`);
  const [user, nice, system, idle, iowait, irq, softirq, steal, guest, guestNice] = match
    .slice(1)
    .map(Number) as [
    user: number,
    nice: number,
    system: number,
    idle: number,
    iowait: number,
    irq: number,
    softirq: number,
    steal: number,
    guest: number,
    guestNice: number,
  ];
  return {
    user: user + nice - guest - guestNice,
    system: system + steal,
    irq,
    softirq,
    guest: guest + guestNice,
    idle: idle + iowait,
  };
}

export interface CpuUsage {
  /** One for each host CPU, in the order asked for; the fractions of a CPU sum to 1. */
  readonly cpuTime: CpuTime[];
  /** Busy fraction of all host CPUs together. */
  readonly cpuUtilization: number;
  /** CPU time that all host CPUs had together between the readings. */
  readonly capacityNs: number;
}

/**
 * Where the time of the host's CPUs went between two readings of /proc/stat.
 * @throws EvenkeelError if a CPU is missing or accounted no time.
 */
export function cpuUsage(
  before: ProcStat,
  after: ProcStat,
  hostCpuNumbers: readonly number[],
): CpuUsage {
  let idleTicks = 0;
  let allTicks = 0;
  const cpuTime = hostCpuNumbers.map((cpu): CpuTime => {
    const from = before.get(cpu);
    const to = after.get(cpu);
    if (!from || !to) throw new EvenkeelError(`CPU ${cpu} is not in both readings of /proc/stat`);
    const { user, system, irq, softirq, guest, idle } = elapsedTicks(from, to);
    const total = user + system + irq + softirq + guest + idle;
    if (total === 0) {
      throw new EvenkeelError(`CPU ${cpu} accounted no time between the readings of /proc/stat`, {
        hints: ['Measure for longer: /proc/stat counts in steps of 10 ms.'],
      });
    }
    idleTicks += idle;
    allTicks += total;
    return {
      cpu,
      user: user / total,
      system: system / total,
      irq: irq / total,
      softirq: softirq / total,
      guest: guest / total,
      idle: idle / total,
    };
  });
  return {
    cpuTime,
    cpuUtilization: 1 - idleTicks / allTicks,
    capacityNs: allTicks * nsPerTick,
  };
}

function elapsedTicks(before: CpuTicks, after: CpuTicks): CpuTicks {
  // iowait may run backwards (proc(5)), and so may user less guest, as the kernel updates the two
  // one after the other.
  const elapsed = (state: keyof CpuTicks) => Math.max(0, after[state] - before[state]);
  return {
    user: elapsed('user'),
    system: elapsed('system'),
    irq: elapsed('irq'),
    softirq: elapsed('softirq'),
    guest: elapsed('guest'),
    idle: elapsed('idle'),
  };
}
