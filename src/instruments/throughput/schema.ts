import { z } from 'zod';
import { figureSchema } from '../../statistics/figure.js';

const mbps = z.number().nonnegative();

/** What the Heavy Receivers receive, in Mbit/s of TCP payload. */
export const throughputSectionSchema = z.strictObject({
  runs: z
    .array(
      z.strictObject({
        seed: z.int().nonnegative(),
        /** Sum over the Heavy Receivers, and each one's. */
        mbps,
        mbpsPerVm: z.array(mbps),
      }),
    )
    .min(1),
  /** Mean over runs of the sum. */
  mbps: figureSchema,
});
export type ThroughputSection = z.infer<typeof throughputSectionSchema>;
