import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../cache/cache.js';
import { type PackageSet, release, versionsOf } from '../debian/package-set.js';
import { installRootFilesystem, rootFilesystemRecipe } from '../debian/root-filesystem.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';

/** A root filesystem in a file. */
export interface FilesystemImage {
  /** Path of the ext4 image; its size is a multiple of 128 MiB, which an NVDIMM requires. */
  readonly image: string;
  readonly sizeBytes: number;
  /** Versions of the packages in it, by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Hash of the image. */
  readonly sha256: string;
}

/** An image, and the static busybox that is in it. */
export interface ImageWithBusybox {
  readonly image: FilesystemImage;
  /** Path of the executable. */
  readonly busybox: string;
}

export interface FilesystemImageOptions {
  readonly kind: string;
  /** What to install, besides what is essential to a system; `busybox-static` has to be among it. */
  readonly packages: readonly string[];
}

const imageName = 'root.ext4';
const imageTimeoutMs = 10 * 60_000;

/** No file in an image is younger: 1 January 2025, in s since 1970. */
const latestTime = 1_735_689_600;

/**
 * Runs in the builder: makes an image of the tree at /mnt/tree, the same bytes from the same packages.
 * A fifth of it stays free.
 */
const imageScript = `
cd /mnt/tree
find . -xdev -newermt "@$SOURCE_DATE_EPOCH" \\
  -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
inodes=$(find . -xdev | wc -l)
inodes=$((inodes * 5 / 4 + 64))
blocks=$(find . -xdev -printf '%y %s\\n' |
  awk '{ blocks += $1 == "f" ? int(($2 + 4095) / 4096) : 1 } END { print blocks }')
blocks=$(((blocks + inodes / 16) * 5 / 4))
unit=$((128 * 1024 * 1024 / 4096))
blocks=$(((blocks + unit - 1) / unit * unit))
uuid=6576656e-6b65-656c-8000-000000000001
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -b 4096 -m 0 -N "$inodes" \\
  -U "$uuid" -E "hash_seed=$uuid" -d . /mnt/entry/${imageName} "$blocks"
cp usr/bin/busybox /mnt/entry/
chown "$OWNER" /mnt/entry/${imageName} /mnt/entry/busybox
`;

/** Installs packages into a root filesystem and makes an image of it. */
export async function buildFilesystemImage(
  context: BuildContext,
  { kind, packages: install }: FilesystemImageOptions,
  builder: Promise<Builder>,
): Promise<ImageWithBusybox> {
  const packages = await context.archive.resolve(packageSet(kind, install));
  const { key, tree: builderTree } = await builder;
  const inputs = {
    builder: key,
    packages,
    install,
    recipe: rootFilesystemRecipe,
    script: imageScript,
    latestTime,
  };
  const entry = await context.cache.ensure({ kind, inputs }, async (place) => {
    const privilege = await context.prepare();
    const files = await context.archive.fetch(packages);
    const tree = join(place.scratch, 'tree');
    await context.progress.task(`install ${kind}`, (task) =>
      installRootFilesystem({
        packages,
        files,
        install,
        tree,
        scratch: place.scratch,
        privilege,
        signal: context.signal,
        logFile: place.logFile,
        onLine: (line) => task.detail(line),
      }),
    );
    await context.progress.task(`make the image of ${kind}`, () =>
      runInBuilder(context, place, {
        layers: [builderTree],
        binds: [
          { source: tree, target: '/mnt/tree', writable: true },
          { source: place.directory, target: '/mnt/entry', writable: true },
        ],
        script: imageScript,
        environment: { SOURCE_DATE_EPOCH: String(latestTime) },
        timeoutMs: imageTimeoutMs,
      }),
    );
    return { versions: versionsOf(packages), files: [imageName, 'busybox'] };
  });
  const path = join(entry.directory, imageName);
  const { size } = await stat(path);
  return {
    image: {
      image: path,
      sizeBytes: size,
      packages: entry.versions,
      sha256: hashOf(entry, imageName),
    },
    busybox: join(entry.directory, 'busybox'),
  };
}

function packageSet(name: string, packages: readonly string[]): PackageSet {
  return { name, packages, type: 'binary', targetRelease: release, filePrefixes: [] };
}
