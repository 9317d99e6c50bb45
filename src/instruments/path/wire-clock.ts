import { EvenkeelError } from '../../process/errors.js';
import {
  asHostTicks,
  asNs,
  type Brand,
  type HostTicks,
  later,
  type WireNs,
} from '../../traces/time.js';
import type { ResponseSample } from '../../workloads/workload.js';
import type { PathEvent } from './timeline.js';

/**
 * The clock of the capture and the host's time-stamp counter. On the instruction clock both count the
 * nanoseconds of the emulator's virtual time, the counter from the start of the machine, the capture from the
 * machine's date, in whole microseconds. So they differ by whole seconds.
 */

const nsPerSecond = 1_000_000_000n;
const captureResolutionNs = asNs(1000n);

/** What the clock of the capture is ahead of the host's time-stamp counter, in nanoseconds. */
export type CaptureOffset = Brand<bigint, 'CaptureOffset'>;

/** The host's time-stamp counter at a moment that the capture shows. */
export function hostTicksOfWire(ns: WireNs, offset: CaptureOffset): HostTicks {
  return asHostTicks(ns - offset);
}

/**
 * How far the capture is ahead.
 * @throws EvenkeelError if there is no such number: a request that the driver has before the wire, or a
 *   response that is at the wire before the driver has it
 */
export function captureOffset(
  samples: readonly ResponseSample[],
  events: readonly PathEvent[],
): CaptureOffset {
  const received = firstOf(events, 'driver receives');
  const sent = firstOf(events, 'NIC sends');
  let offset: CaptureOffset | undefined;
  for (const { sequence, requestNs, responseTimeNs } of samples) {
    const sentAt = sent.get(sequence);
    if (sentAt === undefined) continue;
    const backNs = later(requestNs, responseTimeNs);
    offset ??= offsetOf(backNs, sentAt);
    const onWire = hostTicksOfWire(requestNs, offset);
    const backOnWire = hostTicksOfWire(backNs, offset);
    const receivedAt = received.get(sequence);
    if (receivedAt !== undefined && onWire > receivedAt) {
      throw disagreement(`request ${sequence}`, `at the wire at ${onWire} ns`, receivedAt);
    }
    if (later(backOnWire, captureResolutionNs) < sentAt) {
      throw disagreement(
        `the response to request ${sequence}`,
        `at the wire at ${backOnWire} ns`,
        sentAt,
      );
    }
  }
  if (offset === undefined) {
    throw new EvenkeelError('no response was seen both by the host and at the wire');
  }
  return offset;
}

function disagreement(what: string, atWire: string, inDriver: HostTicks): EvenkeelError {
  return new EvenkeelError(
    `the clocks of the capture and of the host disagree: ${what} is ${atWire} and in the driver at ${inDriver} ns`,
  );
}

/**
 * From two moments that only the time of a transmission is between: the nearest multiple of a second, as the
 * clocks differ by nothing else.
 */
function offsetOf(onWire: WireNs, inDriver: HostTicks): CaptureOffset {
  const ns = onWire - inDriver;
  return (((ns + nsPerSecond / 2n) / nsPerSecond) * nsPerSecond) as CaptureOffset;
}

function firstOf(events: readonly PathEvent[], point: string): Map<number, HostTicks> {
  const first = new Map<number, HostTicks>();
  for (const event of events) {
    if (event.point === point && !first.has(event.value)) first.set(event.value, event.ticks);
  }
  return first;
}
