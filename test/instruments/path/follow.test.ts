import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainOf, isOfInterrupt, type Mark } from '../../../src/instruments/path/chain.js';
import { firstAt, follow } from '../../../src/instruments/path/follow.js';
import { pathKinds, pointsOf } from '../../../src/instruments/path/points.js';
import type { PathEvent } from '../../../src/instruments/path/timeline.js';
import { asHostTicks } from '../../../src/traces/time.js';

function event(ticks: number, point: string, more: Partial<PathEvent> = {}): PathEvent {
  return {
    ...{ ticks: asHostTicks(BigInt(ticks)), point, value: 0, kernel: 'host', cpu: 0, pid: 0 },
    ...{ current: undefined, thread: undefined, ...more },
  };
}

function ticksOf(marks: readonly PathEvent[]): bigint[] {
  return marks.map(({ ticks }) => ticks);
}

const exit: Mark = { point: 'VM exit', last: true, step: '', segment: 'guest' };
const chain: Mark[] = [
  { point: 'interrupt', step: '', segment: 'host receive' },
  { point: 'driver receives', records: 'request', step: '', segment: 'host receive' },
  exit,
  { point: 'waking', records: 'RT vNIC', current: 'RT vCPU', step: '', segment: 'host send' },
];
const passage = { sequence: 5, begin: asHostTicks(100n), end: asHostTicks(200n) };

const complete = [
  event(90, 'interrupt'),
  event(110, 'interrupt'),
  event(120, 'driver receives', { value: 4 }),
  event(121, 'driver receives', { value: 5 }),
  event(130, 'VM exit'),
  event(140, 'VM exit'),
  event(150, 'waking', { thread: 'RT vNIC', current: 'RT interrupt thread' }),
  event(155, 'waking', { thread: 'RT vCPU', current: 'RT vCPU' }),
  event(160, 'waking', { thread: 'RT vNIC', current: 'RT vCPU' }),
  event(170, 'VM exit'),
];

describe('a request is followed', () => {
  test('by the first record of each mark, or the last one before the next', () => {
    const followed = follow(chain, complete, passage);
    expect('marks' in followed && ticksOf(followed.marks)).toEqual([110n, 121n, 140n, 160n]);
  });

  test.each([
    ['interrupt', (one: PathEvent) => one.point !== 'interrupt'],
    ['driver receives', (one: PathEvent) => one.value !== 5],
    ['VM exit', (one: PathEvent) => one.point !== 'VM exit' || one.ticks > 160n],
    ['waking', (one: PathEvent) => one.ticks !== 160n],
  ])('up to the mark that is missing: %s', (missing, kept) => {
    expect(follow(chain, complete.filter(kept), passage)).toEqual({ missing });
  });

  test('and not beyond its response', () => {
    expect(follow(chain, complete, { ...passage, end: asHostTicks(159n) })).toEqual({
      missing: 'waking',
    });
  });

  test('at marks that never go back in time', () => {
    const some = fc.record({
      ticks: fc.integer({ min: 0, max: 300 }),
      point: fc.constantFrom('interrupt', 'driver receives', 'VM exit', 'waking'),
    });
    fc.assert(
      fc.property(fc.array(some), (records) => {
        const events = records
          .toSorted((a, b) => a.ticks - b.ticks)
          .map(({ ticks, point }) =>
            event(ticks, point, { value: 5, thread: 'RT vNIC', current: 'RT vCPU' }),
          );
        const result = follow(chain, events, passage);
        if ('missing' in result) return;
        const marks = [passage.begin, ...ticksOf(result.marks), passage.end];
        expect(marks).toEqual(marks.toSorted((a, b) => Number(a - b)));
      }),
    );
  });
});

test('the first event that is not before a moment', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 })),
      fc.integer({ min: 0, max: 50 }),
      (all, at) => {
        const events = all.toSorted((a, b) => a - b).map((ticks) => event(ticks, 'interrupt'));
        expect(firstAt(events, asHostTicks(BigInt(at)))).toBe(
          events.filter((one) => one.ticks < at).length,
        );
      },
    ),
  );
});

describe.each(pathKinds)('the chain of %s', (path) => {
  test.each([true, false])('has points that the path has, threaded interrupts: %s', (threaded) => {
    const names = pointsOf(path).map(({ name }) => name);
    for (const { point } of chainOf(path, threaded)) expect(names).toContain(point);
  });

  test.each([true, false])('has what is of the interrupt first, threaded: %s', (threaded) => {
    const marks = chainOf(path, threaded).map(isOfInterrupt);
    expect(marks.lastIndexOf(true)).toBe(threaded ? 1 : 0);
    expect(marks.indexOf(false)).toBe(threaded ? 2 : 1);
  });

  test('ends a mark that is the last of its kind by one that is not', () => {
    const marks = chainOf(path, true);
    for (const [index, { last }] of marks.entries()) {
      if (last) expect(marks[index + 1]).toMatchObject({ point: expect.any(String) });
      if (last) expect(marks[index + 1]?.last).toBeUndefined();
    }
  });
});
