import { z } from 'zod';

/** Exact statistics over raw samples in microseconds; percentiles are nearest-rank, `sd` is the sample SD. */
export const responseTimeSchema = z.strictObject({
  n: z.int().nonnegative(),
  lost: z.int().nonnegative(),
  mean: z.number().nonnegative(),
  p50: z.number().nonnegative(),
  p99: z.number().nonnegative(),
  p999: z.number().nonnegative(),
  max: z.number().nonnegative(),
  sd: z.number().nonnegative(),
});
export type ResponseTime = z.infer<typeof responseTimeSchema>;
