import { rm } from 'node:fs/promises';
import { runCommand } from '../../../process/command.js';
import { requireDiskSpace } from '../../../process/disk-space.js';
import { InterruptedError } from '../../../process/errors.js';
import type { Progress } from '../../../process/progress.js';
import { Cache, cacheDirectory } from '../cache/cache.js';
import type { LockOptions } from '../cache/lock.js';
import { PackageArchive } from '../debian/archive.js';
import { findPrivilege, type Privilege, privilegeMissing } from '../debian/privilege.js';
import { installPackages, missingPackages, systemPackages } from '../debian/system-packages.js';

export interface BuildOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Choose package versions again instead of using the locked ones. */
  readonly refresh?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What the steps of a build have in common. */
export interface BuildContext {
  readonly cache: Cache;
  readonly archive: PackageArchive;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /**
   * Makes the machine ready for building, once: finds a way to be root, installs missing packages.
   * @throws EvenkeelError if root is not to be had
   */
  readonly prepare: () => Promise<Privilege>;
  /** Aborts `signal`: one step has failed, so the others are of no use. */
  readonly stop: () => void;
}

const removeTimeoutMs = 5 * 60_000;
/** Less is not worth starting with: apt does not say that the disk is full, it tries again for minutes. */
const leastDiskBytes = 2 ** 30;

/** What the steps of one build share; nothing is done before the first step. */
export function createBuildContext(options: BuildOptions): BuildContext {
  const { progress, refresh = false, environment = process.env } = options;
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const cache = new Cache(cacheDirectory(environment), {
    signal,
    whileWaiting: showWait(progress),
    // After Ctrl-C the user waits for it, and wants to know for what.
    remove: (paths) =>
      signal.aborted
        ? progress.task('remove what is half-made', () => removeTrees(paths))
        : removeTrees(paths),
  });
  let prepared: Promise<Privilege> | undefined;
  const prepare = () => {
    prepared ??= prepareMachine(cache, progress, signal);
    return prepared;
  };
  return {
    cache,
    archive: new PackageArchive({ cache, progress, signal, refresh, prepare }),
    progress,
    signal,
    prepare,
    stop: () => failure.abort(),
  };
}

/** Shows who holds the cache's lock, and for how long already. */
export function showWait(progress: Progress): LockOptions['whileWaiting'] {
  return (holder, wait) =>
    progress.task(`wait for another process that builds the lab: ${holder}`, wait);
}

/**
 * Waits for steps that run at the same time. If one fails the others are stopped, and the error
 * is thrown when all have ended; the context is of no more use then.
 */
export async function together<T extends readonly Promise<unknown>[]>(
  context: BuildContext,
  steps: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  for (const step of steps) step.catch(() => context.stop());
  const outcomes = await Promise.allSettled(steps);
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  if (failures.length === 0) return Promise.all(steps);
  throw failures.find((failure) => !(failure instanceof InterruptedError)) ?? failures[0];
}

async function prepareMachine(
  cache: Cache,
  progress: Progress,
  signal: AbortSignal,
): Promise<Privilege> {
  await requireDiskSpace(cache.directory, leastDiskBytes, 'XDG_CACHE_HOME');
  const missing = await missingPackages(systemPackages, signal);
  const privilege = await findPrivilege(signal);
  if (privilege === undefined) throw privilegeMissing('building the lab', missing);
  if (missing.length > 0) {
    const logFile = await cache.logFile('system-packages');
    await progress.task(`install on this machine: ${missing.join(', ')}`, () =>
      installPackages(missing, { privilege, logFile }),
    );
  }
  return privilege;
}

/**
 * Removes folders, also when a build is being interrupted.
 * Repeats it for a while: processes of a build that was killed a moment ago may still be writing.
 */
export async function removeTrees(paths: readonly string[]): Promise<void> {
  const signal = new AbortController().signal;
  const privilege = await findPrivilege(signal);
  if (privilege === undefined) {
    for (const path of paths) await rm(path, { recursive: true, force: true });
    return;
  }
  const script =
    'for attempt in 1 2 3 4 5; do rm -rf --one-file-system -- "$@" && exit; sleep 1; done; exit 1';
  await runCommand(['sh', '-c', script, 'rm', ...paths], {
    prefix: privilege.prefix,
    signal,
    timeoutMs: removeTimeoutMs,
  });
}
