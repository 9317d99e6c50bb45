import { describe, expect, test } from 'vitest';
import {
  defaultConditions,
  defaultGuestKernel,
  guestKernelSeries,
  kernelSeries,
} from '../../../src/plan/conditions.js';
import type { LabBuilder } from '../../../src/sites/lab/images/build-lab.js';
import {
  debianKernelIds,
  debugKernels,
  isDebugKernel,
  type KernelId,
} from '../../../src/sites/lab/images/kernel.js';
import { bootOf, cachePluginOf, prepareTestbed } from '../../../src/sites/lab/testbed.js';

const both = [{ kernel: 'rt' }, { kernel: 'non-rt' }, { kernel: 'rt' }] as const;

/** A builder whose images are their names; it notes which kernels it was asked for. */
function fakeBuilder() {
  const asked: KernelId[][] = [];
  const builder = {
    buildLab: async ({ kernels }: { kernels: KernelId[] }) => {
      asked.push(kernels);
      return { kernels: new Map(kernels.map((id) => [id, { id }])), emulator: 'emulator' };
    },
    buildBootImage: async ({ kernel }: { kernel: { id: KernelId } }) => ({ image: kernel.id }),
    buildCacheModel: async () => ({ path: '/cache-model.so' }),
  };
  return { asked, builder: builder as unknown as LabBuilder };
}

/** The host's kernels of a series. */
async function kernelsOf(kernels: (typeof kernelSeries)[number]): Promise<KernelId[]> {
  const { builder, asked } = fakeBuilder();
  await prepareTestbed(builder, { ...defaultConditions, kernels }, both);
  return (asked[0] ?? []).slice(1);
}

test('each series has both kernels, and guests may have an older one', async () => {
  const ids = [];
  for (const series of kernelSeries) ids.push(...(await kernelsOf(series)));
  expect(ids).toEqual(['stable-rt', 'stable', 'backports-rt', 'backports', 'debug-rt', 'debug']);
  const kernelIds = [...debianKernelIds, ...Object.keys(debugKernels)];
  expect([...ids, 'oldstable'].sort()).toEqual(kernelIds.sort());
  for (const id of guestKernelSeries) expect(kernelIds).toContain(id);
});

test('the debug series is made from the backports, which its guests have', async () => {
  const backports = await kernelsOf('backports');
  for (const [index, id] of (await kernelsOf('debug')).entries()) {
    expect(isDebugKernel(id) && debugKernels[id]).toBe(backports[index]);
  }
  expect(debianKernelIds.some(isDebugKernel)).toBe(false);
  expect(defaultGuestKernel('debug')).toBe('backports');
});

describe('a testbed', () => {
  test('boots with each kernel that the methods have, once, and with the guests’ own', async () => {
    const { builder, asked } = fakeBuilder();
    const conditions = { ...defaultConditions, guestKernel: 'oldstable' } as const;
    const testbed = await prepareTestbed(builder, conditions, both);
    expect(asked).toEqual([['oldstable', 'backports-rt', 'backports']]);
    expect(testbed.guestKernel.id).toBe('oldstable');
    expect(bootOf(testbed, 'rt')).toEqual({
      kernel: { id: 'backports-rt' },
      image: { image: 'backports-rt' },
    });
    const one = await prepareTestbed(builder, conditions, [{ kernel: 'rt' }]);
    expect(() => bootOf(one, 'non-rt')).toThrow('was not built for the non-rt kernel');
  });

  test('has the model of the caches only if it is asked for', async () => {
    const { builder } = fakeBuilder();
    const without = await prepareTestbed(builder, defaultConditions, both);
    expect(() => cachePluginOf(without)).toThrow('built without the cache model');
    const testbed = await prepareTestbed(builder, defaultConditions, both, { cacheModel: true });
    expect(cachePluginOf(testbed).path).toBe('/cache-model.so');
  });
});
