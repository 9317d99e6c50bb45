import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sourceFiles } from '../cache/keys.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';
import type { KernelImage } from './kernel.js';

/** What belongs to a module's source; all else in its folder is a product of building it there. */
const sourceName = /^(Kbuild|Makefile|.*(?<!\.mod)\.[chS])$/;

const compileTimeoutMs = 10 * 60_000;
const compileScript = `
# Debian 12's headers name a compiler that the builder does not have.
make -C "/lib/modules/$RELEASE/build" M="/mnt/source/$FOLDER" CC=gcc W=1 KCFLAGS=-Werror modules
find /mnt/source -name '*.ko' -exec cp --target-directory=/mnt/entry {} +
chown "$OWNER" /mnt/entry/*.ko
`;

/**
 * Compiles the kernel modules in `folder` of `sourceDirectory` for `kernel`; a warning is an error.
 * @returns path of a folder with their .ko files
 */
export async function buildKernelModules(
  context: BuildContext,
  sourceDirectory: string,
  folder: string,
  kernel: KernelImage,
  builder: Promise<Builder>,
): Promise<string> {
  const root = resolve(sourceDirectory);
  const sources = await sourceFiles(root, sourceName);
  const { key, tree } = await builder;
  const inputs = { builder: key, kernel: kernel.key, sources, folder, script: compileScript };
  const entry = await context.cache.ensure({ kind: 'module', inputs }, async (place) => {
    const source = join(place.scratch, 'source');
    for (const name of Object.keys(sources)) {
      await mkdir(dirname(join(source, name)), { recursive: true });
      await cp(join(root, name), join(source, name));
    }
    await context.progress.task(
      `compile the modules of ${join(sourceDirectory, folder)} for ${kernel.release}`,
      () =>
        runInBuilder(context, place, {
          // As if the kernel's packages were installed in the builder.
          layers: [kernel.tree, tree],
          binds: [
            { source, target: '/mnt/source', writable: true },
            { source: place.directory, target: '/mnt/entry', writable: true },
          ],
          script: compileScript,
          environment: { RELEASE: kernel.release, FOLDER: folder },
          timeoutMs: compileTimeoutMs,
        }),
    );
    return { versions: { linux: kernel.version }, files: await readdir(place.directory) };
  });
  return entry.directory;
}
