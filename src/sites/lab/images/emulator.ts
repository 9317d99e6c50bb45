import { link, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../process/digest.js';
import { hashOf } from '../cache/cache.js';
import { type LockedPackage, type PackageSet, release } from '../debian/package-set.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';
import { labFolder } from './lab-folder.js';

export interface EmulatorImage {
  /** The program and its first arguments; it runs with its own C library, whatever the machine has. */
  readonly command: readonly string[];
  /** QEMU's version, as in 10.0.2. */
  readonly version: string;
  /** Hash of the executable. */
  readonly sha256: string;
  /** Path of the header that its plugins include. */
  readonly pluginHeader: string;
}

const emulatorSource: PackageSet = {
  name: 'emulator',
  packages: ['qemu'],
  type: 'source',
  targetRelease: release,
  filePrefixes: [],
};

const patchFolder = join(labFolder, 'emulator');
const buildTimeoutMs = 60 * 60_000;

/**
 * Runs in the builder. /mnt/source has the source package, /mnt/emulator the patches and the list of devices;
 * the executable, the dynamic linker, all libraries and the plugins' header go to /mnt/entry.
 */
const buildScript = `
cd /mnt/build
dpkg-source --no-check -x /mnt/source/*.dsc qemu
cd qemu
for patch in /mnt/emulator/*.patch; do
  patch -p1 --forward < "$patch"
done
cp /mnt/emulator/devices.mak configs/devices/x86_64-softmmu/evenkeel.mak
mkdir build
cd build
../configure --target-list=x86_64-softmmu \\
  --without-default-features --enable-system --enable-tcg --enable-kvm --enable-plugins \\
  --without-default-devices --with-devices-x86_64=evenkeel \\
  --disable-docs --disable-install-blobs --disable-debug-info
ninja qemu-system-x86_64
cp qemu-system-x86_64 ../include/qemu/qemu-plugin.h /mnt/entry/
cp --dereference /lib64/ld-linux-x86-64.so.2 /mnt/entry/
mkdir /mnt/entry/lib
ldd qemu-system-x86_64 | sed -n 's/.* => \\(.*\\) (.*/\\1/p' | xargs cp --dereference --target-directory=/mnt/entry/lib
chown -R "$OWNER" /mnt/entry
`;

/**
 * Compiles the patched QEMU from Debian's source package.
 * @param firmware path of the folder with the machine's firmware
 */
export async function buildEmulator(
  context: BuildContext,
  builder: Promise<Builder>,
  firmware: Promise<string>,
): Promise<EmulatorImage> {
  const source = await context.archive.resolve(emulatorSource);
  const additions = await readAdditions();
  const { key, tree } = await builder;
  const inputs = { builder: key, source, additions, script: buildScript };
  const entry = await context.cache.ensure({ kind: 'emulator', inputs }, async (place) => {
    const files = await context.archive.fetch(source);
    const sourceFolder = join(place.scratch, 'source');
    const buildFolder = join(place.scratch, 'build');
    await mkdir(sourceFolder);
    await mkdir(buildFolder);
    for (const [index, { file }] of source.entries()) {
      await link(files[index] as string, join(sourceFolder, file));
    }
    await context.progress.task('compile the emulator', (task) =>
      runInBuilder(context, place, {
        layers: [tree],
        binds: [
          { source: sourceFolder, target: '/mnt/source' },
          { source: patchFolder, target: '/mnt/emulator' },
          { source: buildFolder, target: '/mnt/build', writable: true },
          { source: place.directory, target: '/mnt/entry', writable: true },
        ],
        script: buildScript,
        timeoutMs: buildTimeoutMs,
        onLine: (line) => task.detail(ninjaStep(line) ?? 'configure'),
      }),
    );
    const products = ['qemu-system-x86_64', 'qemu-plugin.h'];
    return { versions: { qemu: qemuVersion(source) }, files: products };
  });
  const inEntry = (file: string) => join(entry.directory, file);
  return {
    command: [
      inEntry('ld-linux-x86-64.so.2'),
      '--library-path',
      inEntry('lib'),
      inEntry('qemu-system-x86_64'),
      '-L',
      await firmware,
    ],
    version: qemuVersion(source),
    sha256: hashOf(entry, 'qemu-system-x86_64'),
    pluginHeader: inEntry('qemu-plugin.h'),
  };
}

/** The hash of each file that is added to the source. */
async function readAdditions(): Promise<Record<string, string>> {
  const names = (await readdir(patchFolder)).sort();
  const contents = names.map(
    async (name) => [name, sha256(await readFile(join(patchFolder, name)))] as const,
  );
  return Object.fromEntries(await Promise.all(contents));
}

/** The upstream version in the name of the package's description: qemu_10.0.2+ds-2.dsc. */
function qemuVersion(source: readonly LockedPackage[]): string {
  const description = source.find(({ file }) => file.endsWith('.dsc'))?.file ?? '';
  const [, version] = /^qemu_([\d.]+)/.exec(description) ?? [];
  if (version === undefined) throw new Error(`a source package without qemu_*.dsc: ${description}`);
  return version;
}

/** "5 of 100" for ninja's "[5/100] …". */
function ninjaStep(line: string): string | undefined {
  const [, done, total] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
  return done === undefined ? undefined : `${done} of ${total}`;
}
