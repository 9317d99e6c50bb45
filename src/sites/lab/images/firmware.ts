import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runCommand } from '../../../process/command.js';
import { type PackageSet, release, versionsOf } from '../debian/package-set.js';
import type { BuildContext } from './context.js';

const firmwarePackages: PackageSet = {
  name: 'firmware',
  packages: ['ipxe-qemu', 'qemu-system-data', 'seabios'],
  type: 'binary',
  targetRelease: release,
  filePrefixes: ['ipxe-qemu_', 'qemu-system-data_', 'seabios_'],
};

/** The BIOS, the option ROMs with which QEMU starts a kernel, and those of the PCI network cards. */
const images = [
  'usr/share/seabios/bios-256k.bin',
  'usr/share/qemu/kvmvapic.bin',
  'usr/share/qemu/linuxboot_dma.bin',
  'usr/share/qemu/pvh.bin',
  'usr/share/qemu/efi-e1000e.rom',
  'usr/share/qemu/efi-virtio.rom',
] as const;

const extractTimeoutMs = 2 * 60_000;

/** Takes the emulated machine's firmware from packages; returns the folder that it is in. */
export async function buildFirmware(context: BuildContext): Promise<string> {
  const packages = await context.archive.resolve(firmwarePackages);
  const entry = await context.cache.ensure(
    { kind: 'firmware', inputs: { packages, images } },
    async ({ directory, scratch, logFile }) => {
      const files = await context.archive.fetch(packages);
      for (const file of files) {
        await runCommand(['dpkg-deb', '--extract', file, scratch], {
          signal: context.signal,
          timeoutMs: extractTimeoutMs,
          logFile,
        });
      }
      await mkdir(directory, { recursive: true });
      for (const image of images) {
        await copyFile(join(scratch, image), join(directory, basename(image)));
      }
      return { versions: versionsOf(packages), files: images.map((image) => basename(image)) };
    },
  );
  return entry.directory;
}
