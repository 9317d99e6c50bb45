import type { TraceEvent } from '../../traces/ftrace.js';
import type { FtraceUs } from '../../traces/time.js';

/**
 * The priority inversions on the way from an RT NIC's interrupt thread to its NAPI poll (section
 * III-A of the paper), and another one that is everywhere:
 *
 * - `softirq-lock`: an RT thread waits for the lock that all bottom halves of its CPU share;
 * - `preempted-softirq`: RT work is scheduled onto a list that a thread of lower priority polls;
 * - `non-rt-work`: an RT thread polls NAPI instances of NICs that are not RT;
 * - `lock`: an RT thread waits for any other lock, and a thread that is not RT holds it.
 */
export const inversionKinds = ['softirq-lock', 'preempted-softirq', 'non-rt-work', 'lock'] as const;
export type InversionKind = (typeof inversionKinds)[number];

/** One occurrence, and how long RT work waited for it. */
export interface Inversion {
  readonly kind: InversionKind;
  /** When it began. */
  readonly atUs: FtraceUs;
  /** Microseconds. `non-rt-work`: CPU time of the poll; otherwise from the wish to its fulfilment. */
  readonly us: number;
  readonly cpu: number;
  /** The RT thread that waited or worked for others. */
  readonly victim: string;
  /**
   * Who polled RT work too late, the NIC that was polled for, or who held the lock; empty if the trace
   * does not say.
   */
  readonly other: string;
  /** The kernel's function that waited for the lock; empty if it was not for a lock. */
  readonly waitedIn: string;
}

export interface InversionReport {
  readonly inversions: readonly Inversion[];
  /** Times that a NAPI instance of an RT NIC was scheduled by an RT thread. */
  readonly rtScheduled: number;
}

/** What belongs to the RT side. */
export interface RtSide {
  readonly nics: readonly string[];
  /** Threads of this FIFO priority or a higher one are RT. */
  readonly lowestPriority: number;
}

interface LockWait {
  /** Since when. */
  readonly us: FtraceUs;
  readonly waitedIn: string;
  /** Who holds it, once it has been boosted for the one who waits, and is not RT by itself. */
  holder: string | undefined;
}

/** A thread as far as the trace has come. */
interface Thread {
  /** Name and, for an RT thread, its FIFO priority. */
  readonly label: string;
  readonly isRt: boolean;
  /** CPU time in microseconds until it was last switched out. */
  ranUs: number;
  /** When it was switched in, while it runs. */
  sinceUs: FtraceUs | undefined;
  /** Inside NET_RX: when the current poll began, and the CPU time then. */
  poll: { readonly us: FtraceUs; readonly ranUs: number } | undefined;
  /** The lock that it waits for. */
  wait: LockWait | undefined;
}

const napiPoll = /^napi poll on napi struct (?:0x)?(\S+) for device (\S+) /;
const napiSchedule = /\bnapi=(?:0x)?(\S+)/;
/** Bottom halves share a lock where this takes it. */
const softirqLock = '__local_bh_disable_ip';
const boosted = /^comm=(.*) pid=(\d+) /;
/** What a stack begins with where a lock is waited for. */
const lockFunction = /^(__)?(trace|rt_|rtlock_|rwbase_|rwsem_|mutex_|down_|_raw_)/;
const switchedIn = /next_comm=(.*) next_pid=(\d+) /;
/** Both threads of a sched_switch, and their priorities. */
const switchedPriorities = /\b(?:prev|next)_pid=(\d+) (?:prev|next)_prio=(\d+)/g;

/** Finds the inversions in a trace of lab/host-scripts/trace-inversions.sh. */
export function findInversions(events: readonly TraceEvent[], rt: RtSide): InversionReport {
  const priorities = basePriorities(events);
  const nicOf = nicsOfInstances(events);
  const threads = new Map<number, Thread>();
  const inversions: Inversion[] = [];
  /** RT instances that are scheduled and not yet polled: when, and by which RT thread. */
  const waiting = new Map<string, { us: FtraceUs; by: string }>();
  let rtScheduled = 0;

  const identityOf = (pid: number, comm: string) => {
    const priority = fifoPriority(priorities.get(pid));
    return {
      label: priority === undefined ? comm : `${comm} (FIFO ${priority})`,
      isRt: priority !== undefined && priority >= rt.lowestPriority,
    };
  };
  const threadOf = ({ pid, comm }: { pid: number; comm: string }, us: FtraceUs): Thread => {
    let thread = threads.get(pid);
    if (thread === undefined) {
      // It runs: what is seen first of a thread that is switched in is that it runs.
      thread = {
        ...identityOf(pid, comm),
        ...{ ranUs: 0, sinceUs: us, poll: undefined, wait: undefined },
      };
      threads.set(pid, thread);
    }
    return thread;
  };
  const startPoll = (thread: Thread, us: FtraceUs) => {
    thread.poll = { us, ranUs: ranUntil(thread, us) };
  };

  for (const event of events) {
    const { us, cpu, name, details } = event;
    const thread = threadOf(event, us);
    switch (name) {
      case 'sched_switch': {
        thread.ranUs = ranUntil(thread, us);
        thread.sinceUs = undefined;
        const next = switchedIn.exec(details);
        if (next !== null) {
          threadOf({ comm: next[1] ?? '', pid: Number(next[2]) }, us).sinceUs = us;
        }
        break;
      }
      case 'softirq_entry':
        startPoll(thread, us);
        break;
      case 'softirq_exit':
        thread.poll = undefined;
        break;
      case 'napi_schedule':
      case 'napi_schedule_irqoff': {
        const [, instance = ''] = napiSchedule.exec(details) ?? [];
        // The one variant calls the other, and what is scheduled cannot be scheduled again.
        if (!thread.isRt || waiting.has(instance) || !rt.nics.includes(nicOf.get(instance) ?? '')) {
          break;
        }
        rtScheduled += 1;
        waiting.set(instance, { us, by: thread.label });
        break;
      }
      case 'napi_poll': {
        const [, instance = '', nic = ''] = napiPoll.exec(details) ?? [];
        const poll = thread.poll;
        if (poll !== undefined) startPoll(thread, us);
        const scheduled = waiting.get(instance);
        waiting.delete(instance);
        if (rt.nics.includes(nic)) {
          if (scheduled === undefined || thread.isRt) break;
          inversions.push({
            kind: 'preempted-softirq',
            atUs: scheduled.us,
            us: Math.max(0, (poll?.us ?? us) - scheduled.us),
            cpu,
            victim: scheduled.by,
            other: thread.label,
            waitedIn: '',
          });
        } else if (thread.isRt && poll !== undefined && nic !== '(no_device)') {
          inversions.push({
            kind: 'non-rt-work',
            atUs: poll.us,
            us: ranUntil(thread, us) - poll.ranUs,
            cpu,
            victim: thread.label,
            other: nic,
            waitedIn: '',
          });
        }
        break;
      }
      case 'contention_begin': {
        if (!thread.isRt) break;
        const waitedIn = event.stack.find((frame) => !lockFunction.test(frame)) ?? '';
        thread.wait = { us, waitedIn, holder: undefined };
        break;
      }
      case 'sched_pi_setprio': {
        if (thread.wait === undefined) break;
        const [, comm = '', pid] = boosted.exec(details) ?? [];
        const holder = identityOf(Number(pid), comm);
        if (!holder.isRt) thread.wait.holder ??= holder.label;
        break;
      }
      case 'contention_end': {
        const { wait } = thread;
        thread.wait = undefined;
        if (wait === undefined) break;
        const isSoftirqs = wait.waitedIn.startsWith(softirqLock);
        if (!isSoftirqs && wait.holder === undefined) break;
        inversions.push({
          kind: isSoftirqs ? 'softirq-lock' : 'lock',
          atUs: wait.us,
          us: us - wait.us,
          cpu,
          victim: thread.label,
          other: wait.holder ?? '',
          waitedIn: wait.waitedIn,
        });
        break;
      }
    }
  }
  return { inversions, rtScheduled };
}

function ranUntil({ ranUs, sinceUs }: Thread, us: FtraceUs): number {
  return sinceUs === undefined ? ranUs : ranUs + (us - sinceUs);
}

/** Which NIC each NAPI instance belongs to; the trace says it where an instance is polled. */
function nicsOfInstances(events: readonly TraceEvent[]): Map<string, string> {
  const nics = new Map<string, string>();
  for (const { name, details } of events) {
    if (name !== 'napi_poll') continue;
    const [, instance, nic] = napiPoll.exec(details) ?? [];
    if (instance !== undefined && nic !== undefined) nics.set(instance, nic);
  }
  return nics;
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
