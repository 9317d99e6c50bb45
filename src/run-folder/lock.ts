import { EvenkeelError } from '../process/errors.js';
import { FolderLock } from '../process/flock.js';
import { makeFolder, makeOutputFolder, outputFailure } from '../process/output.js';

/**
 * Does `work` while no other process works in `folder`, which is made if it is missing.
 * @param result the folder that the user knows, which `folder` is or will become
 * @throws EvenkeelError at once if another process does, or if nothing can be written there
 */
export async function withFolder<T>(
  folder: string,
  result: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  await makeFolder(folder).catch((cause) => {
    throw outputFailure(folder, cause, 'choose another folder with --out');
  });
  const lock = await FolderLock.tryAcquire(folder, signal);
  if (lock === undefined) {
    throw new EvenkeelError(`another process of evenkeel is writing to ${result}`, {
      hints: ['Wait for its end, or give another folder with --out.'],
    });
  }
  try {
    // Not before: it is another process's to write in, and to rename, as long as that has the lock.
    await makeOutputFolder(folder, '--out');
    return await work();
  } finally {
    await lock.release();
  }
}
