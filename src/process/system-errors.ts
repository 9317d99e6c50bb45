import { missingProgramHint } from './programs.js';

/**
 * What to do about a failure that the operating system reports.
 * @returns undefined if it is none, or one that rather is a bug of this program
 */
export function systemErrorHints(error: unknown): string[] | undefined {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return [
        'The disk is full: free some space, or use another one with --out, TMPDIR or XDG_CACHE_HOME.',
      ];
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return ['Choose a folder that you may write to, with --out, TMPDIR or XDG_CACHE_HOME.'];
    case 'EEXIST':
    case 'ENOTDIR':
      return ['A file stands where a folder is needed.'];
    case 'ENOMEM':
    case 'EMFILE':
    case 'ENFILE':
      return ['This machine lacks memory or open files: stop other programs, see ulimit -a.'];
    case 'ENOENT':
      return syscall.startsWith('spawn') && path !== undefined
        ? [missingProgramHint(path)]
        : undefined;
    default:
      return undefined;
  }
}
