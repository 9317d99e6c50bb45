import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  addTestbedOptions,
  type TestbedFlags,
  testbedOptions,
} from '../../src/commands/testbed-options.js';
import { defaultOptions, paperRequests } from '../../src/plan/conditions.js';

function parse(
  args: readonly string[],
  ...[defaults, without]: [defaults?: Partial<TestbedFlags>, without?: (keyof TestbedFlags)[]]
) {
  const command = addTestbedOptions(new Command(), defaults, without)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return testbedOptions(command.parse(args, { from: 'user' }).opts<Partial<TestbedFlags>>());
}

describe('the options of a testbed', () => {
  test('are by default those of a comparison', () => {
    expect(parse([])).toEqual(defaultOptions);
  });

  test('can have other defaults for a command', () => {
    const { size, guestMemoryMiB, clock } = parse(['--guest-memory', '300'], {
      heavyVms: 0,
      guestMemory: 512,
      clock: 'wall',
    });
    expect({ size, guestMemoryMiB, clock }).toEqual({
      size: { ...defaultOptions.size, heavyVms: 0 },
      guestMemoryMiB: 300,
      clock: 'wall',
    });
  });

  test('that a command is without are those of a comparison and cannot be given', () => {
    expect(parse([], {}, ['rtVms', 'requests'])).toEqual(defaultOptions);
    expect(() => parse(['--rt-vms', '2'], {}, ['rtVms'])).toThrow("unknown option '--rt-vms'");
  });

  test("ask for the paper's number of requests or for another one, not for both", () => {
    expect(parse(['--paper']).load.requests).toBe(paperRequests(defaultOptions.load));
    expect(parse(['--requests', '7']).load.requests).toBe(7);
    expect(() => parse(['--paper', '--requests', '7'])).toThrow('cannot be used with');
  });

  test('have one clock: that of KVM is the wall clock of real CPUs', () => {
    expect(parse(['--accel', 'kvm']).clock).toBe('kvm');
    expect(parse(['--clock', 'wall']).clock).toBe('wall');
  });

  test("have the guests' kernel follow the host's, unless it is given or that is slow", () => {
    expect(parse(['--kernels', 'stable'])).toMatchObject({
      kernels: 'stable',
      guestKernel: 'stable',
    });
    expect(parse(['--kernels', 'debug'])).toMatchObject({
      kernels: 'debug',
      guestKernel: 'backports',
    });
    expect(parse(['--kernels', 'stable', '--guest-kernel', 'oldstable'])).toMatchObject({
      kernels: 'stable',
      guestKernel: 'oldstable',
    });
    expect(() => parse(['--kernels', 'oldstable'])).toThrow('Allowed choices are stable');
  });

  test('are checked', () => {
    expect(() => parse(['--rt-vms', '0'])).toThrow('--rt-vms: expected a whole number from 1');
  });
});
