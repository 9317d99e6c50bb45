import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EvenkeelError } from './errors.js';

const mebibyte = 2 ** 20;

/** Free space where `directory` is or, as long as it does not exist, would be. */
export async function freeDiskBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return freeDiskBytes(dirname(directory));
  }
}

/**
 * @param option how the user chooses another folder
 * @throws EvenkeelError if less is free where `directory` is
 */
export async function requireDiskSpace(
  directory: string,
  neededBytes: number,
  option: string,
): Promise<void> {
  const free = await freeDiskBytes(directory);
  if (free >= neededBytes) return;
  const inMebibytes = (bytes: number) => `${Math.floor(bytes / mebibyte)} MiB`;
  throw new EvenkeelError(
    `the disk of ${directory} is full: ${inMebibytes(free)} free, ${inMebibytes(neededBytes)} needed`,
    { hints: [`Free some space, or choose a folder on another disk with ${option}.`] },
  );
}
