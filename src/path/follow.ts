import type { Mark } from './chain.js';
import type { HostTicks, PathEvent } from './timeline.js';

/** When a request passed each mark, or the point of the first that it was not seen at. */
export type Followed =
  | { readonly marks: readonly HostTicks[] }
  | { readonly missing: Mark['point'] };

/** A request and its response at the wire. */
export interface Passage {
  readonly sequence: number;
  readonly begin: HostTicks;
  readonly end: HostTicks;
}

/**
 * Follows a request along a chain.
 * @param events in the order of their times
 */
export function follow(
  chain: readonly Mark[],
  events: readonly PathEvent[],
  { sequence, begin, end }: Passage,
): Followed {
  const first = firstAt(events, begin);
  const after = firstAt(events, end + 1n);
  const marks: HostTicks[] = [];
  let position = first;
  for (let index = 0; index < chain.length; index += 1) {
    const mark = chain[index];
    if (mark === undefined) break;
    let found: number | undefined;
    if (mark.last) {
      const next = chain[index + 1];
      const bound = next && firstMatch(next, events, position, after, sequence);
      if (bound === undefined) return { missing: next?.point ?? mark.point };
      found = lastMatch(mark, events, position, bound, sequence);
    } else {
      found = firstMatch(mark, events, position, after, sequence);
    }
    if (found === undefined) return { missing: mark.point };
    marks.push((events[found] as PathEvent).ticks);
    position = found + 1;
  }
  return { marks };
}

function firstMatch(
  mark: Mark,
  events: readonly PathEvent[],
  from: number,
  to: number,
  sequence: number,
): number | undefined {
  for (let index = from; index < to; index += 1) {
    if (matches(mark, events[index] as PathEvent, sequence)) return index;
  }
  return undefined;
}

function lastMatch(
  mark: Mark,
  events: readonly PathEvent[],
  from: number,
  to: number,
  sequence: number,
): number | undefined {
  for (let index = to - 1; index >= from; index -= 1) {
    if (matches(mark, events[index] as PathEvent, sequence)) return index;
  }
  return undefined;
}

function matches({ point, records, current }: Mark, event: PathEvent, sequence: number): boolean {
  if (event.point !== point) return false;
  if (current !== undefined && event.current !== current) return false;
  if (records === undefined) return true;
  return records === 'request' ? event.value === sequence : event.thread === records;
}

/** Index of the first event that is not before that moment. */
export function firstAt(events: readonly PathEvent[], ticks: HostTicks): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as PathEvent).ticks < ticks) low = middle + 1;
    else high = middle;
  }
  return low;
}
