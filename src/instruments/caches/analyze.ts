import { validated } from '../../process/json.js';
import { instrumentOf } from '../../run-folder/facts.js';
import { measuredWindowSchema } from '../../run-folder/manifest.js';
import type { RunFolder } from '../../run-folder/run-folder.js';
import { nsBetween } from '../../traces/time.js';
import { ackedInWindow } from '../../workloads/bulk-tcp/acked-bytes.js';
import { threadFiles, threadSnapshotSchema } from '../cpu/artifacts.js';
import { cacheFiles } from './artifacts.js';
import { addCounts, type Counts, noCounts, parseCounts, type ThreadCounts } from './counts.js';
import { type Caches, cachesOptionsSchema } from './geometry.js';

/** Whose work it is. A kernel without PREEMPT_RT serves all NICs in the same interrupts. */
export const sides = ['RT', 'non-RT', 'interrupts', 'idle'] as const;
export type Side = (typeof sides)[number];

/** Work of one kind: that of a class of threads, in or outside of a guest, or that of interrupts. */
export interface Work {
  readonly name: string;
  readonly side: Side;
  readonly counts: Counts;
}

/** What the caches did in one run. */
export interface CacheRun {
  readonly caches: Caches;
  /** For how long the model counted. */
  readonly seconds: number;
  /** What the Heavy Receivers' senders had acknowledged meanwhile. */
  readonly heavyBytes: number;
  /** Sorted by side and name. */
  readonly work: readonly Work[];
}

/** @throws EvenkeelError if the run had no model of the caches, or an artifact is not as expected */
export async function analyzeCaches(folder: RunFolder): Promise<CacheRun> {
  const part = instrumentOf(folder.facts, 'caches');
  const { caches } = validated('instrument caches', part, cachesOptionsSchema.loose());
  const window = await folder.readJson(cacheFiles.window, measuredWindowSchema);
  const counts = await folder.parse(cacheFiles.counts, (bytes) => parseCounts(bytes.toString()));
  const threads = await folder.readJson(threadFiles.before, threadSnapshotSchema);
  const heavyBytes = await ackedInWindow(folder, window);
  const classes = new Map(threads.map(({ tid, class: threadClass }) => [tid, threadClass]));
  const work = new Map<string, Work>();
  for (const one of counts) {
    const { name, side } = identify(one, classes.get(one.thread) ?? 'other');
    const before = work.get(name)?.counts ?? noCounts;
    work.set(name, { name, side, counts: addCounts(before, one) });
  }
  return {
    caches,
    seconds: Number(nsBetween(window.startNs, window.endNs)) / 1e9,
    heavyBytes: heavyBytes.reduce((sum, bytes) => sum + bytes, 0),
    work: [...work.values()].sort(
      (a, b) => sides.indexOf(a.side) - sides.indexOf(b.side) || (a.name < b.name ? -1 : 1),
    ),
  };
}

function identify(
  { thread, context, inGuest }: ThreadCounts,
  threadClass: string,
): Pick<Work, 'name' | 'side'> {
  if (context !== 'thread') return { name: `${context}s`, side: 'interrupts' };
  if (thread === 0) return { name: 'idle', side: 'idle' };
  const side = threadClass.startsWith('RT ') ? 'RT' : 'non-RT';
  if (!threadClass.endsWith('vCPU')) return { name: threadClass, side };
  return { name: `${threadClass}, ${inGuest ? 'guest' : 'host'}`, side };
}
