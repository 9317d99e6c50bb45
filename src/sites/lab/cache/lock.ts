import { type FileHandle, open, readFile } from 'node:fs/promises';
import { EvenkeelError } from '../../../process/errors.js';
import { flock } from '../../../process/flock.js';

const waitLimitMs = 30 * 60_000;

export interface LockOptions {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /**
   * Called if another process has the lock: shows that for as long as `wait` runs.
   * @param holder the number of that process and, as far as it is known, its command line
   */
  readonly whileWaiting: <T>(holder: string, wait: () => Promise<T>) => Promise<T>;
  /** How long to wait for the other process, in ms; 30 min by default. */
  readonly limitMs?: number;
}

/** A lock between processes that the kernel takes back when its holder dies, however it dies. */
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
    const { signal, whileWaiting, limitMs = waitLimitMs } = options;
    const file = await open(path, 'a+');
    try {
      if (!(await flock(file, 0, signal))) {
        const pid = (await file.readFile('utf8')).trim();
        const wait = () => flock(file, limitMs, signal);
        if (!(await whileWaiting(await describe(pid), wait))) {
          throw new EvenkeelError(
            `process ${pid} did not release ${path} within ${limitMs / 60_000} min`,
            { hints: [`Stop it (kill ${pid}) or wait for its end, then run this again.`] },
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

/** "pid 17 (node dist/cli.js lab build)"; the process may have ended, or be another user's. */
async function describe(pid: string): Promise<string> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const command = words.replaceAll('\0', ' ').trim();
  return command === '' ? `pid ${pid}` : `pid ${pid} (${command})`;
}
