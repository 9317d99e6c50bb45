import { expect, test } from 'vitest';
import { requireNestedKvm } from '../../../src/sites/lab/kvm.js';

test('nested KVM is enough', () => {
  expect(() => requireNestedKvm('nested')).not.toThrow();
});

test.each(['none', 'no access', 'not nested'] as const)('%s: says what to do', (support) => {
  let hints: unknown;
  try {
    requireNestedKvm(support);
  } catch (error) {
    ({ hints } = error as { hints: unknown });
  }
  expect(hints).toEqual([expect.stringMatching(/\w/), expect.stringContaining('--accel')]);
});
