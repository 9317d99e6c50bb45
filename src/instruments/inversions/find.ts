import type { TraceEvent } from '../../traces/ftrace.js';
import type { FtraceUs } from '../../traces/time.js';
import { type TracedThread, TracedThreads } from './threads.js';

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

const napiPoll = /^napi poll on napi struct (?:0x)?(\S+) for device (\S+) /;
const napiSchedule = /\bnapi=(?:0x)?(\S+)/;
/** Bottom halves share a lock where this takes it. */
const softirqLock = '__local_bh_disable_ip';
const boosted = /^comm=(.*) pid=(\d+) /;
/** What a stack begins with where a lock is waited for. */
const lockFunction = /^(__)?(trace|rt_|rtlock_|rwbase_|rwsem_|mutex_|down_|_raw_)/;
const switchedIn = /next_comm=(.*) next_pid=(\d+) /;
/** What the kernel polls for without a NIC. */
const noDevice = '(no_device)';

/** Finds the inversions in a trace of the events that record.ts asks for. */
export function findInversions(events: readonly TraceEvent[], rt: RtSide): InversionReport {
  const search = new InversionSearch(events, rt);
  for (const event of events) search.take(event);
  return { inversions: search.inversions, rtScheduled: search.rtScheduled };
}

/** RT work that waits for a poll: since when, and which RT thread wants it. */
interface ScheduledWork {
  readonly us: FtraceUs;
  readonly by: string;
}

/** A poll that is under way: when it began, and the CPU time that its thread had had then. */
interface Poll {
  readonly us: FtraceUs;
  readonly ranUs: number;
}

interface LockWait {
  /** Since when. */
  readonly us: FtraceUs;
  readonly waitedIn: string;
  /** Who holds it, once it has been boosted for the one who waits, and is not RT by itself. */
  holder: string | undefined;
}

/** The state of the host as far as the trace has come, and the inversions until then. */
class InversionSearch {
  readonly inversions: Inversion[] = [];
  rtScheduled = 0;
  readonly #rtNics: readonly string[];
  readonly #nicOf: ReadonlyMap<string, string>;
  readonly #threads: TracedThreads;
  /** By NAPI instance, those of RT NICs only. */
  readonly #scheduled = new Map<string, ScheduledWork>();
  /** Of the threads that are inside NET_RX. */
  readonly #polls = new Map<TracedThread, Poll>();
  /** Of the RT threads that wait for a lock. */
  readonly #waits = new Map<TracedThread, LockWait>();

  constructor(events: readonly TraceEvent[], { nics, lowestPriority }: RtSide) {
    this.#rtNics = nics;
    this.#nicOf = nicsOfInstances(events);
    this.#threads = new TracedThreads(events, lowestPriority);
  }

  /** @param event the next one */
  take(event: TraceEvent): void {
    const thread = this.#threads.at(event.us, event);
    switch (event.name) {
      case 'sched_switch':
        this.#switch(thread, event);
        break;
      case 'softirq_entry':
        this.#beginPoll(thread, event.us);
        break;
      case 'softirq_exit':
        this.#polls.delete(thread);
        break;
      case 'napi_schedule':
      case 'napi_schedule_irqoff':
        this.#schedule(thread, event);
        break;
      case 'napi_poll':
        this.#endPoll(thread, event);
        break;
      case 'contention_begin':
        this.#beginWait(thread, event);
        break;
      case 'sched_pi_setprio':
        this.#boost(thread, event);
        break;
      case 'contention_end':
        this.#endWait(thread, event);
        break;
    }
  }

  #switch(thread: TracedThread, { us, details }: TraceEvent): void {
    thread.switchOut(us);
    const [, comm = '', pid] = switchedIn.exec(details) ?? [];
    if (pid !== undefined) this.#threads.at(us, { comm, pid: Number(pid) }).switchIn(us);
  }

  #schedule(thread: TracedThread, { us, details }: TraceEvent): void {
    const [, instance = ''] = napiSchedule.exec(details) ?? [];
    // The one variant calls the other, and what is scheduled cannot be scheduled again.
    if (!thread.isRt || this.#scheduled.has(instance)) return;
    if (!this.#rtNics.includes(this.#nicOf.get(instance) ?? '')) return;
    this.rtScheduled += 1;
    this.#scheduled.set(instance, { us, by: thread.label });
  }

  #beginPoll(thread: TracedThread, us: FtraceUs): void {
    this.#polls.set(thread, { us, ranUs: thread.ranUntil(us) });
  }

  /** The kernel traces the end of a poll; inside NET_RX, the next one begins there. */
  #endPoll(thread: TracedThread, event: TraceEvent): void {
    const [, instance = '', nic = ''] = napiPoll.exec(event.details) ?? [];
    const poll = this.#polls.get(thread);
    if (poll !== undefined) this.#beginPoll(thread, event.us);
    const scheduled = this.#scheduled.get(instance);
    this.#scheduled.delete(instance);
    if (this.#rtNics.includes(nic)) {
      if (scheduled !== undefined) this.#preemptedSoftirq(thread, event, scheduled, poll);
    } else if (poll !== undefined && nic !== noDevice) {
      this.#nonRtWork(thread, event, poll, nic);
    }
  }

  /** RT work was polled: it waited until then, unless the thread is RT. */
  #preemptedSoftirq(
    { isRt, label }: TracedThread,
    { us, cpu }: TraceEvent,
    scheduled: ScheduledWork,
    poll: Poll | undefined,
  ): void {
    if (isRt) return;
    this.inversions.push({
      kind: 'preempted-softirq',
      atUs: scheduled.us,
      us: Math.max(0, (poll?.us ?? us) - scheduled.us),
      cpu,
      victim: scheduled.by,
      other: label,
      waitedIn: '',
    });
  }

  /** Other work was polled: that should not have been done by an RT thread. */
  #nonRtWork(thread: TracedThread, { us, cpu }: TraceEvent, poll: Poll, nic: string): void {
    if (!thread.isRt) return;
    this.inversions.push({
      kind: 'non-rt-work',
      atUs: poll.us,
      us: thread.ranUntil(us) - poll.ranUs,
      cpu,
      victim: thread.label,
      other: nic,
      waitedIn: '',
    });
  }

  #beginWait(thread: TracedThread, { us, stack }: TraceEvent): void {
    if (!thread.isRt) return;
    const waitedIn = stack.find((frame) => !lockFunction.test(frame)) ?? '';
    this.#waits.set(thread, { us, waitedIn, holder: undefined });
  }

  #boost(thread: TracedThread, { details }: TraceEvent): void {
    const wait = this.#waits.get(thread);
    if (wait === undefined) return;
    const [, comm = '', pid] = boosted.exec(details) ?? [];
    const holder = this.#threads.identityOf(Number(pid), comm);
    if (!holder.isRt) wait.holder ??= holder.label;
  }

  #endWait(thread: TracedThread, { us, cpu }: TraceEvent): void {
    const wait = this.#waits.get(thread);
    this.#waits.delete(thread);
    const kind = wait && kindOfWait(wait);
    if (wait === undefined || kind === undefined) return;
    this.inversions.push({
      kind,
      atUs: wait.us,
      us: us - wait.us,
      cpu,
      victim: thread.label,
      other: wait.holder ?? '',
      waitedIn: wait.waitedIn,
    });
  }
}

/** Undefined for a lock that no thread held which is not RT. */
function kindOfWait({ waitedIn, holder }: LockWait): 'softirq-lock' | 'lock' | undefined {
  if (waitedIn.startsWith(softirqLock)) return 'softirq-lock';
  return holder === undefined ? undefined : 'lock';
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
