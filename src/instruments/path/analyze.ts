import { methodById } from '../../methods/catalogue.js';
import { EvenkeelError } from '../../process/errors.js';
import {
  type ProbeArtifacts,
  parseArtifact,
  type RunManifest,
} from '../../run-folder/artifacts.js';
import { readPcap } from '../../traces/pcap.js';
import { type ProbeDump, parseProbeDump } from '../../traces/probe-dump.js';
import { matchResponses } from '../../workloads/udp-echo/responses.js';
import { chainOf, firstStep, isOfInterrupt, type Mark } from './chain.js';
import { firstAt, follow, type Passage } from './follow.js';
import { type PathKind, pathOf } from './points.js';
import { timelineOf } from './timeline.js';
import { captureOffset } from './wire-clock.js';

/** A step of a way, and the segment that it is part of. */
export type Step = Pick<Mark, 'segment' | 'step'>;

/** Where the time of each request of a run went. */
export interface PathRun {
  readonly manifest: RunManifest;
  readonly path: PathKind;
  readonly steps: readonly Step[];
  /** For each request that was followed, the nanoseconds of each step; their sum is its response time. */
  readonly followed: readonly Float64Array[];
  /**
   * How many of them came while a poll of the NIC was due already. All their time until the driver has them
   * is that of the softirq.
   */
  readonly withoutInterrupt: number;
  /** Requests that were answered, but not seen at some point: how many at which first. */
  readonly notFollowed: ReadonlyMap<string, number>;
  /** Response times at the wire of all requests that were answered, in nanoseconds. */
  readonly responsesNs: Float64Array;
  readonly lost: number;
  /** Records that there was no room for, of both kernels. */
  readonly dropped: number;
  /** Records of both kernels, and VM exits, from the request at the wire to its response; means. */
  readonly recordsPerRequest: number;
  readonly exitsPerRequest: number;
}

/** On the instruction clock the time-stamp counter counts nanoseconds; a kernel measures it a little off. */
const instructionClockKhz = 1_000_000;
const toleratedKhz = instructionClockKhz / 100;

/**
 * Follows each request of a run with probes.
 * @throws EvenkeelError if an artifact is not as expected, or the clocks disagree
 */
export function analyzePath(artifacts: ProbeArtifacts): PathRun {
  const { manifest, probes, threads, hostRecords, guestRecords } = artifacts;
  const host = parseArtifact(hostRecords, parseProbeDump);
  const guest = guestRecords && parseArtifact(guestRecords, parseProbeDump);
  requireInstructionClock(host);
  const events = timelineOf(probes, threads, host, guest);
  const path = pathOf(methodById(manifest.method.id));
  const chain = chainOf(
    path,
    threads.some((thread) => thread.class === 'RT interrupt thread'),
  );

  const { samples, lost } = parseArtifact(artifacts.rtCapture, (bytes) =>
    matchResponses(readPcap(bytes)),
  );
  const offset = captureOffset(samples, events);
  const followed: Float64Array[] = [];
  const notFollowed = new Map<string, number>();
  const laterChain = chain.filter((mark) => !isOfInterrupt(mark));
  let withoutInterrupt = 0;
  let records = 0;
  let exits = 0;
  for (const { sequence, requestNs, responseTimeNs } of samples) {
    const begin = requestNs - offset;
    const passage: Passage = { sequence, begin, end: begin + responseTimeNs };
    const during = events.slice(firstAt(events, begin), firstAt(events, passage.end + 1n));
    records += during.length;
    exits += during.filter(({ point }) => point === 'VM exit').length;
    const whole = follow(chain, events, passage);
    const result = 'missing' in whole ? follow(laterChain, events, passage) : whole;
    if ('missing' in result) {
      notFollowed.set(result.missing, (notFollowed.get(result.missing) ?? 0) + 1);
      continue;
    }
    const skipped = chain.length - result.marks.length;
    if (skipped > 0) withoutInterrupt += 1;
    const before = Array<bigint>(1 + skipped).fill(begin);
    followed.push(durations([...before, ...result.marks, passage.end]));
  }
  return {
    manifest,
    path,
    steps: [firstStep, ...chain].map(({ segment, step }) => ({ segment, step })),
    followed,
    withoutInterrupt,
    notFollowed,
    responsesNs: Float64Array.from(samples, ({ responseTimeNs }) => Number(responseTimeNs)),
    lost,
    dropped: Number(host.dropped + (guest?.dropped ?? 0n)),
    recordsPerRequest: records / samples.length,
    exitsPerRequest: exits / samples.length,
  };
}

function requireInstructionClock({ tscKhz }: ProbeDump): void {
  if (Math.abs(tscKhz - instructionClockKhz) <= toleratedKhz) return;
  throw new EvenkeelError(
    `the time-stamp counter has ${tscKhz} kHz: expected ${instructionClockKhz}, that of the instruction clock`,
  );
}

function durations(moments: readonly bigint[]): Float64Array {
  return Float64Array.from(moments.slice(1), (moment, index) =>
    Number(moment - (moments[index] as bigint)),
  );
}
