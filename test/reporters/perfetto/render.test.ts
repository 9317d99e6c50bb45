import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PerfettoInput, Slice } from '../../../src/reporters/perfetto/input.js';
import { renderPerfetto } from '../../../src/reporters/perfetto/render.js';
import { asTraceNs } from '../../../src/traces/time.js';
import { readTrace } from './read-trace.js';
import { fieldsOf, messagesOf, numberOf, textOf } from './wire-format.js';

function slice(begin: bigint, end: bigint, more: Partial<Slice> = {}): Slice {
  const times = { begin: asTraceNs(begin), end: asTraceNs(end) };
  return { name: 'step', category: 'guest', details: {}, ...times, ...more };
}

function input(slices: readonly Slice[]): PerfettoInput {
  const tracks = [{ name: 'server', slices }];
  return { name: 'run', description: 'a run', groups: [{ name: 'RT', description: '', tracks }] };
}

/** Times as in a run, and so few that many slices begin, end or both at the same moment. */
const slices = fc
  .array(fc.tuple(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 20n })))
  .map((all) =>
    all.map(([begin, length], index) => {
      const from = 37_000_000_000n + begin;
      return slice(from, from + length, { name: `${index}`, details: { index } });
    }),
  );

describe('renderPerfetto', () => {
  test('keeps each slice with its times, however slices overlap', () => {
    fc.assert(
      fc.property(slices, (all) => {
        const read = readTrace(renderPerfetto(input(all)));
        const byIndex = read.toSorted((a, b) => Number(a.name) - Number(b.name));
        expect(byIndex).toEqual(
          all.map(({ begin, end, name, category, details }) => ({
            ...{ begin, end, name, category, details },
            ...{ track: 'run > RT > server', uuid: expect.any(BigInt), flows: [] },
          })),
        );
        for (const [index, one] of read.entries()) {
          const before = read.slice(0, index).findLast(({ uuid }) => uuid === one.uuid);
          expect(before === undefined || before.end <= one.begin).toBe(true);
        }
      }),
    );
  });

  test('has the field numbers of Perfetto, read without the schema', () => {
    const details = { thread: 'RT vCPU', cpu: 1, us: 0.5, below: -1 };
    const one = slice(37_000_000_000n, 37_000_000_100n, { flow: 2n ** 40n, details });
    const packets = messagesOf(fieldsOf(renderPerfetto(input([one]))), 1);
    const tracks = packets.flatMap((packet) => messagesOf(packet, 60));
    expect(tracks.map((track) => [1, 5, 12, 11].map((field) => numberOf(track, field)))).toEqual([
      [1n, undefined, undefined, 3n],
      [2n, 1n, 0n, 3n],
      [3n, 2n, 0n, undefined],
    ]);
    expect(tracks.map((track) => textOf(track, 2))).toEqual(['run', 'RT', 'server']);
    expect(tracks.map((track) => textOf(track, 14))).toEqual(['a run', '', undefined]);

    const [begin, end] = packets.slice(3);
    expect([begin, end].map((packet) => packet && numberOf(packet, 8))).toEqual([
      one.begin,
      one.end,
    ]);
    expect([begin, end].map((packet) => packet && numberOf(packet, 10))).toEqual([1n, 1n]);
    const [begun] = begin ? messagesOf(begin, 11) : [];
    const [ended] = end ? messagesOf(end, 11) : [];
    if (begun === undefined || ended === undefined) throw new Error('no track events');
    expect([9, 11, 47].map((field) => numberOf(begun, field))).toEqual([1n, 3n, 2n ** 40n]);
    expect([22, 23].map((field) => textOf(begun, field))).toEqual(['guest', 'step']);
    expect([...ended].toSorted()).toEqual([
      [11, [3n]],
      [9, [2n]],
    ]);
    const annotations = messagesOf(begun, 4);
    expect(annotations.map((one) => textOf(one, 10))).toEqual(['thread', 'cpu', 'us', 'below']);
    const [thread, cpu, us, below] = annotations;
    expect(thread && textOf(thread, 6)).toBe('RT vCPU');
    expect(cpu && numberOf(cpu, 4)).toBe(1n);
    expect(below && BigInt.asIntN(64, numberOf(below, 4) ?? 0n)).toBe(-1n);
    const double = Buffer.alloc(8);
    double.writeBigUInt64LE((us && numberOf(us, 5)) ?? 0n);
    expect(double.readDoubleLE()).toBe(0.5);
  });

  test('refuses a slice that ends before it begins', () => {
    expect(() => renderPerfetto(input([slice(2n, 1n)]))).toThrow('step ends before it begins');
  });

  test('declares a track that has no slices', () => {
    const packets = messagesOf(fieldsOf(renderPerfetto(input([]))), 1);
    expect(packets.flatMap((packet) => messagesOf(packet, 60))).toHaveLength(3);
  });
});
