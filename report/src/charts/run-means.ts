import type { CpuSection, CpuTime, ThreadClassTime } from '../../../src/instruments/cpu/schema.ts';

type Run = CpuSection['runs'][number];
type Runs = readonly Run[];

function meanOf(runs: Runs, value: (run: Run) => number): number {
  return runs.reduce((total, run) => total + value(run), 0) / runs.length;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** The mean over runs of where each host CPU's time went. */
export function meanCpuTime(runs: Runs): CpuTime[] {
  const cpus = unique(runs.flatMap((run) => run.cpuTime.map(({ cpu }) => cpu)));
  return cpus.map((cpu) => {
    const mean = (kind: Exclude<keyof CpuTime, 'cpu'>) =>
      meanOf(runs, (run) => run.cpuTime.find((time) => time.cpu === cpu)?.[kind] ?? 0);
    return {
      cpu,
      user: mean('user'),
      system: mean('system'),
      irq: mean('irq'),
      softirq: mean('softirq'),
      guest: mean('guest'),
      idle: mean('idle'),
    };
  });
}

/** The mean over runs of what each class of threads used; a run without a class counts as zero. */
export function meanThreadClasses(runs: Runs): ThreadClassTime[] {
  return threadClassesOf(runs).map((name) => ({
    class: name,
    utilization: meanOf(
      runs,
      (run) => run.threadClasses.find((time) => time.class === name)?.utilization ?? 0,
    ),
  }));
}

/** The classes in the order in which they first appear. */
export function threadClassesOf(runs: Runs): string[] {
  return unique(runs.flatMap((run) => run.threadClasses.map((time) => time.class)));
}
