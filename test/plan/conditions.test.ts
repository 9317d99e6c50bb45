import { describe, expect, test } from 'vitest';
import {
  checkOptions,
  defaultGuestKernel,
  defaultOptions,
  guestKernelSeries,
  icountShift,
  kernelId,
  kernelSeries,
  paperRequests,
  resultClock,
  type TestbedOptions,
} from '../../src/plan/conditions.js';
import { EvenkeelError } from '../../src/process/errors.js';
import { debianKernelIds, debugKernels, isDebugKernel } from '../../src/sites/lab/images/kernel.js';

/** Every single option can be at any of its bounds without another being in its way. */
const roomy: TestbedOptions = {
  ...defaultOptions,
  size: { ...defaultOptions.size, heavyVms: 0 },
  hostMemoryMiB: 65_536,
  guestMemoryMiB: 96,
};

function withSize(change: Partial<TestbedOptions['size']>): TestbedOptions {
  return { ...roomy, size: { ...roomy.size, ...change } };
}

function withRequests(requests: number): TestbedOptions {
  return { ...roomy, load: { ...roomy.load, requests } };
}

describe('checkOptions', () => {
  test('has nothing against the defaults', () => {
    expect(() => checkOptions(defaultOptions)).not.toThrow();
  });

  test.each<[string, number, number, (value: number) => TestbedOptions]>([
    ['--host-cpus', 1, 16, (hostCpus) => withSize({ hostCpus })],
    ['--rt-vms', 1, 200, (rtVms) => withSize({ rtVms })],
    ['--heavy-vms', 0, 8, (heavyVms) => withSize({ heavyVms })],
    ['--host-memory', 844, 65_536, (hostMemoryMiB) => ({ ...roomy, hostMemoryMiB })],
    ['--guest-memory', 96, 4096, (guestMemoryMiB) => ({ ...roomy, guestMemoryMiB })],
    ['--requests', 1, 1_000_000, withRequests],
  ])('%s is from %i to %i', (option, min, max, optionsWith) => {
    for (const value of [min, max]) expect(() => checkOptions(optionsWith(value))).not.toThrow();
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN]) {
      expect(() => checkOptions(optionsWith(value))).toThrow(EvenkeelError);
      expect(() => checkOptions(optionsWith(value))).toThrow(
        `${option}: expected a whole number from ${min} to ${max}, got ${value}`,
      );
    }
  });

  test('the memory that it says to give is just enough', () => {
    const tooSmall = {
      ...withSize({ rtVms: 20, heavyVms: 1 }),
      hostMemoryMiB: 1024,
      guestMemoryMiB: 200,
    };
    let failure: unknown;
    try {
      checkOptions(tooSmall);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(EvenkeelError);
    const { message, hints } = failure as EvenkeelError;
    expect(message).toContain('21 VMs of 200 MiB');
    const needed = Number(/--host-memory (\d+)/.exec(hints.join(' '))?.[1]);
    expect(needed).toBeGreaterThan(21 * 200);
    expect(() => checkOptions({ ...tooSmall, hostMemoryMiB: needed })).not.toThrow();
    expect(() => checkOptions({ ...tooSmall, hostMemoryMiB: needed - 1 })).toThrow(EvenkeelError);
  });

  test('is not needed for VMs whose servers run on the host', () => {
    const size = { ...withSize({ rtVms: 100 }), guestMemoryMiB: 4096, hostMemoryMiB: 8192 };
    expect(() => checkOptions({ ...size, rtServer: 'host' })).not.toThrow();
    expect(() => checkOptions({ ...size, rtServer: 'vm' })).toThrow('100 VMs of 4096 MiB');
  });

  test('does not advise a memory that it would refuse', () => {
    const tooLarge = { ...withSize({ rtVms: 200 }), guestMemoryMiB: 4096 };
    expect(() => checkOptions(tooLarge)).toThrow(
      expect.objectContaining({ hints: ['Run fewer VMs, or give them less with --guest-memory.'] }),
    );
  });
});

describe('requests', () => {
  test("take the paper's 30 s on average", () => {
    const load = { ...defaultOptions.load, minIntervalUs: 1000, maxIntervalUs: 10_000 };
    expect(paperRequests(load)).toBe(5455);
    expect(paperRequests({ ...load, maxIntervalUs: 1000 })).toBe(30_000);
  });

  test('are by default enough for ten samples above the 99th percentile', () => {
    expect(defaultOptions.load.requests * 0.01).toBeGreaterThanOrEqual(10);
  });
});

describe('resultClock', () => {
  const size = { hostCpus: 2, rtVms: 1, heavyVms: 1 };

  test('shares the instructions among all CPUs', () => {
    expect(icountShift).toBe(1);
    expect(resultClock('instructions', size)).toEqual({
      kind: 'instructions',
      nsPerInstruction: 6,
    });
  });

  test.each([
    ['wall', 'wall-emulated'],
    ['kvm', 'hardware'],
  ] as const)('%s counts no instructions', (mode, kind) => {
    expect(resultClock(mode, size)).toEqual({ kind, nsPerInstruction: null });
  });
});

test('each series has both kernels, and guests may have an older one', () => {
  const ids = kernelSeries.flatMap((series) => [
    kernelId(series, 'rt'),
    kernelId(series, 'non-rt'),
  ]);
  expect(ids).toEqual(['stable-rt', 'stable', 'backports-rt', 'backports', 'debug-rt', 'debug']);
  const kernelIds = [...debianKernelIds, ...Object.keys(debugKernels)];
  expect([...ids, 'oldstable'].sort()).toEqual(kernelIds.sort());
  for (const id of guestKernelSeries) expect(kernelIds).toContain(id);
});

test('the debug series is made from the backports, which its guests have', () => {
  for (const flavour of ['rt', 'non-rt'] as const) {
    const id = kernelId('debug', flavour);
    expect(isDebugKernel(id) && debugKernels[id]).toBe(kernelId('backports', flavour));
  }
  expect(debianKernelIds.some(isDebugKernel)).toBe(false);
  expect(defaultGuestKernel('debug')).toBe('backports');
});
