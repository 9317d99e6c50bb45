import { dirname, join } from 'node:path';
import { hashOf } from '../cache/cache.js';
import { sha256OfFile, sourceFiles } from '../cache/keys.js';
import { type Builder, runInBuilder } from './builder.js';
import type { BuildContext } from './context.js';
import type { EmulatorImage } from './emulator.js';
import { sourceFolderOf } from './lab-folder.js';

const sourceFolder = sourceFolderOf('instruments/caches/plugin');
const plugin = 'cache-model.so';

const compileTimeoutMs = 5 * 60_000;
const compileScript = `
gcc -O2 -Wall -Wextra -Wno-unused-parameter -Werror -shared -fPIC -fvisibility=hidden \\
  $(pkg-config --cflags glib-2.0) -isystem /mnt/emulator -o /mnt/entry/${plugin} /mnt/source/*.c
chown "$OWNER" /mnt/entry/${plugin}
`;

/** The emulator's plugin with the model of the caches. */
export interface CachePlugin {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Compiles the emulator's plugin with the model of the caches.
 */
export async function buildCacheModel(
  context: BuildContext,
  emulator: EmulatorImage,
  builder: Promise<Builder>,
): Promise<CachePlugin> {
  const sources = await sourceFiles(sourceFolder, /\.[ch]$/);
  const header = await sha256OfFile(emulator.pluginHeader);
  const { key, tree } = await builder;
  const inputs = { builder: key, header, sources, script: compileScript };
  const entry = await context.cache.ensure({ kind: 'cache-model', inputs }, async (place) => {
    await context.progress.task('compile the cache model', () =>
      runInBuilder(context, place, {
        layers: [tree],
        binds: [
          { source: sourceFolder, target: '/mnt/source' },
          { source: dirname(emulator.pluginHeader), target: '/mnt/emulator' },
          { source: place.directory, target: '/mnt/entry', writable: true },
        ],
        script: compileScript,
        timeoutMs: compileTimeoutMs,
      }),
    );
    return { versions: {}, files: [plugin] };
  });
  return { path: join(entry.directory, plugin), sha256: hashOf(entry, plugin) };
}
