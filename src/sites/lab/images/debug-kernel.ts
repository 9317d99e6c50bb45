import { link, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../process/digest.js';
import { backports, type PackageSet } from '../debian/package-set.js';
import { requiredModules } from '../initramfs.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';
import {
  type DebugKernelId,
  describeKernelBuild,
  type KernelImage,
  kernelImage,
} from './kernel.js';
import { labFolder } from './lab-folder.js';

const fragmentFolder = join(labFolder, 'kernel');
const buildTimeoutMs = 2 * 60 * 60_000;

/**
 * Runs in the builder, with Debian's kernel of release $RELEASE. /mnt/source has the source package,
 * /mnt/fragment what is configured otherwise; the kernel, its modules and headers go to /mnt/tree.
 */
const buildScript = `
cd /mnt/build
dpkg-deb --fsys-tarfile /mnt/source/*.deb | tar --extract --to-stdout --wildcards '*.tar.xz' |
  tar --extract --xz --strip-components=1
export KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=evenkeel KBUILD_BUILD_HOST=lab
export LOCALVERSION="-$ID"

cp "/lib/modules/$RELEASE/build/.config" .config
printf '%s\\n' $MODULES > modules
make olddefconfig
make LSMOD=modules localmodconfig
cat /mnt/fragment/debug.config >> .config
make olddefconfig
# Kconfig drops without a word what another option rules out.
if grep '^CONFIG_' /mnt/fragment/debug.config | grep --fixed-strings --line-regexp --invert-match --file=.config; then
  echo 'These options were not to be had.'
  exit 1
fi

make -j"$(nproc)" bzImage modules
release=$(make --silent kernelrelease)
modules=/mnt/tree/usr/lib/modules/$release
headers=/usr/src/linux-headers-$release
mkdir -p "$modules"
ln -s usr/lib /mnt/tree/lib
make INSTALL_MOD_PATH=/mnt/tree modules_install
cp "$(make --silent image_name)" "$modules/vmlinuz"
make run-command KBUILD_RUN_COMMAND="\\$(srctree)/scripts/package/install-extmod-build /mnt/tree$headers"
ln -sfn "$headers" "$modules/build"
chown -R "$OWNER" /mnt/tree
`;

/**
 * Compiles a kernel of Debian with the kernel's own checks, and with no more modules than the lab loads.
 * @param original the kernel as Debian has compiled it
 */
export async function buildDebugKernel(
  context: BuildContext,
  id: DebugKernelId,
  original: Promise<KernelImage>,
  builder: Promise<Builder>,
): Promise<KernelImage> {
  const [debian, { key, tree }] = await Promise.all([original, builder]);
  const source = await context.archive.resolve(sourceOf(debian));
  const fragment = sha256(await readFile(join(fragmentFolder, 'debug.config')));
  const inputs = {
    ...{ id, builder: key, original: debian.key, source, fragment },
    ...{ modules: requiredModules, script: buildScript },
  };
  const entry = await context.cache.ensure({ kind: 'kernel', inputs }, async (place) => {
    const files = await context.archive.fetch(source);
    const sourceFolder = join(place.scratch, 'source');
    const buildFolder = join(place.scratch, 'build');
    const target = join(place.directory, 'tree');
    for (const folder of [sourceFolder, buildFolder, target]) await mkdir(folder);
    for (const [index, { file }] of source.entries()) {
      await link(files[index] as string, join(sourceFolder, file));
    }
    await context.progress.task(`compile kernel ${id}`, (task) =>
      runInBuilder(context, place, {
        // As if the kernel's packages were installed in the builder.
        layers: [debian.tree, tree],
        binds: [
          { source: sourceFolder, target: '/mnt/source' },
          { source: fragmentFolder, target: '/mnt/fragment' },
          { source: buildFolder, target: '/mnt/build', writable: true },
          { source: target, target: '/mnt/tree', writable: true },
        ],
        script: buildScript,
        environment: { ID: id, RELEASE: debian.release, MODULES: requiredModules.join(' ') },
        timeoutMs: buildTimeoutMs,
        onLine: (line) => task.detail(line),
      }),
    );
    return describeKernelBuild(place, debian.version);
  });
  return kernelImage(id, entry);
}

/** The source that Debian's kernel was compiled from: the two have one version. */
function sourceOf({ id, version }: KernelImage): PackageSet {
  return {
    name: `source-${id}`,
    packages: [`linux-source=${version}`],
    type: 'binary',
    targetRelease: backports,
    // Not the package linux-source, which only depends on the one with the source.
    filePrefixes: ['linux-source-'],
  };
}
