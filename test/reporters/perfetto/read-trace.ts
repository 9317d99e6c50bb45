import { fromBinary } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import {
  type DebugAnnotation,
  TraceSchema,
  type TrackDescriptor,
  type TrackEvent,
  TrackEvent_Type,
} from '../../../src/reporters/perfetto/trace_pb.js';

/** A slice as a trace has it. */
export interface ReadSlice {
  /** Names from the topmost track to its own. */
  readonly track: string;
  readonly uuid: bigint;
  readonly name: string;
  readonly category: string;
  readonly begin: bigint;
  readonly end: bigint;
  readonly flows: readonly bigint[];
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * Reads a trace, and fails where it is not as Perfetto's documents ask: tracks that are declared once and before
 * their events, events in the order of their times, each beginning of a slice with its end, slices nested.
 * @returns the slices in the order of their beginnings
 */
export function readTrace(bytes: Uint8Array): ReadSlice[] {
  const { packet } = fromBinary(TraceSchema, bytes);
  const tracks = new Map<bigint, TrackDescriptor>();
  const open = new Map<bigint, { event: TrackEvent; begin: bigint }[]>();
  const slices: ReadSlice[] = [];
  let last = 0n;
  for (const { data, timestamp, optionalTrustedPacketSequenceId } of packet) {
    if (data.case === 'trackDescriptor') {
      const { uuid, parentUuid } = data.value;
      expect(tracks.has(uuid)).toBe(false);
      expect(uuid).not.toBe(0n);
      if (parentUuid !== 0n) expect(tracks.has(parentUuid)).toBe(true);
      tracks.set(uuid, data.value);
      continue;
    }
    const event = data.value as TrackEvent;
    expect(optionalTrustedPacketSequenceId.value).toBe(1);
    expect(tracks.has(event.trackUuid)).toBe(true);
    expect(timestamp).toBeGreaterThanOrEqual(last);
    last = timestamp;
    const stack = open.get(event.trackUuid) ?? [];
    open.set(event.trackUuid, stack);
    if (event.type === TrackEvent_Type.SLICE_BEGIN) {
      stack.push({ event, begin: timestamp });
      continue;
    }
    expect(event.type).toBe(TrackEvent_Type.SLICE_END);
    const begun = stack.pop();
    expect(begun).toBeDefined();
    if (begun !== undefined) slices.push(sliceOf(begun.event, begun.begin, timestamp, tracks));
  }
  for (const stack of open.values()) expect(stack).toEqual([]);
  return slices.sort((a, b) => Number(a.begin - b.begin));
}

function sliceOf(
  event: TrackEvent,
  begin: bigint,
  end: bigint,
  tracks: ReadonlyMap<bigint, TrackDescriptor>,
): ReadSlice {
  return {
    track: pathOf(event.trackUuid, tracks),
    uuid: event.trackUuid,
    name: event.nameField.value ?? '',
    category: event.categories.join(),
    begin,
    end,
    flows: event.flowIds,
    details: Object.fromEntries(event.debugAnnotations.map(detailOf)),
  };
}

function detailOf({ nameField, value }: DebugAnnotation): [string, string | number] {
  const plain = typeof value.value === 'bigint' ? Number(value.value) : value.value;
  return [nameField.value ?? '', plain ?? ''];
}

function pathOf(uuid: bigint, tracks: ReadonlyMap<bigint, TrackDescriptor>): string {
  const track = tracks.get(uuid);
  if (track === undefined) return '';
  const above = pathOf(track.parentUuid, tracks);
  const name = track.staticOrDynamicName.value ?? '';
  return above === '' ? name : `${above} > ${name}`;
}

/** Slices of one flow follow each other; fails if a flow has fewer than two. */
export function flowsOf(slices: readonly ReadSlice[]): Map<bigint, ReadSlice[]> {
  const flows = new Map<bigint, ReadSlice[]>();
  for (const slice of slices) {
    for (const flow of slice.flows) flows.set(flow, [...(flows.get(flow) ?? []), slice]);
  }
  for (const ofFlow of flows.values()) expect(ofFlow.length).toBeGreaterThan(1);
  return flows;
}
