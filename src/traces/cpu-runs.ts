import type { TraceEvent } from './ftrace.js';
import type { FtraceUs } from './time.js';

/** A time during which a thread ran on a CPU without a break. */
export interface CpuRun {
  readonly cpu: number;
  readonly pid: number;
  /** Name of the thread. */
  readonly comm: string;
  readonly beginUs: FtraceUs;
  readonly endUs: FtraceUs;
}

const switched = /^prev_comm=.* ==> next_comm=(.*) next_pid=(\d+) /;
const idlePid = 0;

/**
 * Who ran on each CPU, from its first event to its last one; the idle process is left out.
 * @param events in the order of their times, with all `sched_switch` events
 */
export function cpuRuns(events: readonly TraceEvent[]): CpuRun[] {
  const runs: CpuRun[] = [];
  const runningOn = new Map<number, Omit<CpuRun, 'endUs'>>();
  const lastUs = new Map<number, FtraceUs>();
  const end = (run: Omit<CpuRun, 'endUs'>, endUs: FtraceUs) => {
    if (run.pid !== idlePid && endUs > run.beginUs) runs.push({ ...run, endUs });
  };
  for (const { cpu, pid, comm, us, name, details } of events) {
    const running = runningOn.get(cpu) ?? { cpu, pid, comm, beginUs: us };
    runningOn.set(cpu, running);
    lastUs.set(cpu, us);
    const next = name === 'sched_switch' ? switched.exec(details) : null;
    if (next === null) continue;
    end(running, us);
    runningOn.set(cpu, { cpu, pid: Number(next[2]), comm: next[1] ?? '', beginUs: us });
  }
  for (const [cpu, run] of runningOn) end(run, lastUs.get(cpu) ?? run.beginUs);
  return runs.sort((a, b) => a.beginUs - b.beginUs || a.cpu - b.cpu);
}
