import { readFile } from 'node:fs/promises';
import { type Conditions, guestKernelSeries, kernelSeries } from '../../plan/conditions.js';
import type { RunSpec } from '../../plan/run-spec.js';
import { EvenkeelError } from '../../process/errors.js';
import type { BootImage } from './images/boot.js';
import type { LabBuilder, LabImages } from './images/build-lab.js';
import type { CachePlugin } from './images/cache-model.js';
import type { KernelId, KernelImage } from './images/kernel.js';
import { findKvm, requireNestedKvm } from './kvm.js';

export type KernelFlavour = RunSpec['method']['kernel'];

/** The emulated host, built and ready to start with any of the methods' kernels. */
export interface Testbed {
  readonly conditions: Conditions;
  readonly images: LabImages;
  readonly boots: ReadonlyMap<KernelFlavour, HostBoot>;
  readonly guestKernel: KernelImage;
  /** The emulator's plugin with the model of the caches, if it was asked for. */
  readonly cachePlugin?: CachePlugin;
}

/** One of the host's two kernels with all that boots with it. */
export interface HostBoot {
  readonly kernel: KernelImage;
  readonly image: BootImage;
}

/**
 * Builds whatever the cache lacks of the testbed that methods with these kernels, or a model of the caches,
 * need.
 */
export async function prepareTestbed(
  builder: LabBuilder,
  conditions: Conditions,
  methods: readonly { readonly kernel: KernelFlavour }[],
  { cacheModel = false } = {},
): Promise<Testbed> {
  if (conditions.clock === 'kvm') requireNestedKvm(await findKvm());
  const flavours = [...new Set(methods.map(({ kernel }) => kernel))];
  const guestId = requireSeries(conditions.guestKernel, guestKernelSeries);
  const kernels: KernelId[] = [
    guestId,
    ...flavours.map((flavour) => kernelId(conditions.kernels, flavour)),
  ];
  const images = await builder.buildLab({ kernels });
  const guestKernel = images.kernels.get(guestId) as KernelImage;
  const kvmModule = conditions.clock === 'kvm' ? await kvmModuleOfThisCpu() : 'kvm_amd';

  const boots = new Map<KernelFlavour, HostBoot>();
  for (const flavour of flavours) {
    const kernel = images.kernels.get(kernelId(conditions.kernels, flavour)) as KernelImage;
    const image = await builder.buildBootImage({ images, kernel, guestKernel, kvmModule });
    boots.set(flavour, { kernel, image });
  }
  if (!cacheModel) return { conditions, images, boots, guestKernel };
  const cachePlugin = await builder.buildCacheModel(images.emulator);
  return { conditions, images, boots, guestKernel, cachePlugin };
}

/** The kernel of that flavour in a series. @throws EvenkeelError if the lab has no such series */
function kernelId(series: string, flavour: KernelFlavour): KernelId {
  const known = requireSeries(series, kernelSeries);
  return flavour === 'rt' ? `${known}-rt` : known;
}

function requireSeries<Series extends string>(name: string, known: readonly Series[]): Series {
  const series = known.find((one) => one === name);
  if (series !== undefined) return series;
  throw new EvenkeelError(`the lab has no kernels "${name}"`, {
    hints: [`It has ${known.join(', ')}.`],
  });
}

/** TCG emulates AMD's virtualization; with KVM the host has the real CPU's. */
async function kvmModuleOfThisCpu(): Promise<'kvm_amd' | 'kvm_intel'> {
  return (await readFile('/proc/cpuinfo', 'utf8')).includes('GenuineIntel')
    ? 'kvm_intel'
    : 'kvm_amd';
}

/** What the host boots with the kernel of that flavour, which the testbed has to be built for. */
export function bootOf(testbed: Testbed, flavour: KernelFlavour): HostBoot {
  const boot = testbed.boots.get(flavour);
  if (boot === undefined) throw new Error(`the testbed was not built for the ${flavour} kernel`);
  return boot;
}

/** The plugin with the model of the caches, which the testbed has to be built with. */
export function cachePluginOf({ cachePlugin }: Testbed): CachePlugin {
  if (cachePlugin === undefined) throw new Error('the testbed was built without the cache model');
  return cachePlugin;
}
