import { mkdir, mkdtemp, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EvenkeelError } from './errors.js';

/**
 * Makes a folder, and those above it that are missing; one that is there stays as it is.
 *
 * Not with mkdir's own `recursive`: Node tries forever, with a thread that nothing can stop, where a file system
 * says of a folder that cannot be made in it that there is no such file, as /proc does.
 * @throws the system's error
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (!(await isFolder(dirname(path)))) await makeFolder(dirname(path));
    // The folder above is there now, made here or by another process.
    await mkdir(path).catch(async (second) => {
      if (!(await isFolder(path))) throw second;
    });
  }
}

/**
 * Makes a folder for what the user is to get, and makes sure that files can be made in it.
 * @param choice how the user chooses another one: an option or an environment variable
 * @throws EvenkeelError if that is impossible
 */
export async function makeOutputFolder(path: string, choice: string): Promise<void> {
  try {
    await makeFolder(path);
    // Only an attempt tells: permissions mean little to root, and nothing in /proc.
    await rmdir(await mkdtemp(join(path, '.evenkeel-')));
  } catch (cause) {
    throw outputFailure(path, cause, `choose another folder with ${choice}`);
  }
}

/**
 * Writes a file for the user, as a whole: whoever reads it, even after a crash, sees the old one or the new one.
 * @throws EvenkeelError if that is impossible
 */
export async function writeOutputFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporaryPath = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporaryPath, content);
    await rename(temporaryPath, path);
  } catch (cause) {
    await rm(temporaryPath, { force: true }).catch(() => undefined);
    throw outputFailure(path, cause, 'work on a copy of the folder elsewhere');
  }
}

/**
 * The failure to write to a file or folder.
 * @param otherwise what the user can do instead of removing the reason
 */
export function outputFailure(path: string, cause: unknown, otherwise: string): EvenkeelError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new EvenkeelError(`cannot write to ${path}: ${message}`, {
    cause,
    hints: [remedy(code, otherwise)],
    fields: { path, code },
  });
}

function remedy(code: string | undefined, otherwise: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full: free some space, or ${otherwise}.`;
    case 'EROFS':
      return `The file system is read-only: ${otherwise}.`;
    case 'EACCES':
    case 'EPERM':
      return `You may not write there: ${otherwise}.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `A file stands where a folder is needed: remove it, or ${otherwise}.`;
    case 'ENOENT':
      return `Nothing can be made there: ${otherwise}.`;
    default:
      return `${otherwise.charAt(0).toUpperCase()}${otherwise.slice(1)}.`;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
