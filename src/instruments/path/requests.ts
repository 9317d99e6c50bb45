import { EvenkeelError } from '../../process/errors.js';
import type { ProbeDump } from '../../traces/probe-dump.js';
import { type HostTicks, later } from '../../traces/time.js';
import type { ProbeArtifacts, Probes } from './artifacts.js';
import { chainOf, isOfInterrupt, type Mark } from './chain.js';
import { follow, type Passage } from './follow.js';
import type { PathKind, PointName } from './points.js';
import { type PathEvent, timelineOf } from './timeline.js';
import { captureOffset, hostTicksOfWire } from './wire-clock.js';

/** A request that was seen at every point of its way. */
export interface FollowedRequest extends Passage {
  /**
   * What was recorded of it at each mark of the chain. Undefined are the marks of an interrupt, of a request that
   * came while a poll of the NIC was due already: all its time until the driver has it is that of the softirq.
   */
  readonly marks: readonly (PathEvent | undefined)[];
}

/** The requests of a run on the host's clock, and what both kernels recorded meanwhile. */
export interface FollowedRun {
  readonly path: PathKind;
  readonly chain: readonly Mark[];
  /** In the order of their times. */
  readonly events: readonly PathEvent[];
  /** All requests that were answered. */
  readonly passages: readonly Passage[];
  readonly followed: readonly FollowedRequest[];
  /** Requests that were answered, but not seen at some point: how many at which first. */
  readonly notFollowed: ReadonlyMap<string, number>;
  /** Requests that were not answered. */
  readonly lost: number;
  /** Records that there was no room for, of both kernels. */
  readonly dropped: number;
}

/** On the instruction clock the time-stamp counter counts nanoseconds; a kernel measures it a little off. */
const instructionClockKhz = 1_000_000;
const toleratedKhz = instructionClockKhz / 100;

/**
 * Follows each request of a run with probes.
 * @param path the way that the requests took; told by the points if it is not known
 * @throws EvenkeelError if the clocks disagree
 */
export function followRequests(
  { responses, probes, threads, host, guest }: ProbeArtifacts,
  path: PathKind = pathOfProbes(probes),
): FollowedRun {
  requireInstructionClock(host);
  const events = timelineOf(probes, threads, host, guest);
  const chain = chainOf(
    path,
    threads.some((thread) => thread.class === 'RT interrupt thread'),
  );
  const { samples, lost } = responses;
  const offset = captureOffset(samples, events);
  const passages = samples.map(({ sequence, requestNs, responseTimeNs }): Passage => {
    const begin = hostTicksOfWire(requestNs, offset);
    return { sequence, begin, end: later(begin, responseTimeNs) };
  });
  const followed: FollowedRequest[] = [];
  const notFollowed = new Map<string, number>();
  const laterChain = chain.filter((mark) => !isOfInterrupt(mark));
  for (const passage of passages) {
    const whole = follow(chain, events, passage);
    const result = 'missing' in whole ? follow(laterChain, events, passage) : whole;
    if ('missing' in result) {
      notFollowed.set(result.missing, (notFollowed.get(result.missing) ?? 0) + 1);
      continue;
    }
    const skipped = Array<undefined>(chain.length - result.marks.length).fill(undefined);
    followed.push({ ...passage, marks: [...skipped, ...result.marks] });
  }
  const dropped = Number(host.dropped + (guest?.dropped ?? 0n));
  return { path, chain, events, passages, followed, notFollowed, lost, dropped };
}

/** Which way the requests of a run took: each has a point that no other way has. */
function pathOfProbes({ points }: Probes): PathKind {
  const has = (name: PointName) => points.some((point) => point.name === name);
  if (has('send call')) return 'process';
  if (has('tap')) return 'virtio';
  return has('guest idle ends') ? 'outsourced' : 'outsourced-interrupt';
}

function requireInstructionClock({ tscKhz }: ProbeDump<HostTicks>): void {
  if (Math.abs(tscKhz - instructionClockKhz) <= toleratedKhz) return;
  throw new EvenkeelError(
    `the time-stamp counter has ${tscKhz} kHz: expected ${instructionClockKhz}, that of the instruction clock`,
  );
}
