import type { z } from 'zod';
import { decimalBigint } from '../process/json.js';

/**
 * Moments, branded with the clock that they are of, and lengths of time. A moment of one clock is not accepted
 * where one of another is expected, and what is computed from moments is no moment until a function of this
 * file, or one that converts between clocks, makes it one. Brands exist for the compiler only; the one thing
 * that it does not refuse is a comparison with `<` of two clocks.
 */

/** A value that only named functions and schemas make: plain ones of its type are not accepted for it. */
export type Brand<T, Name extends string> = T & z.core.$brand<Name>;

/** A length of time in nanoseconds, whatever clock has measured it. */
export const nsSchema = decimalBigint.brand<'Ns'>();
export type Ns = z.infer<typeof nsSchema>;

/**
 * Nanoseconds since the epoch on the clock of what captures the wire. QEMU's filter-dump writes the machine's
 * date, in whole microseconds.
 */
export type WireNs = Brand<bigint, 'WireNs'>;

/**
 * The host's time-stamp counter. Its ticks are nanoseconds on the instruction clock; readers of what probes
 * recorded accept no other one.
 */
export type HostTicks = Brand<bigint, 'HostTicks'>;

/** A guest's time-stamp counter: the host's, with an offset and, on CPUs that scale it, a factor. */
export type GuestTicks = Brand<bigint, 'GuestTicks'>;

/** Nanoseconds on the host's CLOCK_MONOTONIC. The clients are processes of the host, so it is theirs, too. */
export const hostNsSchema = decimalBigint.brand<'HostNs'>();
export type HostNs = z.infer<typeof hostNsSchema>;

/**
 * Microseconds on the clock of a kernel trace, which is CLOCK_MONOTONIC in those of this program. A number, as
 * the trace has decimal fractions of a second: half a nanosecond is lost after 26 days at the earliest. Lengths
 * of time in a kernel trace are numbers of microseconds without a brand.
 */
export type FtraceUs = Brand<number, 'FtraceUs'>;

/** Nanoseconds on the clock of a trace for Perfetto: the clock of the events that it is made from. */
export type TraceNs = Brand<bigint, 'TraceNs'>;

type Moment = WireNs | HostTicks | GuestTicks | HostNs | TraceNs;

export function asNs(ns: bigint): Ns {
  return ns as Ns;
}

export function asWireNs(sinceEpoch: bigint): WireNs {
  return sinceEpoch as WireNs;
}

export function asHostTicks(ticks: bigint): HostTicks {
  return ticks as HostTicks;
}

export function asFtraceUs(us: number): FtraceUs {
  return us as FtraceUs;
}

export function asTraceNs(ns: bigint): TraceNs {
  return ns as TraceNs;
}

/** From one moment to another of the same clock; ticks count as nanoseconds. */
export function nsBetween<M extends Moment>(from: M, to: M): Ns {
  return asNs((to as bigint) - (from as bigint));
}

/** The moment so much later, on the same clock. */
export function later<M extends Moment>(moment: M, ns: Ns): M {
  return ((moment as bigint) + ns) as M;
}

/** The moment so many microseconds later in a kernel trace. */
export function usLater(moment: FtraceUs, us: number): FtraceUs {
  return asFtraceUs(moment + us);
}

/** For sorting in the order of time. */
export function compareMoments<M extends Moment>(a: M, b: M): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** On the instruction clock, a tick of the host's time-stamp counter is a nanosecond. */
export function traceNsOfTicks(ticks: HostTicks): TraceNs {
  return asTraceNs(ticks);
}

/** To the nearest nanosecond: a kernel trace has whole microseconds, and floating point a little less or more. */
export function traceNsOfFtrace(us: FtraceUs): TraceNs {
  return asTraceNs(BigInt(Math.round(us * 1000)));
}
