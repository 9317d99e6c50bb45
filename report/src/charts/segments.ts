import type { PathSection } from '../../../src/instruments/path/schema.ts';
import type { MethodSection } from '../method-section.ts';
import { seriesColor } from './palette.ts';
import type { StackedKey } from './stacked-bars.tsx';

type SegmentName = PathSection['segments'][number]['segment'];

/** In the order of a request's way: where each segment ends. */
const ends: Readonly<Record<SegmentName, string>> = {
  wire: 'the first interrupt',
  'host receive': 'the VM entry, or where a server on the host runs',
  guest: 'the VM exit of the send call',
  server: 'the send call',
  'host send': 'the response at the wire',
};

const names = Object.keys(ends) as SegmentName[];

/** What the segments are. */
export function describeSegments(keys: readonly SegmentKey[]): string {
  const texts = keys.map(({ label }) => `${label} ends with ${ends[label]}`);
  return `Each segment begins where the one before it ends: ${texts.join('; ')}.`;
}

export interface SegmentKey extends StackedKey {
  readonly label: SegmentName;
}

/** The segments that any of the methods has; a segment has the same colour in every result. */
export function segmentKeys(methods: readonly MethodSection<'path'>[]): SegmentKey[] {
  return names
    .map((label, index) => ({ label, color: seriesColor(index) }))
    .filter(({ label }) => methods.some(({ section }) => timeOf(section, label) !== undefined));
}

export function timeOf({ segments }: PathSection, name: SegmentName) {
  return segments.find(({ segment }) => segment === name)?.time;
}
