import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Heartbeat, type Look, StallDetector } from '../../../src/sites/lab/stall.js';

const limits = { pollMs: 100, stallPolls: 10, idleGuestsS: 60 };
const silent: Look = { writtenBytes: 7, waitedForCpuMs: 0, heartbeats: [] };

/** What the detector says at each look. */
function verdicts(looks: readonly Look[]): (string | undefined)[] {
  const stall = new StallDetector(limits);
  return looks.map((look) => stall.look(look));
}

/** The number of the look at which the machine counts as hung, from 0; -1 if it never does. */
const endOf = (looks: readonly Look[]) =>
  verdicts(looks).findIndex((verdict) => verdict !== undefined);

test('a machine that writes nothing counts as hung after so many looks', () => {
  const looks = Array.from({ length: 20 }, () => silent);
  // The first look sees a change: what was written before.
  expect(endOf(looks)).toBe(11);
  expect(verdicts(looks)[11]).toBe('nothing has moved for 1 s');
});

test('anything that is written counts as a sign of life', () => {
  const looks = Array.from({ length: 100 }, (_, look) => ({
    ...silent,
    writtenBytes: Math.floor(look / 10),
  }));
  expect(endOf(looks)).toBe(-1);
});

test('the time for which it waited for a CPU does not count', () => {
  // It waits for 4 of every 5 looks.
  const looks = Array.from({ length: 100 }, (_, look) => ({
    ...silent,
    waitedForCpuMs: look * 80,
  }));
  expect(endOf(looks)).toBe(51);
});

/** A look each `periodS` of the machine's time; the heartbeat in it is an output, too. */
const beating = (guestCpuNs: readonly number[], periodS = 5): Look[] =>
  guestCpuNs.map((ns, index) => ({
    writtenBytes: index,
    waitedForCpuMs: 0,
    heartbeats: [{ uptimeS: 100 + index * periodS, guestCpuNs: ns }],
  }));

test('a silent command is not ended while its guest runs, be it for a moment now and then', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 50 }),
      (gaps) => {
        const ns = gaps.flatMap((gap, index) => new Array<number>(gap).fill(index));
        expect(endOf(beating(ns))).toBe(-1);
      },
    ),
  );
});

test('guests that do not run at all for a minute count as hung, though the host says that it lives', () => {
  const looks = beating([1, 2, ...new Array<number>(20).fill(3)]);
  expect(endOf(looks)).toBe(2 + 13);
  expect(verdicts(looks)[15]).toBe("no guest has run for 65 s of the machine's time");
});

test('a guest with a thread less has run', () => {
  const ns = [9, ...new Array<number>(10).fill(8), ...new Array<number>(10).fill(3)];
  expect(endOf(beating(ns))).toBe(-1);
});

test('several heartbeats in one look count one by one', () => {
  const heartbeats: Heartbeat[] = [0, 61, 62].map((uptimeS) => ({ uptimeS, guestCpuNs: 5 }));
  expect(verdicts([{ ...silent, heartbeats }])).toEqual([
    "no guest has run for 61 s of the machine's time",
  ]);
});

test('a host that has said that it lives, and then says nothing, counts as hung', () => {
  const looks = [
    ...beating([1, 2, 3]),
    ...new Array<Look>(20).fill({ ...silent, writtenBytes: 2 }),
  ];
  expect(endOf(looks)).toBe(2 + 11);
});
