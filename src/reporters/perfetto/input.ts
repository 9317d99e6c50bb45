import type { TraceNs } from '../../traces/time.js';

/** What a trace shows: groups of tracks, on which slices are. */
export interface PerfettoInput {
  readonly name: string;
  readonly description: string;
  readonly groups: readonly TrackGroup[];
}

export interface TrackGroup {
  readonly name: string;
  /** What its tracks and slices mean. */
  readonly description: string;
  /** In the order in which they are shown. */
  readonly tracks: readonly Track[];
}

export interface Track {
  /** No other track of the group has it. */
  readonly name: string;
  /** In any order; they may overlap. */
  readonly slices: readonly Slice[];
}

export interface Slice {
  readonly name: string;
  /** Slices can be searched by it. */
  readonly category: string;
  readonly begin: TraceNs;
  readonly end: TraceNs;
  /** Slices with the same number are joined by arrows, in the order of their times. */
  readonly flow?: bigint;
  /** What is shown of a slice that is selected. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** The run that a trace is of. */
export interface TraceCaption {
  /** Id of the method. */
  readonly method: string;
  readonly kernel: string;
  readonly seed: number;
  /** e.g. `instructions` */
  readonly clock: string;
}

/** Makes the trace of a run; groups without tracks are left out. */
export function traceOfRun(
  { method, kernel, seed, clock }: TraceCaption,
  groups: readonly TrackGroup[],
): PerfettoInput {
  return {
    name: `${method}, seed ${seed}`,
    description: `Evenkeel: method ${method}, kernel ${kernel}, seed ${seed}; clock: ${clock}.`,
    groups: groups.filter(({ tracks }) => tracks.length > 0),
  };
}
