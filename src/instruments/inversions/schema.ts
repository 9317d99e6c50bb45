import { z } from 'zod';
import { inversionKinds } from './find.js';

const count = z.int().nonnegative();
const us = z.number().nonnegative();

const inversionSchema = z.strictObject({
  kind: z.enum(inversionKinds),
  atUs: us,
  us,
  cpu: count,
  victim: z.string(),
  other: z.string(),
  waitedIn: z.string(),
});

/** Priority inversions that the trace of each run has. Times are microseconds. */
export const inversionsSectionSchema = z.strictObject({
  runs: z
    .array(
      z.strictObject({
        seed: count,
        /** Times that a NAPI instance of an RT NIC was scheduled by an RT thread. */
        rtScheduled: count,
        inversions: z.array(inversionSchema),
      }),
    )
    .min(1),
});
export type InversionsSection = z.infer<typeof inversionsSectionSchema>;
