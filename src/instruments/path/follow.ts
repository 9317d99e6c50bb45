import { asNs, type HostTicks, later } from '../../traces/time.js';
import type { Mark } from './chain.js';
import type { PathEvent } from './timeline.js';

/** The record of a request at each mark, or the point of the first that it was not seen at. */
export type Followed =
  | { readonly marks: readonly PathEvent[] }
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
  const marks: PathEvent[] = [];
  let rest = eventsBetween(events, begin, end);
  for (const [index, mark] of chain.entries()) {
    let found: number;
    if (mark.last) {
      const next = chain[index + 1];
      const bound = next ? rest.findIndex((event) => matches(next, event, sequence)) : -1;
      if (bound < 0) return { missing: next?.point ?? mark.point };
      found = rest.slice(0, bound).findLastIndex((event) => matches(mark, event, sequence));
    } else {
      found = rest.findIndex((event) => matches(mark, event, sequence));
    }
    const event = rest[found];
    if (event === undefined) return { missing: mark.point };
    marks.push(event);
    rest = rest.slice(found + 1);
  }
  return { marks };
}

function matches({ point, records, current }: Mark, event: PathEvent, sequence: number): boolean {
  if (event.point !== point) return false;
  if (current !== undefined && event.current !== current) return false;
  if (records === undefined) return true;
  return records === 'request' ? event.value === sequence : event.thread === records;
}

/**
 * The events from one moment to another, both included.
 * @param events in the order of their times
 */
export function eventsBetween(
  events: readonly PathEvent[],
  begin: HostTicks,
  end: HostTicks,
): PathEvent[] {
  return events.slice(firstAt(events, begin), firstAt(events, later(end, asNs(1n))));
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
