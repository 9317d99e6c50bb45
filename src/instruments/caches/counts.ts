import { z } from 'zod';
import { parseJsonLines } from '../../process/json.js';

const count = z.int().nonnegative();

/** What the model of the caches counted for one thread of the host: a line of plugin/plugin.c. */
const countsSchema = z.strictObject({
  /** Its number, 0 for the idle threads. */
  thread: count,
  context: z.enum(['thread', 'hard interrupt', 'softirq']),
  /** Whether the guest ran, of which the thread is a vCPU. */
  inGuest: z.boolean(),
  instructions: count,
  bytesLoaded: count,
  bytesStored: count,
  /** Lines that the CPU's own cache did not have, or could not write to: the last level was asked. */
  references: count,
  /** Those of them that came from memory. */
  misses: count,
});

export type ThreadCounts = z.infer<typeof countsSchema>;
export type Counts = Omit<ThreadCounts, 'thread' | 'context' | 'inGuest'>;

/** @throws EvenkeelError that names the line which is not as the schema says */
export function parseCounts(text: string): ThreadCounts[] {
  return parseJsonLines(text, countsSchema);
}

export const noCounts: Counts = {
  instructions: 0,
  bytesLoaded: 0,
  bytesStored: 0,
  references: 0,
  misses: 0,
};

/** `a` plus `b`, `times` times. */
export function addCounts(a: Counts, b: Counts, times = 1): Counts {
  return {
    instructions: a.instructions + b.instructions * times,
    bytesLoaded: a.bytesLoaded + b.bytesLoaded * times,
    bytesStored: a.bytesStored + b.bytesStored * times,
    references: a.references + b.references * times,
    misses: a.misses + b.misses * times,
  };
}
