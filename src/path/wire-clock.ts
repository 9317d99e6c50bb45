import type { ResponseSample } from '../analysis/response-times.js';
import { EvenkeelError } from '../errors.js';
import type { HostTicks, PathEvent } from './timeline.js';

/**
 * The clock of the capture and the host's time-stamp counter. On the instruction clock both count the
 * nanoseconds of the emulator's virtual time, the counter from the start of the machine, the capture from the
 * machine's date, in whole microseconds. So they differ by whole seconds.
 */

const nsPerSecond = 1_000_000_000n;
const captureResolutionNs = 1000n;

/**
 * What to subtract from a time of the capture to have the host's time-stamp counter.
 * @throws EvenkeelError if there is no such number: a request that the driver has before the wire, or a
 *   response that is at the wire before the driver has it
 */
export function captureOffset(
  samples: readonly ResponseSample[],
  events: readonly PathEvent[],
): bigint {
  const received = firstOf(events, 'driver receives');
  const sent = firstOf(events, 'NIC sends');
  let offset: bigint | undefined;
  for (const { sequence, requestNs, responseTimeNs } of samples) {
    const receivedAt = received.get(sequence);
    const sentAt = sent.get(sequence);
    if (receivedAt === undefined || sentAt === undefined) continue;
    offset ??= wholeSeconds(requestNs - receivedAt);
    const onWire = requestNs - offset;
    const backOnWire = onWire + responseTimeNs;
    if (onWire > receivedAt || backOnWire + captureResolutionNs < sentAt) {
      throw new EvenkeelError(
        `the clocks of the capture and of the host disagree: request ${sequence} is at the wire at ${onWire} ns and in the driver at ${receivedAt} ns, its response in the driver at ${sentAt} ns and at the wire at ${backOnWire} ns`,
      );
    }
  }
  if (offset === undefined) {
    throw new EvenkeelError('no request was seen both at the wire and by the host');
  }
  return offset;
}

/** The nearest multiple of a second: what they differ by besides is a reception's time. */
function wholeSeconds(ns: bigint): bigint {
  return ((ns + nsPerSecond / 2n) / nsPerSecond) * nsPerSecond;
}

function firstOf(events: readonly PathEvent[], point: string): Map<number, HostTicks> {
  const first = new Map<number, HostTicks>();
  for (const event of events) {
    if (event.point === point && !first.has(event.value)) first.set(event.value, event.ticks);
  }
  return first;
}
