import { EvenkeelError } from '../../process/errors.js';
import { instrumentOf } from '../../run-folder/facts.js';
import type { RunFolder } from '../../run-folder/run-folder.js';
import type { ProbeDump } from '../../traces/probe-dump.js';
import { responsesAtWire, responseTimesNs } from '../wire/artifacts.js';
import { type ProbeArtifacts, type Probes, readProbeArtifacts } from './artifacts.js';
import { chainOf, firstStep, isOfInterrupt, type Mark } from './chain.js';
import { type CostFigures, costVariants } from './cost.js';
import { firstAt, follow, type Passage } from './follow.js';
import { type PathKind, type PointName, pathOptionsSchema } from './points.js';
import { timelineOf } from './timeline.js';
import { captureOffset } from './wire-clock.js';

/** A step of a way, and the segment that it is part of. */
export type Step = Pick<Mark, 'segment' | 'step'>;

/** Where the time of each request of a run went. */
export interface PathRun {
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

/** The path of a run, and what its probes cost, if the sweep has runs without them. */
export interface PathFigures extends PathRun {
  readonly cost: CostFigures | undefined;
}

/** On the instruction clock the time-stamp counter counts nanoseconds; a kernel measures it a little off. */
const instructionClockKhz = 1_000_000;
const toleratedKhz = instructionClockKhz / 100;

/** @throws EvenkeelError if an artifact is not as expected, or the clocks disagree */
export async function analyzePathOf(folder: RunFolder): Promise<PathFigures> {
  const artifacts = await readProbeArtifacts(folder);
  const { path } = pathOptionsSchema.partial().parse(instrumentOf(folder.facts, 'path'));
  const run = analyzePath(artifacts, path);
  return { ...run, cost: await costOf(folder, artifacts, run) };
}

/** The runs of the same method and seed without probes and with four, where a sweep has them. */
async function costOf(
  folder: RunFolder,
  { responses, probes }: ProbeArtifacts,
  { recordsPerRequest }: PathRun,
): Promise<CostFigures | undefined> {
  const without = await folder.variant(costVariants.none);
  const four = await folder.variant(costVariants.four);
  if (without === undefined || four === undefined) return undefined;
  const withFour = await readProbeArtifacts(four);
  return {
    without: await responsesAtWire(without),
    four: {
      ...withFour.responses,
      points: withFour.probes.points.length,
      recordsPerRequest: analyzePath(withFour).recordsPerRequest,
    },
    all: { ...responses, points: probes.points.length, recordsPerRequest },
  };
}

/**
 * Follows each request of a run with probes.
 * @param path the way that the requests took; told by the points if it is not known
 * @throws EvenkeelError if the clocks disagree
 */
export function analyzePath(
  { responses, probes, threads, host, guest }: ProbeArtifacts,
  path: PathKind = pathOfProbes(probes),
): PathRun {
  requireInstructionClock(host);
  const events = timelineOf(probes, threads, host, guest);
  const chain = chainOf(
    path,
    threads.some((thread) => thread.class === 'RT interrupt thread'),
  );

  const { samples, lost } = responses;
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
    path,
    steps: [firstStep, ...chain].map(({ segment, step }) => ({ segment, step })),
    followed,
    withoutInterrupt,
    notFollowed,
    responsesNs: responseTimesNs(responses),
    lost,
    dropped: Number(host.dropped + (guest?.dropped ?? 0n)),
    recordsPerRequest: records / samples.length,
    exitsPerRequest: exits / samples.length,
  };
}

/** Which way the requests of a run took: each has a point that no other way has. */
function pathOfProbes({ points }: Probes): PathKind {
  const has = (name: PointName) => points.some((point) => point.name === name);
  if (has('send call')) return 'process';
  if (has('tap')) return 'virtio';
  return has('guest idle ends') ? 'outsourced' : 'outsourced-interrupt';
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
