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
  /** What runs on each CPU, until its last event so far. */
  const runningOn = new Map<number, CpuRun & { endUs: FtraceUs }>();
  const keep = (run: CpuRun) => {
    if (run.pid !== idlePid && run.endUs > run.beginUs) runs.push(run);
  };
  for (const { cpu, pid, comm, us, name, details } of events) {
    const running = runningOn.get(cpu);
    if (running === undefined) runningOn.set(cpu, { cpu, pid, comm, beginUs: us, endUs: us });
    else running.endUs = us;
    const next = name === 'sched_switch' ? switched.exec(details) : null;
    if (next === null) continue;
    if (running !== undefined) keep(running);
    const [, nextComm = '', nextPid] = next;
    runningOn.set(cpu, { cpu, pid: Number(nextPid), comm: nextComm, beginUs: us, endUs: us });
  }
  for (const run of runningOn.values()) keep(run);
  return runs.sort((a, b) => a.beginUs - b.beginUs || a.cpu - b.cpu);
}
