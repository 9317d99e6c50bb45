import { join } from 'node:path';
import type { BuildPlace } from '../cache/cache.js';
import { type ChrootOptions, runInChroot } from '../debian/chroot.js';
import { type PackageSet, release, versionsOf } from '../debian/package-set.js';
import { installRootFilesystem, rootFilesystemRecipe } from '../debian/root-filesystem.js';
import type { BuildContext } from './context.js';

const builderPackages: PackageSet = {
  name: 'builder',
  packages: [
    'bc',
    'bison',
    'bzip2',
    'dpkg-dev',
    'e2fsprogs',
    'flex',
    'gcc',
    'kmod',
    'libc6-dev',
    'libelf-dev',
    'libfdt-dev',
    'libglib2.0-dev',
    'make',
    'meson',
    'ninja-build',
    'pahole',
    'patch',
    'pkg-config',
    'python3-pycotap',
    'python3-venv',
    'xz-utils',
    'zlib1g-dev',
  ],
  type: 'binary',
  targetRelease: release,
  filePrefixes: [],
};

/** The tree in which everything is compiled and packed, so that no tool of the machine has a say. */
export interface Builder {
  readonly key: string;
  readonly tree: string;
}

/** Installs the tree in which everything else is built. */
export async function buildBuilder(context: BuildContext): Promise<Builder> {
  const packages = await context.archive.resolve(builderPackages);
  const entry = await context.cache.ensure(
    { kind: 'builder', inputs: { packages, recipe: rootFilesystemRecipe } },
    async ({ directory, scratch, logFile }) => {
      const privilege = await context.prepare();
      const files = await context.archive.fetch(packages);
      await context.progress.task('install the builder tree', (task) =>
        installRootFilesystem({
          packages,
          files,
          install: builderPackages.packages,
          tree: join(directory, 'tree'),
          scratch,
          privilege,
          signal: context.signal,
          logFile,
          onLine: (line) => task.detail(line),
        }),
      );
      return { versions: versionsOf(packages), files: [] };
    },
  );
  return { key: entry.key, tree: join(entry.directory, 'tree') };
}

/**
 * Runs a script as root in the builder, while the entry of the cache at `place` is made. $OWNER in the
 * script is whom the files of the entry shall belong to.
 */
export async function runInBuilder(
  context: BuildContext,
  place: BuildPlace,
  script: Omit<ChrootOptions, 'scratch' | 'privilege' | 'signal' | 'logFile'>,
): Promise<void> {
  const privilege = await context.prepare();
  await runInChroot({
    ...script,
    environment: { ...script.environment, OWNER: privilege.owner },
    scratch: place.scratch,
    privilege,
    signal: context.signal,
    logFile: place.logFile,
  });
}
