import { z } from 'zod';
import { nsSchema } from '../../traces/time.js';

/** The host's /proc/stat at the start and at the end of the window. */
export const procStatFiles = { before: 'proc-stat.before', after: 'proc-stat.after' } as const;

/** CPU time of the host's threads at the start and at the end of the window. */
export const threadFiles = { before: 'threads.before.json', after: 'threads.after.json' } as const;

const count = z.int().nonnegative();

/** The host's threads, none of a guest's. */
export const threadSnapshotSchema = z.array(
  z.strictObject({
    tid: count,
    /** Process that the thread belongs to. */
    pid: count,
    comm: z.string(),
    /** What the thread is to the experiment, e.g. `RT vCPU`. */
    class: z.string(),
    /** CPU time since the thread began. */
    runNs: nsSchema,
  }),
);
export type ThreadSnapshot = z.infer<typeof threadSnapshotSchema>;
