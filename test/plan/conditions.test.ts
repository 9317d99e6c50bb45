import { describe, expect, test } from 'vitest';
import {
  type Conditions,
  checkConditions,
  conditionsSchema,
  defaultConditions,
  defaultGuestKernel,
} from '../../src/plan/conditions.js';
import { EvenkeelError } from '../../src/process/errors.js';

/** Every single option can be at any of its bounds without another being in its way. */
const roomy: Conditions = {
  ...defaultConditions,
  heavyVms: 0,
  hostMemoryMiB: 65_536,
  guestMemoryMiB: 96,
};

describe('checkConditions', () => {
  test('has nothing against the defaults', () => {
    expect(() => checkConditions(defaultConditions)).not.toThrow();
  });

  test.each<[string, number, number, (value: number) => Conditions]>([
    ['--host-cpus', 1, 16, (hostCpus) => ({ ...roomy, hostCpus })],
    ['--rt-vms', 1, 200, (rtVms) => ({ ...roomy, rtVms })],
    ['--heavy-vms', 0, 8, (heavyVms) => ({ ...roomy, heavyVms })],
    ['--host-memory', 844, 65_536, (hostMemoryMiB) => ({ ...roomy, hostMemoryMiB })],
    ['--guest-memory', 96, 4096, (guestMemoryMiB) => ({ ...roomy, guestMemoryMiB })],
  ])('%s is from %i to %i', (option, min, max, conditionsWith) => {
    for (const value of [min, max])
      expect(() => checkConditions(conditionsWith(value))).not.toThrow();
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN]) {
      expect(() => checkConditions(conditionsWith(value))).toThrow(EvenkeelError);
      expect(() => checkConditions(conditionsWith(value))).toThrow(
        `${option}: expected a whole number from ${min} to ${max}, got ${value}`,
      );
    }
  });

  test('the memory that it says to give is just enough', () => {
    const tooSmall = {
      ...roomy,
      rtVms: 20,
      heavyVms: 1,
      hostMemoryMiB: 1024,
      guestMemoryMiB: 200,
    };
    let failure: unknown;
    try {
      checkConditions(tooSmall);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(EvenkeelError);
    const { message, hints } = failure as EvenkeelError;
    expect(message).toContain('21 VMs of 200 MiB');
    const needed = Number(/--host-memory (\d+)/.exec(hints.join(' '))?.[1]);
    expect(needed).toBeGreaterThan(21 * 200);
    expect(() => checkConditions({ ...tooSmall, hostMemoryMiB: needed })).not.toThrow();
    expect(() => checkConditions({ ...tooSmall, hostMemoryMiB: needed - 1 })).toThrow(
      EvenkeelError,
    );
  });

  test('is not needed for VMs whose servers run on the host', () => {
    const many = { ...roomy, rtVms: 100, guestMemoryMiB: 4096, hostMemoryMiB: 8192 };
    expect(() => checkConditions({ ...many, rtServer: 'host' })).not.toThrow();
    expect(() => checkConditions({ ...many, rtServer: 'vm' })).toThrow('100 VMs of 4096 MiB');
  });

  test('does not advise a memory that it would refuse', () => {
    const tooLarge = { ...roomy, rtVms: 200, guestMemoryMiB: 4096 };
    expect(() => checkConditions(tooLarge)).toThrow(
      expect.objectContaining({ hints: ['Run fewer VMs, or give them less with --guest-memory.'] }),
    );
  });
});

describe('the schema of conditions', () => {
  test('takes the defaults, and no part that is unknown or missing', () => {
    expect(conditionsSchema.parse(defaultConditions)).toEqual(defaultConditions);
    expect(conditionsSchema.safeParse({ ...defaultConditions, more: 1 }).success).toBe(false);
    for (const name of Object.keys(defaultConditions)) {
      const { [name as keyof typeof defaultConditions]: _left, ...others } = defaultConditions;
      expect(conditionsSchema.safeParse(others).success).toBe(false);
    }
  });
});

test("guests have the host's kernel, unless its checks would only slow them", () => {
  expect(defaultGuestKernel('stable')).toBe('stable');
  expect(defaultGuestKernel('backports')).toBe('backports');
  expect(defaultGuestKernel('debug')).toBe('backports');
});
