import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PathEvent } from '../../../src/instruments/path/timeline.js';
import { captureOffset } from '../../../src/instruments/path/wire-clock.js';
import { asHostTicks, asWireNs, nsBetween } from '../../../src/traces/time.js';

const boot = 1_767_225_600_000_000_000n;

function event(ticks: bigint, point: string, value: number): PathEvent {
  const ofHost = { kernel: 'host', cpu: 1, pid: 0, current: undefined, thread: undefined } as const;
  return { ticks: asHostTicks(ticks), point, value, ...ofHost };
}

/** A request that the driver has at `receivedAt`, and its response, with what the capture says of both. */
function exchange(sequence: number, receivedAt: bigint, wireToDriver: bigint, inHost: bigint) {
  const micro = (ns: bigint) => (ns / 1000n) * 1000n;
  const sentAt = receivedAt + inHost;
  const requestNs = asWireNs(micro(boot + receivedAt - wireToDriver));
  const responseTimeNs = nsBetween(requestNs, asWireNs(micro(boot + sentAt + 500n)));
  return {
    sample: { server: '10.0.0.2', sequence, requestNs, responseTimeNs },
    events: [event(receivedAt, 'driver receives', sequence), event(sentAt, 'NIC sends', sequence)],
  };
}

test('the capture is a whole number of seconds ahead', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1_000_000_000n, max: 10n ** 12n }),
      fc.bigInt({ min: 0n, max: 400_000_000n }),
      fc.bigInt({ min: 0n, max: 10n ** 9n }),
      (at, wireToDriver, inHost) => {
        const { sample, events } = exchange(0, at, wireToDriver, inHost);
        expect(captureOffset([sample], events)).toBe(boot);
      },
    ),
  );
});

test('clocks that disagree are an error', () => {
  const one = exchange(0, 5_000_000_000n, 10_000n, 100_000n);
  // This one is in the driver before it is at the wire.
  const other = exchange(1, 6_000_000_000n, -10_000n, 100_000n);
  expect(() => captureOffset([one.sample, other.sample], [...one.events, ...other.events])).toThrow(
    'the clocks of the capture and of the host disagree: request 1',
  );
});

test('a response is enough', () => {
  const { sample, events } = exchange(0, 5_000_000_000n, 10_000n, 100_000n);
  expect(captureOffset([sample], events.slice(1))).toBe(boot);
});

test('without a response that both have seen there is no offset', () => {
  expect(() => captureOffset([], [])).toThrow(
    'no response was seen both by the host and at the wire',
  );
});
