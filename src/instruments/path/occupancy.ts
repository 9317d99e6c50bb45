import type { HostTicks } from '../../traces/time.js';
import type { PathEvent } from './timeline.js';

/** A time during which a thread had a CPU of the host. */
export interface Occupancy {
  readonly cpu: number;
  readonly pid: number;
  /** Of the thread. */
  readonly class: string;
  readonly begin: HostTicks;
  readonly end: HostTicks;
}

/**
 * Which threads had the host's CPUs, as far as probes tell. Probes record when a thread of those that a
 * request needs gets a CPU, and nothing of the others. So such a thread has had its CPU between two records
 * that follow each other there and both name it; of all other times nothing is said.
 * @param events in the order of their times
 */
export function occupancies(events: readonly PathEvent[]): Occupancy[] {
  const ofHost = events.filter(({ kernel }) => kernel === 'host');
  const switchedTo = new Set(
    ofHost.filter(({ point }) => point === 'switch').map(({ value }) => value),
  );
  const found: Occupancy[] = [];
  const lastOfCpu = new Map<number, PathEvent>();
  const openOfCpu = new Map<number, Occupancy & { end: HostTicks }>();
  for (const event of ofHost) {
    const { cpu, pid, ticks } = event;
    const last = lastOfCpu.get(cpu);
    lastOfCpu.set(cpu, event);
    if (last === undefined || threadAfter(last) !== pid || !switchedTo.has(pid)) continue;
    let open = openOfCpu.get(cpu);
    if (open?.pid !== pid || open.end !== last.ticks) {
      open = { cpu, pid, class: event.current ?? 'other', begin: last.ticks, end: ticks };
      openOfCpu.set(cpu, open);
      found.push(open);
    }
    open.end = ticks;
  }
  return found;
}

/** The thread that had the CPU after that record. */
function threadAfter({ point, value, pid }: PathEvent): number {
  return point === 'switch' ? value : pid;
}
