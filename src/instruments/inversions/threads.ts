import type { TraceEvent } from '../../traces/ftrace.js';
import type { FtraceUs } from '../../traces/time.js';

/** Both threads of a sched_switch, and their priorities. */
const switchedPriorities = /\b(?:prev|next)_pid=(\d+) (?:prev|next)_prio=(\d+)/g;

/** What a trace tells of a thread as a whole. */
export interface ThreadIdentity {
  /** Name and, for an RT thread, its FIFO priority. */
  readonly label: string;
  readonly isRt: boolean;
}

/** A thread as far as a trace has come. */
export class TracedThread {
  readonly label: string;
  readonly isRt: boolean;
  /** CPU time in microseconds until it was last switched out. */
  #ranUs = 0;
  /** When it was switched in, while it runs. */
  #sinceUs: FtraceUs | undefined;

  /** What is seen first of a thread is that it runs. */
  constructor({ label, isRt }: ThreadIdentity, us: FtraceUs) {
    this.label = label;
    this.isRt = isRt;
    this.#sinceUs = us;
  }

  switchIn(us: FtraceUs): void {
    this.#sinceUs = us;
  }

  switchOut(us: FtraceUs): void {
    this.#ranUs = this.ranUntil(us);
    this.#sinceUs = undefined;
  }

  /** CPU time in microseconds that it has had until then. */
  ranUntil(us: FtraceUs): number {
    return this.#sinceUs === undefined ? this.#ranUs : this.#ranUs + (us - this.#sinceUs);
  }
}

/** The threads of a trace, and which of them are RT. */
export class TracedThreads {
  readonly #priorities: ReadonlyMap<number, number>;
  readonly #lowestPriority: number;
  readonly #threads = new Map<number, TracedThread>();

  /** @param lowestPriority threads of this FIFO priority or a higher one are RT */
  constructor(events: readonly TraceEvent[], lowestPriority: number) {
    this.#priorities = basePriorities(events);
    this.#lowestPriority = lowestPriority;
  }

  /** The thread of an event at that moment. */
  at(us: FtraceUs, { pid, comm }: Pick<TraceEvent, 'pid' | 'comm'>): TracedThread {
    let thread = this.#threads.get(pid);
    if (thread === undefined) {
      thread = new TracedThread(this.identityOf(pid, comm), us);
      this.#threads.set(pid, thread);
    }
    return thread;
  }

  identityOf(pid: number, comm: string): ThreadIdentity {
    const priority = fifoPriority(this.#priorities.get(pid));
    return {
      label: priority === undefined ? comm : `${comm} (FIFO ${priority})`,
      isRt: priority !== undefined && priority >= this.#lowestPriority,
    };
  }
}

/**
 * The priority of each thread as the scheduler counts: 0 to 98 for FIFO 99 to 1, higher numbers for
 * the others. A thread that holds a lock is boosted for a time; what it is itself is the lowest.
 */
function basePriorities(events: readonly TraceEvent[]): Map<number, number> {
  const priorities = new Map<number, number>();
  for (const { name, details } of events) {
    if (name !== 'sched_switch') continue;
    for (const [, pid, priority] of details.matchAll(switchedPriorities)) {
      const before = priorities.get(Number(pid)) ?? 0;
      priorities.set(Number(pid), Math.max(Number(priority), before));
    }
  }
  return priorities;
}

/** The FIFO priority of a thread; undefined for a normal one. */
function fifoPriority(schedulerPriority: number | undefined): number | undefined {
  if (schedulerPriority === undefined || schedulerPriority > 98) return undefined;
  return 99 - schedulerPriority;
}
