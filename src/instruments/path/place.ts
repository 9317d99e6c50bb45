import type { Mark } from './chain.js';
import type { PathEvent } from './timeline.js';

/** Where a step runs, or which thread waits in it. */
export interface Place {
  readonly kernel: PathEvent['kernel'];
  /** A class of threads of the host, a thread of the guest, interrupts, or the host's NIC. */
  readonly name: string;
}

const wire: Place = { kernel: 'host', name: 'wire, NIC' };
const idleProcess = 'idle process';

/** The guest's threads that are its Critical RT server: those that the guest switched to for it. */
export function guestServers(events: readonly PathEvent[]): ReadonlySet<number> {
  const switches = events.filter(({ point }) => point === 'guest switch');
  return new Set(switches.map(({ value }) => value));
}

/**
 * Where the steps of a request run, the first one included.
 * @param chain what the request passes
 * @param marks what was recorded there; undefined for those that were passed over, which are the first
 * @returns undefined for a step that begins at a mark which was passed over, but for the last such step
 */
export function placesOf(
  chain: readonly Mark[],
  marks: readonly (PathEvent | undefined)[],
  servers: ReadonlySet<number>,
): (Place | undefined)[] {
  const places = chain.map((mark, index) => {
    const event = marks[index];
    const next = marks[index + 1];
    // All the time before the driver has the request is that of the thread which polls the NIC.
    if (event === undefined) return next && placeOf(next, servers);
    return placeOfStep(mark, event, next, servers);
  });
  return [wire, ...places];
}

function placeOfStep(
  { point }: Mark,
  event: PathEvent,
  next: PathEvent | undefined,
  servers: ReadonlySet<number>,
): Place {
  switch (point) {
    case 'interrupt':
    case 'guest interrupt':
      return { kernel: event.kernel, name: 'interrupts' };
    // The thread that is switched to runs, and the one that is woken waits for its CPU.
    case 'switch':
    case 'waking':
      return { kernel: 'host', name: event.thread ?? 'other' };
    case 'guest switch':
      return guestThread(event.value, servers);
    // The host records that the guest goes on, and the guest which of its threads does.
    case 'VM entry':
      return next?.kernel === 'guest' ? placeOf(next, servers) : placeOf(event, servers);
    default:
      return placeOf(event, servers);
  }
}

/** The thread that was running. */
function placeOf({ kernel, pid, current }: PathEvent, servers: ReadonlySet<number>): Place {
  if (kernel === 'guest') return guestThread(pid, servers);
  return { kernel, name: current ?? (pid === 0 ? idleProcess : 'other') };
}

function guestThread(pid: number, servers: ReadonlySet<number>): Place {
  const name = servers.has(pid) ? 'server' : pid === 0 ? idleProcess : `thread ${pid}`;
  return { kernel: 'guest', name };
}
