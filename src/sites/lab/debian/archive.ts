import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EvenkeelError, withHints, withMessage } from '../../../process/errors.js';
import { parseValidatedJson, writeJsonFile } from '../../../process/json.js';
import type { Progress } from '../../../process/progress.js';
import type { Cache } from '../cache/cache.js';
import { keyOf } from '../cache/keys.js';
import { type AptSources, oldReleaseSources, PrivateApt, releaseSources } from './apt.js';
import {
  aptArguments,
  type LockedPackage,
  lockedSetSchema,
  oldRelease,
  type PackageSet,
  parseUris,
} from './package-set.js';

/** Where, below the cache, the chosen versions are kept. */
const lockFolder = 'locked';
/** Where, below the cache, fetched packages are kept. */
const packageFolder = 'packages';
/** Where, below the cache, apt keeps its lists and settings. */
const aptFolder = 'apt';
/** The same for the release before the lab's. */
const oldAptFolder = `apt-${oldRelease}`;

export interface PackageArchiveOptions {
  readonly cache: Cache;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Choose versions again, though they are locked. */
  readonly refresh: boolean;
  /** Called before apt is used: installs what it needs. */
  readonly prepare: () => Promise<unknown>;
}

/**
 * The Debian archive as the lab sees it: versions are chosen once for a set of packages and then
 * locked, and each file is fetched once. With both in the cache, no network is needed, and nothing changes
 * when the mirror does.
 */
export class PackageArchive {
  readonly #options: PackageArchiveOptions;
  readonly #apts = new Map<string, Promise<PrivateApt>>();
  #downloads: Promise<unknown> = Promise.resolve();
  /** Sets whose versions this process has chosen: a refresh happens once. */
  readonly #fresh = new Set<string>();

  constructor(options: PackageArchiveOptions) {
    this.#options = options;
  }

  /** The exact files of `set`: those locked, else those that the mirror has now. */
  async resolve(set: PackageSet): Promise<readonly LockedPackage[]> {
    const { cache, refresh, progress } = this.#options;
    const path = join(cache.directory, lockFolder, `${set.name}-${keyOf(set)}.json`);
    const wanted = !refresh || this.#fresh.has(path);
    const locked = wanted ? await readLock(path) : undefined;
    if (locked !== undefined) return locked;
    return cache.exclusively(async () => {
      // Looks again: the process that had the lock may have chosen.
      const chosen = wanted ? await readLock(path) : undefined;
      if (chosen !== undefined) return chosen;
      const packages = await progress.task(`choose versions: ${set.name}`, () => this.#choose(set));
      await writeLock(path, set, packages);
      this.#fresh.add(path);
      return packages;
    });
  }

  /** Fetches what is missing of `packages`; returns the paths of all, in the same order. */
  async fetch(packages: readonly LockedPackage[]): Promise<string[]> {
    // One at a time: sets share packages, and the network is no faster with two.
    const download = this.#downloads.then(() => this.#fetchMissing(packages));
    this.#downloads = download.catch(() => undefined);
    await download;
    return packages.map((file) => this.#path(file));
  }

  async #choose(set: PackageSet): Promise<LockedPackage[]> {
    const apt = await (set.targetRelease === oldRelease
      ? this.#openApt(oldAptFolder, oldReleaseSources)
      : this.#openApt(aptFolder, releaseSources));
    try {
      await apt.update();
      return parseUris(await apt.printUris(aptArguments(set)), apt.mirror, set);
    } catch (error) {
      if (!(error instanceof EvenkeelError) || this.#options.signal.aborted) throw error;
      const told = withMessage(error, `cannot choose versions for ${set.name}: ${error.message}`);
      throw withHints(told, [
        ...error.hints,
        'Without locked versions in the cache, the lab needs the Debian mirror of this machine.',
      ]);
    }
  }

  async #fetchMissing(packages: readonly LockedPackage[]): Promise<void> {
    const present = await Promise.all(packages.map((file) => this.#isPresent(file)));
    const missing = packages.filter((_file, index) => !present[index]);
    if (missing.length === 0) return;
    const apt = await this.#openApt(aptFolder, releaseSources);
    const partial = join(this.#options.cache.directory, packageFolder, 'partial');
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    const mebibytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 2 ** 20;
    const title = `download ${missing.length} files, ${mebibytes.toFixed(0)} MiB`;
    await this.#options.progress.task(title, async () => {
      const target = (file: LockedPackage) => join(partial, file.file);
      await apt.download(missing.map((file) => ({ ...file, target: target(file) })));
      for (const file of missing) await rename(target(file), this.#path(file));
    });
  }

  async #isPresent(file: LockedPackage): Promise<boolean> {
    const found = await stat(this.#path(file)).catch(() => undefined);
    return found?.size === file.sizeBytes;
  }

  #path({ file, sha256 }: LockedPackage): string {
    return join(this.#options.cache.directory, packageFolder, `${sha256.slice(0, 16)}-${file}`);
  }

  #openApt(folder: string, sources: AptSources): Promise<PrivateApt> {
    const opened = this.#apts.get(folder) ?? this.#createApt(folder, sources);
    this.#apts.set(folder, opened);
    return opened;
  }

  async #createApt(folder: string, sources: AptSources): Promise<PrivateApt> {
    const { cache, signal, prepare } = this.#options;
    await prepare();
    const logFile = await cache.logFile(folder);
    return PrivateApt.create(join(cache.directory, folder), sources, { signal, logFile });
  }
}

async function readLock(path: string): Promise<readonly LockedPackage[] | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseValidatedJson(path, text, lockedSetSchema).packages;
}

async function writeLock(
  path: string,
  { name }: PackageSet,
  packages: readonly LockedPackage[],
): Promise<void> {
  const lock = { schema: 1, name, resolvedAt: new Date().toISOString(), packages };
  await mkdir(dirname(path), { recursive: true });
  await writeJsonFile(path, lock);
}
