import { access, mkdir, readdir, rename, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../process/command.js';
import { EvenkeelError } from '../../../process/errors.js';
import { type BuildPlace, type BuildResult, type Entry, hashOf } from '../cache/cache.js';
import {
  backports,
  type LockedPackage,
  oldRelease,
  type PackageSet,
  release,
  versionsOf,
} from '../debian/package-set.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';

/** A kernel of Debian: the release that it is from, and whether it is the PREEMPT_RT variant. */
export const debianKernelIds = [
  'backports-rt',
  'backports',
  'stable-rt',
  'stable',
  'oldstable',
] as const;
export type DebianKernelId = (typeof debianKernelIds)[number];

/** A kernel that the lab compiles with the kernel's own checks, and whose source and configuration it has. */
export const debugKernels = { 'debug-rt': 'backports-rt', debug: 'backports' } as const;
export type DebugKernelId = keyof typeof debugKernels;

/** A kernel of the lab. */
export type KernelId = DebianKernelId | DebugKernelId;

export function isDebugKernel(id: KernelId): id is DebugKernelId {
  return id in debugKernels;
}

export interface KernelImage {
  readonly id: KernelId;
  /** What `uname -r` prints. */
  readonly release: string;
  /** Version of the Debian package. */
  readonly version: string;
  /** Path of the compressed kernel. */
  readonly vmlinuz: string;
  /** `…/lib/modules/<release>`, after depmod; its modules may be compressed. */
  readonly modulesDirectory: string;
  /** The kernel's files, headers included, laid out as in a root filesystem. */
  readonly tree: string;
  /** Hash of vmlinuz. */
  readonly sha256: string;
  /** The key of its entry in the cache, from which those of its modules are made. */
  readonly key: string;
}

const extractTimeoutMs = 5 * 60_000;
const depmodTimeoutMs = 5 * 60_000;
const depmodScript = `
for modules in /mnt/tree/usr/lib/modules/*; do
  depmod --basedir /mnt/tree "\${modules##*/}"
done
chown -R "$OWNER" /mnt/tree/usr/lib/modules
`;

/** Unpacks a kernel with its modules and headers from Debian's packages. */
export async function buildKernel(
  context: BuildContext,
  id: DebianKernelId,
  builder: Promise<Builder>,
): Promise<KernelImage> {
  const packages = await context.archive.resolve(kernelPackages(id));
  const { key, tree } = await builder;
  const inputs = { id, packages, builder: key, script: depmodScript };
  const entry = await context.cache.ensure({ kind: 'kernel', inputs }, async (place) => {
    const files = await context.archive.fetch(packages);
    const target = join(place.directory, 'tree');
    await mkdir(target);
    await context.progress.task(`unpack kernel ${id}`, async () => {
      for (const file of files) {
        await runCommand(['dpkg-deb', '--extract', file, target], {
          signal: context.signal,
          timeoutMs: extractTimeoutMs,
          logFile: place.logFile,
        });
      }
      await mergeLib(target);
      await runInBuilder(context, place, {
        layers: [tree],
        binds: [{ source: target, target: '/mnt/tree', writable: true }],
        script: depmodScript,
        timeoutMs: depmodTimeoutMs,
      });
    });
    return describeKernelBuild(place, versionOf(packages));
  });
  return kernelImage(id, entry);
}

function kernelPackages(id: DebianKernelId): PackageSet {
  const flavour = id.endsWith('-rt') ? 'rt-amd64' : 'amd64';
  return {
    name: `kernel-${id}`,
    packages: [`linux-headers-${flavour}`, `linux-image-${flavour}`],
    type: 'binary',
    targetRelease: targetReleaseOf(id),
    filePrefixes: ['linux-'],
  };
}

function targetReleaseOf(id: DebianKernelId): string {
  if (id === 'oldstable') return oldRelease;
  return id.startsWith('backports') ? backports : release;
}

/**
 * Makes /lib a link to /usr/lib, as in a root filesystem, where depmod looks for modules. The packages of
 * Debian 12 have them in /lib.
 */
async function mergeLib(tree: string): Promise<void> {
  const modules = join(tree, 'lib/modules');
  if (await exists(modules)) {
    await rename(modules, join(tree, 'usr/lib/modules'));
    await rmdir(join(tree, 'lib'));
  }
  await symlink('usr/lib', join(tree, 'lib'));
}

/** The version of the package that has the kernel: linux-image-<release>_<version>_amd64.deb. */
function versionOf(packages: readonly LockedPackage[]): string {
  const image = Object.entries(versionsOf(packages)).find(([name]) => /^linux-image-\d/.test(name));
  if (image === undefined) throw new Error('kernel packages without linux-image-<release>');
  return image[1];
}

/** What a build that has left a kernel in `tree` says of its entry. */
export async function describeKernelBuild(
  { directory }: BuildPlace,
  version: string,
): Promise<BuildResult> {
  const tree = join(directory, 'tree');
  const vmlinuz = await findVmlinuz(tree, await findRelease(tree));
  return { versions: { linux: version }, files: [join('tree', vmlinuz)] };
}

/** The kernel in an entry of the cache. */
export async function kernelImage(id: KernelId, entry: Entry): Promise<KernelImage> {
  const tree = join(entry.directory, 'tree');
  const kernelRelease = await findRelease(tree);
  const vmlinuz = await findVmlinuz(tree, kernelRelease);
  const { linux = '' } = entry.versions;
  return {
    id,
    release: kernelRelease,
    version: linux,
    vmlinuz: join(tree, vmlinuz),
    modulesDirectory: join(tree, 'usr/lib/modules', kernelRelease),
    tree,
    sha256: hashOf(entry, join('tree', vmlinuz)),
    key: entry.key,
  };
}

async function findRelease(tree: string): Promise<string> {
  const [kernelRelease, ...others] = await readdir(join(tree, 'usr/lib/modules'));
  if (kernelRelease === undefined || others.length > 0) {
    throw new EvenkeelError(`${tree}: expected the modules of one kernel`);
  }
  return kernelRelease;
}

/** Where the kernel is in `tree`: below /boot in Debian 13, beside its modules in later kernels. */
async function findVmlinuz(tree: string, kernelRelease: string): Promise<string> {
  const places = [`usr/lib/modules/${kernelRelease}/vmlinuz`, `boot/vmlinuz-${kernelRelease}`];
  for (const place of places) {
    if (await exists(join(tree, place))) return place;
  }
  throw new EvenkeelError(`${tree}: expected a kernel at ${places.join(' or ')}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
