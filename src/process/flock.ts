import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { EvenkeelError, InterruptedError } from './errors.js';
import { makeFolder } from './output.js';

/** The exit status of flock(1) for a lock that somebody else holds. */
const lockIsTaken = 1;
const attempts = 5;

/**
 * Locks an open file or folder with flock(2), whose locks the kernel takes back when their holder dies,
 * however it dies. They belong to the open file, not to the process that asked for it: flock(1) locks
 * the file that this process opened, and exits.
 *
 * @returns whether the lock was to be had within `limitMs`
 */
export async function flock(
  file: FileHandle,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const inheritedFile = 3;
  const program = spawn(
    'flock',
    ['--exclusive', '--wait', String(limitMs / 1000), String(inheritedFile)],
    { stdio: ['ignore', 'ignore', 'inherit', file.fd], signal },
  );
  try {
    const [exitStatus] = await once(program, 'close');
    if (exitStatus === 0 || exitStatus === lockIsTaken) return exitStatus === 0;
    throw new EvenkeelError(`flock failed with exit status ${exitStatus}`);
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    throw error;
  }
}

/** A folder that one process at a time works in. The lock is the folder's own and leaves no file in it. */
export class FolderLock {
  readonly #folder: FileHandle;

  private constructor(folder: FileHandle) {
    this.#folder = folder;
  }

  /**
   * @param path a folder, which is made if it is missing
   * @param limitMs how long to wait for it
   * @returns undefined if another process has it
   */
  static async tryAcquire(
    path: string,
    signal: AbortSignal,
    limitMs = 0,
  ): Promise<FolderLock | undefined> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await makeFolder(path);
      const folder = await openIfThere(path);
      if (folder === undefined) continue;
      let isLocked = false;
      try {
        if (!(await flock(folder, limitMs, signal))) return undefined;
        isLocked = await isStillAt(path, folder);
        if (isLocked) return new FolderLock(folder);
      } finally {
        if (!isLocked) await folder.close();
      }
    }
    return undefined;
  }

  async release(): Promise<void> {
    await this.#folder.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** The process that had the lock before may have renamed or removed the folder. */
async function isStillAt(path: string, folder: FileHandle): Promise<boolean> {
  const opened = await folder.stat();
  const found = await stat(path).catch(() => undefined);
  return found?.ino === opened.ino && found.dev === opened.dev;
}
