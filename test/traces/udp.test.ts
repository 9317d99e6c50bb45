import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUdp } from '../../src/traces/udp.js';
import { udpFrame } from './udp-frame.js';

const port = fc.integer({ min: 0, max: 0xffff });
const datagrams = fc.record({
  sourceAddress: fc.ipV4(),
  destinationAddress: fc.ipV4(),
  sourcePort: port,
  destinationPort: port,
  payload: fc.uint8Array({ maxLength: 64 }),
});
const request = {
  sourceAddress: '10.0.0.2',
  destinationAddress: '10.0.0.1',
  sourcePort: 40_000,
  destinationPort: 7000,
  payload: Uint8Array.of(1, 2, 3, 4),
};

describe('parseUdp', () => {
  test('finds the datagram behind tags and options, without the padding', () => {
    fc.assert(
      fc.property(
        datagrams,
        fc.boolean(),
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 40 }),
        (datagram, vlan, optionWords, paddingBytes) => {
          const frame = udpFrame(datagram, { vlan, optionWords, paddingBytes });
          expect(parseUdp(frame)).toEqual(datagram);
        },
      ),
    );
  });

  test('ignores arbitrary bytes without failing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void parseUdp(bytes)));
  });

  test('never fails on a frame that is cut off', () => {
    const frame = udpFrame(request, { vlan: true, optionWords: 2 });
    for (let length = 0; length < frame.byteLength - 4; length += 1) {
      expect(parseUdp(frame.subarray(0, length))).toBeUndefined();
    }
  });

  test('gives as much of a payload as was captured', () => {
    const frame = udpFrame(request);
    expect(parseUdp(frame.subarray(0, -1))?.payload).toEqual(Uint8Array.of(1, 2, 3));
  });

  test.each([
    ['a first fragment', { fragment: 0x2000 }],
    ['a later fragment', { fragment: 0x0001 }],
    ['TCP', { protocol: 6 }],
  ])('ignores %s', (_name, options) => {
    expect(parseUdp(udpFrame(request, options))).toBeUndefined();
  });
});
