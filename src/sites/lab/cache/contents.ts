import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../process/command.js';
import type { Privilege } from '../debian/privilege.js';
import type { Cache } from './cache.js';

/** What the name of an entry looks like: its kind and its key. */
const entryName = /^[a-z-]+-[0-9a-f]{16}$/;
/** The file that keeps other processes out, also while the rest is removed. */
const lockName = 'lock';
const sizeTimeoutMs = 60_000;

/** How many entries the cache has, and how much room it takes. */
export async function cacheUsage(
  directory: string,
  privilege: Privilege | undefined,
  signal: AbortSignal,
): Promise<{ entries: number; sizeBytes: number }> {
  const names = await namesIn(directory);
  if (names.length === 0) return { entries: 0, sizeBytes: 0 };
  const size = await runCommand(['du', '--summarize', '--block-size=1', directory], {
    prefix: privilege?.prefix ?? [],
    signal,
    timeoutMs: sizeTimeoutMs,
  });
  return {
    entries: names.filter((name) => entryName.test(name)).length,
    sizeBytes: Number.parseInt(size, 10),
  };
}

/**
 * Removes the entries and logs. With `all` also the locked versions and the packages that were fetched:
 * without them a build needs the network, and may choose other versions.
 * @param remove removes folders whose content may belong to root
 */
export async function cleanCache(
  cache: Cache,
  { all, remove }: { all: boolean; remove: (paths: readonly string[]) => Promise<void> },
): Promise<void> {
  if ((await namesIn(cache.directory)).length === 0) return;
  await cache.exclusively(async () => {
    const names = (await namesIn(cache.directory)).filter((name) =>
      all ? name !== lockName : entryName.test(name) || name === 'logs',
    );
    if (names.length > 0) await remove(names.map((name) => join(cache.directory, name)));
  });
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
