import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  addTestbedOptions,
  conditionsOf,
  type TestbedFlags,
  workloadOf,
} from '../../src/commands/testbed-options.js';
import { type Conditions, defaultConditions } from '../../src/plan/conditions.js';
import { defaultWorkload } from '../../src/workloads/registry.js';

type Given = [
  args: readonly string[],
  defaults?: Partial<TestbedFlags>,
  without?: (keyof TestbedFlags)[],
];

function flagsOf(...[args, defaults, without]: Given): Partial<TestbedFlags> {
  return addTestbedOptions(new Command(), defaults, without)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parse(args, { from: 'user' })
    .opts<Partial<TestbedFlags>>();
}

function parse(...given: Given): Conditions {
  return conditionsOf(flagsOf(...given));
}

function requestsOf(...args: readonly string[]): unknown {
  const { requests } = workloadOf(flagsOf(args));
  return requests;
}

describe('the options of a testbed', () => {
  test('are by default those of a comparison', () => {
    expect(parse([])).toEqual(defaultConditions);
    expect(workloadOf(flagsOf([]))).toEqual(defaultWorkload);
  });

  test('can have other defaults for a command', () => {
    const defaults = { heavyVms: 0, guestMemory: 512, clock: 'wall' } as const;
    expect(parse(['--guest-memory', '300'], defaults)).toEqual({
      ...defaultConditions,
      heavyVms: 0,
      guestMemoryMiB: 300,
      clock: 'wall',
    });
  });

  test('that a command is without are those of a comparison and cannot be given', () => {
    const flags = flagsOf([], {}, ['rtVms', 'requests']);
    expect(conditionsOf(flags)).toEqual(defaultConditions);
    expect(workloadOf(flags)).toEqual(defaultWorkload);
    expect(() => parse(['--rt-vms', '2'], {}, ['rtVms'])).toThrow("unknown option '--rt-vms'");
  });

  test("ask for the paper's number of requests or for another one, not for both", () => {
    expect(requestsOf('--paper')).toBe(5455);
    expect(requestsOf('--requests', '7')).toBe(7);
    expect(() => requestsOf('--paper', '--requests', '7')).toThrow('cannot be used with');
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
    for (const requests of ['0', '1000001']) {
      expect(() => requestsOf('--requests', requests)).toThrow(
        `--requests: expected a whole number from 1 to 1000000, got ${requests}`,
      );
    }
    for (const requests of ['1', '1000000']) {
      expect(requestsOf('--requests', requests)).toBe(Number(requests));
    }
  });
});
