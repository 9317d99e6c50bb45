import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { parseProbeDump } from '../../src/traces/probe-dump.js';
import { asHostTicks } from '../../src/traces/time.js';
import { writeProbeDump } from './dump-writer.js';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const record = fc.record({
  tsc: u64.map(asHostTicks),
  value: u32,
  pid: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
  number: fc.integer({ min: 0, max: 63 }),
});
const cpus = fc.array(
  fc.record({
    cpu: u32,
    dropped: fc.bigInt({ min: 0n, max: 2n ** 40n }),
    records: fc.array(record),
  }),
  { maxLength: 8 },
);

describe('records of probes', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(u32, cpus, (tscKhz, written) => {
        expect(parseProbeDump(writeProbeDump(tscKhz, written))).toEqual({
          tscKhz,
          records: written.flatMap(({ cpu, records }) => records.map((one) => ({ ...one, cpu }))),
          dropped: written.reduce((sum, { dropped }) => sum + dropped, 0n),
        });
      }),
    );
  });

  test('that end early, or late, are refused', () => {
    fc.assert(
      fc.property(cpus, fc.nat(), fc.uint8Array({ minLength: 1 }), (written, cut, more) => {
        const bytes = writeProbeDump(1, written);
        expect(() => parseProbeDump(bytes.subarray(0, cut % bytes.length))).toThrow(EvenkeelError);
        expect(() => parseProbeDump(Buffer.concat([bytes, more]))).toThrow(/expected the end/);
      }),
    );
  });

  test('of any other kind are refused, in words', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseProbeDump(bytes)).toThrow(EvenkeelError);
      }),
    );
  });

  test('of another version are refused', () => {
    const bytes = writeProbeDump(1, []);
    bytes[8] = 2;
    expect(() => parseProbeDump(bytes)).toThrow('offset 8: expected version 1, got 2');
  });

  test('may be a view into a larger buffer', () => {
    const bytes = writeProbeDump(7, []);
    const larger = Buffer.concat([Buffer.from('xxx'), bytes]);
    expect(parseProbeDump(larger.subarray(3)).tscKhz).toBe(7);
  });
});
