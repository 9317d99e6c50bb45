import { validated } from '../../process/json.js';
import { instrumentOf } from '../../run-folder/facts.js';
import type { RunFolder } from '../../run-folder/run-folder.js';
import { type HostTicks, nsBetween } from '../../traces/time.js';
import { responsesAtWire, responseTimesNs } from '../wire/artifacts.js';
import { type ProbeArtifacts, readProbeArtifacts } from './artifacts.js';
import { firstStep, type Mark } from './chain.js';
import { type CostFigures, costVariants } from './cost.js';
import { eventsBetween } from './follow.js';
import { type PathKind, pathOptionsSchema } from './points.js';
import { type FollowedRequest, followRequests } from './requests.js';

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

/** @throws EvenkeelError if an artifact is not as expected, or the clocks disagree */
export async function analyzePathOf(folder: RunFolder): Promise<PathFigures> {
  const artifacts = await readProbeArtifacts(folder);
  const recorded = instrumentOf(folder.facts, 'path');
  const { path } = validated('instrument path', recorded, pathOptionsSchema.partial());
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
 * Says where the time of each request of a run with probes went.
 * @param path the way that the requests took; told by the points if it is not known
 * @throws EvenkeelError if the clocks disagree
 */
export function analyzePath(artifacts: ProbeArtifacts, path?: PathKind): PathRun {
  const run = followRequests(artifacts, path);
  const { chain, events, passages, followed, notFollowed, lost, dropped } = run;
  let records = 0;
  let exits = 0;
  for (const { begin, end } of passages) {
    const during = eventsBetween(events, begin, end);
    records += during.length;
    exits += during.filter(({ point }) => point === 'VM exit').length;
  }
  return {
    path: run.path,
    steps: [firstStep, ...chain].map(({ segment, step }) => ({ segment, step })),
    followed: followed.map(durations),
    withoutInterrupt: followed.filter(({ marks }) => marks.includes(undefined)).length,
    notFollowed,
    responsesNs: responseTimesNs(artifacts.responses),
    lost,
    dropped,
    recordsPerRequest: records / passages.length,
    exitsPerRequest: exits / passages.length,
  };
}

/** A step that begins at a mark which was passed over takes no time. */
function durations({ begin, marks, end }: FollowedRequest): Float64Array {
  const moments = [begin, ...marks.map((mark) => mark?.ticks ?? begin), end];
  return Float64Array.from(moments.slice(1), (moment, index) =>
    Number(nsBetween(moments[index] as HostTicks, moment)),
  );
}
