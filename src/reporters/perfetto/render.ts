import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { compareMoments, type TraceNs } from '../../traces/time.js';
import type { PerfettoInput, Slice, Track, TrackGroup } from './input.js';
import { lanesOf } from './lanes.js';
import {
  TrackDescriptor_ChildTracksOrdering as ChildOrdering,
  TrackEvent_Type as EventType,
  type TracePacketSchema,
  TraceSchema,
  type TrackDescriptorSchema,
  type TrackEventSchema,
} from './trace_pb.js';

/**
 * A trace for https://ui.perfetto.dev, in Perfetto's own format: track events in protobuf (trace.proto).
 *
 * Timestamps are absolute nanoseconds of the host's clock. The packets name no clock and the trace has no
 * snapshot of clocks, so they are on the trace's own clock, which no other is compared with (Perfetto's
 * docs/concepts/clock-sync.md); what that clock is, the description of the topmost track says.
 */

type Packet = MessageInitShape<typeof TracePacketSchema>;
type Descriptor = MessageInitShape<typeof TrackDescriptorSchema>;
type Event = MessageInitShape<typeof TrackEventSchema>;

/** As many as are encoded at a time: their messages take more memory than their bytes. */
const packetsPerPart = 1000;

/** The beginning or the end of a slice. */
interface Edge {
  readonly at: TraceNs;
  readonly isBegin: boolean;
  readonly slice: Slice;
  readonly trackUuid: bigint;
}

/** The bytes of a file `.perfetto-trace`; the same input gives the same bytes. */
export function renderPerfetto({ name, description, groups }: PerfettoInput): Uint8Array {
  const descriptors: Packet[] = [];
  const edges: Edge[] = [];
  const declare = (descriptor: Descriptor): bigint => {
    // 0 is the track of the whole trace, which there is without a descriptor.
    const uuid = BigInt(descriptors.length + 1);
    descriptors.push({ data: { case: 'trackDescriptor', value: { uuid, ...descriptor } } });
    return uuid;
  };

  const top = declare({ ...named(name), description, childOrdering: ChildOrdering.EXPLICIT });
  for (const [groupRank, group] of groups.entries()) {
    const parentUuid = declare({ ...descriptorOf(group, groupRank), parentUuid: top });
    for (const [rank, track] of group.tracks.entries()) {
      for (const lane of lanesOf(track.slices)) {
        // Lanes of a track have its name, so they are shown as one.
        const trackUuid = declare({ ...named(track.name), parentUuid, siblingOrderRank: rank });
        for (const slice of lane) {
          edges.push({ at: slice.begin, isBegin: true, slice, trackUuid });
          edges.push({ at: slice.end, isBegin: false, slice, trackUuid });
        }
      }
    }
  }
  // Where two edges of a track are at the same time, this keeps them in their order.
  edges.sort((a, b) => compareMoments(a.at, b.at));
  const parts = [encode(descriptors)];
  for (let first = 0; first < edges.length; first += packetsPerPart) {
    parts.push(encode(edges.slice(first, first + packetsPerPart).map(eventPacket)));
  }
  return concatenate(parts);
}

function descriptorOf({ name, description }: TrackGroup, siblingOrderRank: number): Descriptor {
  const childOrdering = ChildOrdering.EXPLICIT;
  return { ...named(name), description, siblingOrderRank, childOrdering };
}

function named(name: Track['name']): Pick<Descriptor, 'staticOrDynamicName'> {
  return { staticOrDynamicName: { case: 'name', value: name } };
}

function eventPacket({ at, isBegin, slice, trackUuid }: Edge): Packet {
  const value = isBegin ? beginOf(slice, trackUuid) : { type: EventType.SLICE_END, trackUuid };
  return {
    timestamp: at,
    data: { case: 'trackEvent', value },
    // All packets are of one sequence: there is one writer.
    optionalTrustedPacketSequenceId: { case: 'trustedPacketSequenceId', value: 1 },
  };
}

function beginOf({ name, category, flow, details }: Slice, trackUuid: bigint): Event {
  return {
    type: EventType.SLICE_BEGIN,
    trackUuid,
    categories: [category],
    nameField: { case: 'name', value: name },
    flowIds: flow === undefined ? [] : [flow],
    debugAnnotations: Object.entries(details).map(([key, value]) => ({
      nameField: { case: 'name' as const, value: key },
      value: annotationOf(value),
    })),
  };
}

function annotationOf(value: string | number) {
  if (typeof value === 'string') return { case: 'stringValue', value } as const;
  if (Number.isSafeInteger(value)) return { case: 'intValue', value: BigInt(value) } as const;
  return { case: 'doubleValue', value } as const;
}

/** A trace of these packets alone; the bytes of such traces one after the other are a trace of them all. */
function encode(packet: Packet[]): Uint8Array {
  return toBinary(TraceSchema, create(TraceSchema, { packet }));
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
