import { expect, test } from 'vitest';
import { clockOf, clockSchema, icountShift } from '../../src/plan/clock.js';

test('instructions are shared among all CPUs, the one outside too', () => {
  expect(icountShift).toBe(1);
  expect(clockOf('instructions', 2)).toEqual({ kind: 'instructions', nsPerInstruction: 6 });
});

test.each([
  ['wall', 'wall-emulated'],
  ['kvm', 'nested'],
] as const)('%s counts no instructions', (mode, kind) => {
  const clock = clockOf(mode, 2);
  expect(clock).toEqual({ kind, nsPerInstruction: null });
  expect(clockSchema.parse(clock)).toEqual(clock);
});
