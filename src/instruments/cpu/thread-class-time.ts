import type { ThreadSnapshot } from './artifacts.js';
import type { ThreadClassTime } from './schema.js';

/**
 * CPU time of each class of host threads between two snapshots, as a fraction of all host CPUs, sorted
 * by class. A thread that began in between counts from 0; of one that ended, nothing is known, so it is
 * left out.
 * @param capacityNs CPU time that all host CPUs had together from one snapshot to the other
 */
export function threadClassTimes(
  before: ThreadSnapshot,
  after: ThreadSnapshot,
  capacityNs: number,
): ThreadClassTime[] {
  const startRunNs = new Map(before.map(({ tid, runNs }) => [tid, runNs]));
  const classRunNs = new Map<string, bigint>();
  for (const { tid, class: threadClass, runNs } of after) {
    const start = startRunNs.get(tid) ?? 0n;
    // Less time than before: the thread ended, and a new one got its number.
    const elapsedNs = runNs < start ? runNs : runNs - start;
    classRunNs.set(threadClass, (classRunNs.get(threadClass) ?? 0n) + elapsedNs);
  }
  return Array.from(classRunNs, ([threadClass, runNs]) => ({
    class: threadClass,
    // A snapshot takes a moment, and /proc/stat counts in steps, so a busy class can exceed it a little.
    utilization: Math.min(1, Number(runNs) / capacityNs),
  })).sort((a, b) => (a.class < b.class ? -1 : 1));
}
