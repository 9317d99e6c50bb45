import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { requireDiskSpace } from '../../process/disk-space.js';
import { afterMove, InterruptedError } from '../../process/errors.js';
import { FolderLock } from '../../process/flock.js';
import { makeOutputFolder } from '../../process/output.js';
import { jobDiskBytes, jobFiles } from './run-job.js';

/** Longer than another process looks into a new folder. */
const lockLimitMs = 10_000;

/**
 * Does a job in a temporary folder, which is gone when it ends. If the job fails, the folder is kept under
 * another name, which is that in the error: the logs are in it.
 *
 * @param name what the job is; part of the folder's name
 */
export async function inJobFolder<T>(
  name: string,
  signal: AbortSignal,
  job: (directory: string) => Promise<T>,
): Promise<T> {
  const prefix = `evenkeel-${name}-`;
  await makeOutputFolder(tmpdir(), 'TMPDIR');
  await removeAbandoned(prefix, signal);
  await requireDiskSpace(tmpdir(), jobDiskBytes, 'TMPDIR');
  const directory = await mkdtemp(join(tmpdir(), prefix));
  const lock = await FolderLock.tryAcquire(directory, signal, lockLimitMs);
  let kept: string | undefined;
  try {
    return await job(directory);
  } catch (error) {
    if (signal.aborted || error instanceof InterruptedError) throw error;
    kept = join(tmpdir(), `evenkeel-failed-${directory.slice(join(tmpdir(), 'evenkeel-').length)}`);
    throw afterMove(error, directory, kept);
  } finally {
    if (kept === undefined) await rm(directory, { recursive: true, force: true });
    else await keepLogs(directory, kept);
    await lock?.release();
  }
}

/** What the machine was given, or has sent as an archive that is unpacked by now; they are large. */
const usedUp: readonly string[] = [jobFiles.artifacts, jobFiles.initramfs];

async function keepLogs(directory: string, kept: string): Promise<void> {
  for (const name of usedUp) await rm(join(directory, name), { force: true });
  await rename(directory, kept);
}

/** Copies what a job has left into a folder of the user, which is made if it is missing. */
export async function copyJobFolder(directory: string, target: string): Promise<void> {
  const filter = (source: string) => !usedUp.includes(relative(directory, source));
  await cp(directory, target, { recursive: true, filter });
}

/** Removes what processes that were killed have left. */
async function removeAbandoned(prefix: string, signal: AbortSignal): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const directory = join(tmpdir(), name);
    const lock = await FolderLock.tryAcquire(directory, signal).catch(unlessForeign);
    if (lock === undefined) continue;
    // An empty one may be another process's that is about to lock it.
    const isEmpty = (await readdir(directory)).length === 0;
    if (!isEmpty) await rm(directory, { recursive: true, force: true });
    await lock.release();
  }
}

/** A folder of another user is that user's to remove. */
function unlessForeign(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EACCES') throw error;
}
