import type { Builder } from './builder.js';
import type { BuildContext } from './context.js';
import { buildFilesystemImage, type ImageWithBusybox } from './filesystem-image.js';

const hostPackages = [
  'busybox-static',
  'ethtool',
  'ipxe-qemu',
  'iproute2',
  'kmod',
  'nodejs',
  'procps',
  'qemu-system-x86',
  'seabios',
  'util-linux',
] as const;

/** The root filesystem of the emulated host. */
export function buildHostRoot(
  context: BuildContext,
  builder: Promise<Builder>,
): Promise<ImageWithBusybox> {
  return buildFilesystemImage(context, { kind: 'host-root', packages: hostPackages }, builder);
}
