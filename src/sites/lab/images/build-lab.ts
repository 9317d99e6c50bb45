import { join } from 'node:path';
import { workloadMacros } from '../../../workloads/registry.js';
import { type BootImage, buildBootImage } from './boot.js';
import { type Builder, buildBuilder } from './builder.js';
import { buildCacheModel, type CachePlugin } from './cache-model.js';
import { type BuildContext, type BuildOptions, createBuildContext, together } from './context.js';
import { buildDebugKernel } from './debug-kernel.js';
import { buildEmulator, type EmulatorImage } from './emulator.js';
import type { FilesystemImage } from './filesystem-image.js';
import { buildFirmware } from './firmware.js';
import { buildGuestRoot } from './guest-root.js';
import { buildHostRoot } from './host-root.js';
import {
  buildKernel,
  debugKernels,
  isDebugKernel,
  type KernelId,
  type KernelImage,
} from './kernel.js';
import { buildKernelModules } from './kernel-module.js';
import { kernelFolder, sourceFolderOf } from './lab-folder.js';
import { buildProgram, buildPrograms, type Programs } from './programs.js';

export type { BuildOptions } from './context.js';
export type { KernelId, KernelImage } from './kernel.js';

/** All that the lab boots from. */
export interface LabImages {
  readonly emulator: EmulatorImage;
  readonly hostRoot: FilesystemImage;
  readonly kernels: ReadonlyMap<KernelId, KernelImage>;
  readonly workloads: Programs;
  /** What the host's Debian tree lacks. */
  readonly hostPrograms: Programs;
  /** Path of a static busybox. */
  readonly busybox: string;
}

const labModulesSource = join(kernelFolder, 'lab');

/**
 * The builder of the lab's images. What the cache has is not built again; what a call needs and the
 * cache has not is built, which needs root.
 */
export class LabBuilder {
  readonly #context: BuildContext;
  #builder: Promise<Builder> | undefined;
  readonly #kernels = new Map<KernelId, Promise<KernelImage>>();

  constructor(options: BuildOptions) {
    this.#context = createBuildContext(options);
  }

  /** Builds all that is needed to boot the lab with these kernels. */
  async buildLab({ kernels }: { kernels: readonly KernelId[] }): Promise<LabImages> {
    const context = this.#context;
    const builder = this.#getBuilder();
    const firmware = buildFirmware(context);
    // First of all, because it takes longest: packages are fetched in the order in which they are asked for.
    const emulatorImage = buildEmulator(context, builder, firmware);
    const kernelImages = [...new Set(kernels)].map((id) => this.#getKernel(id));
    const [emulator, host, workloads, hostPrograms] = await together(context, [
      emulatorImage,
      buildHostRoot(context, builder),
      buildPrograms(context, 'the workloads', sourceFolderOf('workloads'), workloadMacros, builder),
      buildPrograms(context, 'the programs of the host', sourceFolderOf('host'), {}, builder),
      firmware,
      builder,
      ...kernelImages,
    ]);
    const built = await Promise.all(kernelImages);
    return {
      emulator,
      hostRoot: host.image,
      workloads,
      hostPrograms,
      kernels: new Map(built.map((kernel) => [kernel.id, kernel])),
      busybox: host.busybox,
    };
  }

  /** Builds a root filesystem for a guest, with these Debian packages besides the base. */
  async buildGuestRoot(packages: readonly string[]): Promise<FilesystemImage> {
    const builder = this.#getBuilder();
    const [image] = await together(this.#context, [
      buildGuestRoot(this.#context, packages, builder),
      builder,
    ]);
    return image;
  }

  /**
   * Compiles the kernel modules of a folder, of all there or of one below it, for a kernel of the lab.
   * @returns path of the folder of the .ko files
   */
  async buildKernelModules(
    sourceDirectory: string,
    kernelId: KernelId,
    folder = '.',
  ): Promise<string> {
    const builder = this.#getBuilder();
    const kernel = this.#getKernel(kernelId);
    const [image] = await together(this.#context, [kernel, builder]);
    return buildKernelModules(this.#context, sourceDirectory, folder, image, builder);
  }

  /** Puts together what the emulated host boots with one of its kernels. */
  async buildBootImage(parts: {
    images: LabImages;
    kernel: KernelImage;
    guestKernel: KernelImage;
    kvmModule: 'kvm_amd' | 'kvm_intel';
  }): Promise<BootImage> {
    const { images, kernel, guestKernel, kvmModule } = parts;
    const [labModules, hostModules, guestModules] = await Promise.all([
      this.buildKernelModules(labModulesSource, kernel.id),
      this.buildKernelModules(kernelFolder, kernel.id),
      this.buildKernelModules(kernelFolder, guestKernel.id),
    ]);
    return buildBootImage(this.#context, {
      hostKernel: kernel,
      guestKernel,
      kvmModule,
      labModules,
      hostModules,
      guestModules,
      workloads: images.workloads,
      hostPrograms: images.hostPrograms,
      busybox: images.busybox,
    });
  }

  /** Compiles the model of the caches, which is a plugin of the emulator. */
  async buildCacheModel(emulator: EmulatorImage): Promise<CachePlugin> {
    const builder = this.#getBuilder();
    const [plugin] = await together(this.#context, [
      buildCacheModel(this.#context, emulator, builder),
      builder,
    ]);
    return plugin;
  }

  /**
   * Compiles all C files of a folder into one static program.
   * @param name what the program is, for people
   * @returns its path
   */
  async buildProgram(name: string, sourceDirectory: string): Promise<string> {
    const builder = this.#getBuilder();
    const [program] = await together(this.#context, [
      buildProgram(this.#context, name, sourceDirectory, builder),
      builder,
    ]);
    return program;
  }

  #getBuilder(): Promise<Builder> {
    this.#builder ??= buildBuilder(this.#context);
    return this.#builder;
  }

  #getKernel(id: KernelId): Promise<KernelImage> {
    const started = this.#kernels.get(id) ?? this.#buildKernel(id);
    this.#kernels.set(id, started);
    return started;
  }

  #buildKernel(id: KernelId): Promise<KernelImage> {
    const builder = this.#getBuilder();
    if (!isDebugKernel(id)) return buildKernel(this.#context, id, builder);
    return buildDebugKernel(this.#context, id, this.#getKernel(debugKernels[id]), builder);
  }
}
