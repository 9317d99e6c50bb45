import { z } from 'zod';
import { distributionSchema } from '../../statistics/distribution.js';
import { figureSchema } from '../../statistics/figure.js';
import { responseTimeSchema } from '../../statistics/response-time.js';

/** Response times at the wire, in microseconds. */
export const wireSectionSchema = z.strictObject({
  runs: z
    .array(z.strictObject({ seed: z.int().nonnegative(), responseTimeUs: responseTimeSchema }))
    .min(1),
  /** Of the samples of all seeds together; `n` and `lost` are totals. */
  summary: z.strictObject({
    mean: figureSchema,
    p50: figureSchema,
    p99: figureSchema,
    p999: figureSchema,
    max: figureSchema,
    sd: figureSchema,
    n: figureSchema,
    lost: figureSchema,
  }),
  distribution: distributionSchema,
});
export type WireSection = z.infer<typeof wireSectionSchema>;
