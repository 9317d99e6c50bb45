import type { HostAccess } from '../access.js';
import { listIfAlive } from '../proc.js';
import type { HostThread } from '../threads.js';
import type { ThreadTarget } from './applied.js';

export function threadTarget({ class: threadClass, pid, tid, comm }: HostThread): ThreadTarget {
  return { type: 'thread', class: threadClass, pid, tid, comm };
}

/**
 * Threads come and go while settings are made; what has ended needs none.
 * @returns what `work` returns, or undefined if it failed because the thread has ended
 */
export async function unlessEnded<T>(
  host: HostAccess,
  { pid, tid }: Pick<HostThread, 'pid' | 'tid'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((await listIfAlive(host, `/proc/${pid}/task/${tid}`)).length === 0) return undefined;
    throw error;
  }
}
