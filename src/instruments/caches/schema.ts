import { z } from 'zod';
import { figureSchema } from '../../statistics/figure.js';
import { sides } from './analyze.js';
import { cachesSchema } from './geometry.js';

/** How the caches served RT and other work. */

/** Seconds are those of the run's clock. */
const cacheUseSchema = z.strictObject({
  instructionsPerSecond: figureSchema,
  /** Of the last level. */
  referencesPerSecond: figureSchema,
  missesPerSecond: figureSchema,
  missRatio: figureSchema,
});

/** For each byte that the Heavy Receivers received. */
const perHeavyByteSchema = z.strictObject({
  instructions: figureSchema,
  bytesLoaded: figureSchema,
  bytesStored: figureSchema,
  references: figureSchema,
  misses: figureSchema,
});

const workSchema = z.strictObject({
  name: z.string(),
  side: z.enum(sides),
  use: cacheUseSchema,
  /** Null without Heavy Receivers. */
  perHeavyByte: perHeavyByteSchema.nullable(),
});

export const cachesSectionSchema = z.strictObject({
  /** Those that were modelled. */
  caches: cachesSchema,
  seeds: z.array(z.int().nonnegative()).min(1),
  heavyMbps: figureSchema,
  all: workSchema.omit({ name: true, side: true }),
  sides: z.array(workSchema.omit({ name: true })),
  work: z.array(workSchema),
});

export type CacheUse = z.infer<typeof cacheUseSchema>;
export type PerHeavyByte = z.infer<typeof perHeavyByteSchema>;
export type CachesSection = z.infer<typeof cachesSectionSchema>;
