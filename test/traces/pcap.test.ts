import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { readPcap } from '../../src/traces/pcap.js';
import { filterDumpFormat, writePcap } from './pcap-writer.js';

const frames = fc.array(
  fc.record({
    timestampNs: fc.bigInt({ min: 0n, max: 0xffff_ffffn * 1_000_000_000n }),
    frame: fc.uint8Array({ maxLength: 64 }),
  }),
  { maxLength: 8 },
);
const oneFrame = [{ timestampNs: 5_000_001_000n, frame: Uint8Array.of(1, 2, 3) }];

function read(bytes: Uint8Array) {
  return Array.from(readPcap(bytes));
}

describe('readPcap', () => {
  test('reads back what was written, in both byte orders and both units', () => {
    fc.assert(
      fc.property(frames, fc.boolean(), fc.boolean(), (written, littleEndian, nanoseconds) => {
        const unitNs = nanoseconds ? 1n : 1000n;
        const expected = written.map(({ timestampNs, frame }) => ({
          timestampNs: timestampNs - (timestampNs % unitNs),
          frame,
        }));
        expect(read(writePcap(written, { littleEndian, nanoseconds, linkType: 1 }))).toEqual(
          expected,
        );
      }),
    );
  });

  test('reads a capture that is a view into a larger buffer', () => {
    const capture = writePcap(oneFrame);
    const larger = new Uint8Array(capture.byteLength + 7);
    larger.set(capture, 7);
    expect(read(larger.subarray(7))).toEqual(oneFrame);
  });

  test('fails only with EvenkeelError on arbitrary records', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withHeader) => {
        const input = withHeader ? Uint8Array.of(...writePcap([]), ...bytes) : bytes;
        try {
          read(input);
        } catch (error) {
          expect(error).toBeInstanceOf(EvenkeelError);
        }
      }),
    );
  });

  test('names the offset of a record that is cut off', () => {
    const capture = writePcap([...oneFrame, ...oneFrame]);
    const secondRecord = 24 + 16 + 3;
    expect(() => read(capture.subarray(0, -1))).toThrow(
      `pcap record at offset ${secondRecord} is cut off: expected 19 bytes, got 18`,
    );
    expect(() => read(capture.subarray(0, secondRecord + 2))).toThrow(
      `pcap record at offset ${secondRecord} is cut off: expected 16 bytes, got 2`,
    );
  });

  test('yields the whole frames before a record that is cut off', () => {
    const capture = readPcap(writePcap([...oneFrame, ...oneFrame]).subarray(0, -1));
    expect(capture.next().value).toEqual(oneFrame[0]);
  });

  test('rejects what is not an Ethernet pcap', () => {
    expect(() => read(new Uint8Array(3))).toThrow('offset 0: expected 24 bytes, got 3');
    expect(() => read(new Uint8Array(24))).toThrow('expected a1b2c3d4 or a1b23c4d, got 00000000');
    expect(() => read(writePcap([], { ...filterDumpFormat, linkType: 113 }))).toThrow(
      'offset 20: expected 1 (Ethernet), got 113',
    );
  });
});
