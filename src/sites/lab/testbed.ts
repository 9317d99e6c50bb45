import { readFile } from 'node:fs/promises';
import type { Method } from '../../methods/method.js';
import { kernelId, type TestbedOptions } from '../../plan/conditions.js';
import { evenkeelVersion } from '../../process/version.js';
import type { Environment } from '../../results/schema.js';
import type { BootImage } from './images/boot.js';
import type { LabBuilder, LabImages } from './images/build-lab.js';
import type { KernelImage } from './images/kernel.js';
import { findKvm, requireNestedKvm } from './kvm.js';

/** The emulated host, built and ready to start with any of the methods' kernels. */
export interface Testbed {
  readonly options: TestbedOptions;
  readonly images: LabImages;
  readonly boots: ReadonlyMap<Method['kernel'], HostBoot>;
  readonly guestKernel: KernelImage;
  /** Path of the emulator's plugin with the model of the caches, if it was asked for. */
  readonly cachePlugin?: string;
}

/** One of the host's two kernels with all that boots with it. */
export interface HostBoot {
  readonly kernel: KernelImage;
  readonly image: BootImage;
}

/** Builds whatever the cache lacks of the testbed that these methods, or a model of the caches, need. */
export async function prepareTestbed(
  builder: LabBuilder,
  options: TestbedOptions,
  methods: readonly Method[],
  { cacheModel = false } = {},
): Promise<Testbed> {
  if (options.clock === 'kvm') requireNestedKvm(await findKvm());
  const flavours = [...new Set(methods.map(({ kernel }) => kernel))];
  const kernels = [
    options.guestKernel,
    ...flavours.map((flavour) => kernelId(options.kernels, flavour)),
  ];
  const images = await builder.buildLab({ kernels });
  const guestKernel = images.kernels.get(options.guestKernel) as KernelImage;
  const kvmModule = options.clock === 'kvm' ? await kvmModuleOfThisCpu() : 'kvm_amd';

  const boots = new Map<Method['kernel'], HostBoot>();
  for (const flavour of flavours) {
    const kernel = images.kernels.get(kernelId(options.kernels, flavour)) as KernelImage;
    const image = await builder.buildBootImage({ images, kernel, guestKernel, kvmModule });
    boots.set(flavour, { kernel, image });
  }
  if (!cacheModel) return { options, images, boots, guestKernel };
  const cachePlugin = await builder.buildCacheModel(images.emulator);
  return { options, images, boots, guestKernel, cachePlugin };
}

/** TCG emulates AMD's virtualization; with KVM the host has the real CPU's. */
async function kvmModuleOfThisCpu(): Promise<'kvm_amd' | 'kvm_intel'> {
  return (await readFile('/proc/cpuinfo', 'utf8')).includes('GenuineIntel')
    ? 'kvm_intel'
    : 'kvm_amd';
}

/** What a run of `method` takes place in, for its result. */
export function environmentOf(testbed: Testbed, { kernel: flavour }: Method): Environment {
  const { options, images, guestKernel } = testbed;
  const boot = bootOf(testbed, flavour);
  const hostQemu = images.hostRoot.packages['qemu-system-x86'];
  if (hostQemu === undefined) throw new Error('the host root has no package qemu-system-x86');
  return {
    evenkeel: evenkeelVersion,
    ...options.size,
    rtServer: options.rtServer,
    kernels: options.kernels,
    guestKernel: options.guestKernel,
    hostMemoryMiB: options.hostMemoryMiB,
    guestMemoryMiB: options.guestMemoryMiB,
    versions: {
      emulator: images.emulator.version,
      'host QEMU': hostQemu,
      'guest kernel': guestKernel.version,
      [`${flavour} host kernel`]: boot.kernel.version,
    },
    hashes: {
      emulator: images.emulator.sha256,
      'host root': images.hostRoot.sha256,
      'guest kernel': guestKernel.sha256,
      [`${flavour} host kernel`]: boot.kernel.sha256,
      [`${flavour} host initramfs`]: boot.image.sha256,
    },
  };
}

/** What the host boots with the kernel of that flavour, which the testbed has to be built for. */
export function bootOf(testbed: Testbed, flavour: Method['kernel']): HostBoot {
  const boot = testbed.boots.get(flavour);
  if (boot === undefined) throw new Error(`the testbed was not built for the ${flavour} kernel`);
  return boot;
}

/** The plugin with the model of the caches, which the testbed has to be built with. */
export function cachePluginOf({ cachePlugin }: Testbed): string {
  if (cachePlugin === undefined) throw new Error('the testbed was built without the cache model');
  return cachePlugin;
}
