import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { EvenkeelError, InterruptedError } from '../../errors.js';

const waitLimitMs = 30 * 60_000;
/** The exit status of flock(1) for a lock that somebody else holds. */
const lockIsTaken = 1;

export interface LockOptions {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Called once if another process has the lock, with the number of that process. */
  readonly onWait: (holder: string) => void;
  /** How long to wait for the other process, in ms; 30 min by default. */
  readonly limitMs?: number;
}

/**
 * A lock between processes that the kernel takes back when its holder dies, however it dies. It is
 * flock(2)'s, and belongs to the open file, not to the process that asked for it: flock(1) locks the
 * file that this process opened, and exits.
 */
export class ProcessLock {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * @param path a file that is made if it is missing, and stays
   * @throws EvenkeelError if the other process does not let go in time
   */
  static async acquire(path: string, options: LockOptions): Promise<ProcessLock> {
    const file = await open(path, 'a+');
    try {
      if (!(await lock(file, 0, options.signal))) {
        const holder = (await file.readFile('utf8')).trim();
        options.onWait(holder);
        const limitMs = options.limitMs ?? waitLimitMs;
        if (!(await lock(file, limitMs, options.signal))) {
          throw new EvenkeelError(
            `process ${holder} did not release ${path} within ${limitMs / 60_000} min`,
            { hints: [`Stop it (kill ${holder}) or wait for its end, then run this again.`] },
          );
        }
      }
      await file.truncate();
      await file.write(`${process.pid}\n`);
      return new ProcessLock(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.#file.close();
  }
}

/** @returns whether the lock was to be had within `limitMs` */
async function lock(file: FileHandle, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const inheritedFile = 3;
  const flock = spawn(
    'flock',
    ['--exclusive', '--wait', String(limitMs / 1000), String(inheritedFile)],
    { stdio: ['ignore', 'ignore', 'inherit', file.fd], signal },
  );
  try {
    const [exitStatus] = await once(flock, 'close');
    if (exitStatus === 0 || exitStatus === lockIsTaken) return exitStatus === 0;
    throw new EvenkeelError(`flock failed with exit status ${exitStatus}`);
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    throw error;
  }
}
