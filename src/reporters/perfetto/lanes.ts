import { compareMoments } from '../../traces/time.js';
import type { Slice } from './input.js';

/**
 * Divides slices into lanes in which none overlaps another. Perfetto takes a slice that begins inside of
 * another one for a part of it, and draws it wrongly if it ends later.
 * @returns the slices of each lane in the order of their times; at least one lane
 * @throws Error if a slice ends before it begins
 */
export function lanesOf(slices: readonly Slice[]): Slice[][] {
  const lanes: Slice[][] = [];
  for (const slice of slices.toSorted((a, b) => compareMoments(a.begin, b.begin))) {
    if (slice.end < slice.begin) throw new Error(`slice ${slice.name} ends before it begins`);
    const free = lanes.find((lane) => (lane.at(-1)?.end ?? 0n) <= slice.begin);
    if (free === undefined) lanes.push([slice]);
    else free.push(slice);
  }
  return lanes.length === 0 ? [[]] : lanes;
}
