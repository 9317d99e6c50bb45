import type { ProbeArtifacts, RunManifest } from '../../run-folder/artifacts.js';
import { firstStep, type Mark } from './chain.js';
import { firstAt } from './follow.js';
import type { PathKind } from './points.js';
import { type FollowedRequest, followRequests } from './requests.js';

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

/**
 * Says where the time of each request of a run with probes went.
 * @throws EvenkeelError if an artifact is not as expected, or the clocks disagree
 */
export function analyzePath(artifacts: ProbeArtifacts): PathRun {
  const run = followRequests(artifacts);
  const { path, chain, events, passages, followed, notFollowed, lost, dropped } = run;
  let records = 0;
  let exits = 0;
  for (const { begin, end } of passages) {
    const during = events.slice(firstAt(events, begin), firstAt(events, end + 1n));
    records += during.length;
    exits += during.filter(({ point }) => point === 'VM exit').length;
  }
  return {
    manifest: artifacts.manifest,
    path,
    steps: [firstStep, ...chain].map(({ segment, step }) => ({ segment, step })),
    followed: followed.map(durations),
    withoutInterrupt: followed.filter(({ marks }) => marks.includes(undefined)).length,
    notFollowed,
    responsesNs: Float64Array.from(passages, ({ begin, end }) => Number(end - begin)),
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
    Number(moment - (moments[index] as bigint)),
  );
}
