import { EvenkeelError } from '../../process/errors.js';
import type { KernelTicks, ProbeDump } from '../../traces/probe-dump.js';
import { asHostTicks, compareMoments, type GuestTicks, type HostTicks } from '../../traces/time.js';
import type { ThreadSnapshot } from '../cpu/artifacts.js';
import type { Probes } from './artifacts.js';

/** What the host and the guest have recorded, in one order and on the host's clock. */

export interface PathEvent {
  readonly ticks: HostTicks;
  /** Name of the point. */
  readonly point: string;
  readonly value: number;
  readonly kernel: 'host' | 'guest';
  /** Of that kernel. */
  readonly cpu: number;
  /** The thread that was running, as that kernel numbers it; 0 is the idle process. */
  readonly pid: number;
  /** Class of the thread that was running; undefined in a guest, or if it was none of the host's at the start. */
  readonly current: string | undefined;
  /** Class of the thread that `value` is, if it is one of the host. */
  readonly thread: string | undefined;
}

const wordBits = 64;

/** The host's time-stamp counter at a moment that the guest's shows. */
export function hostTicks(
  guestTicks: GuestTicks,
  { offset, scaling }: NonNullable<Probes['guestClock']>,
): HostTicks {
  const scaled = BigInt.asUintN(wordBits, guestTicks - offset);
  return asHostTicks(
    scaling === null ? scaled : (scaled << BigInt(scaling.fractionBits)) / scaling.ratio,
  );
}

/**
 * Merges the records of both kernels.
 * @throws EvenkeelError if there is one of a point that `probes` does not have
 */
export function timelineOf(
  probes: Probes,
  threads: ThreadSnapshot,
  host: ProbeDump<HostTicks>,
  guest: ProbeDump<GuestTicks> | undefined,
): PathEvent[] {
  const classes = new Map(threads.map((thread) => [thread.tid, thread.class]));
  const points = new Map(probes.points.map((point) => [point.number, point]));
  const events: PathEvent[] = [];
  const add = <Ticks extends KernelTicks>(
    dump: ProbeDump<Ticks>,
    kernel: 'host' | 'guest',
    toHost: (tsc: Ticks) => HostTicks,
  ) => {
    for (const { tsc, number, cpu, pid, value } of dump.records) {
      const point = points.get(number);
      if (point?.kernel !== kernel) {
        throw new EvenkeelError(
          `the ${kernel} has recorded point ${number}, which it does not have`,
        );
      }
      const isHost = kernel === 'host';
      events.push({
        ticks: toHost(tsc),
        point: point.name,
        value,
        kernel,
        cpu,
        pid,
        current: isHost ? classes.get(pid) : undefined,
        thread: isHost ? classes.get(value) : undefined,
      });
    }
  };
  add(host, 'host', (tsc) => tsc);
  const { guestClock } = probes;
  if (guest !== undefined && guestClock !== null) {
    add(guest, 'guest', (tsc) => hostTicks(tsc, guestClock));
  }
  return events.sort((a, b) => compareMoments(a.ticks, b.ticks));
}
