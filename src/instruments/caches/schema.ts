import { z } from 'zod';
import { clockSchema, figureSchema, loadSchema } from '../../results/schema.js';
import { sides } from './analyze.js';
import { cachesSchema } from './geometry.js';

/** What `evenkeel caches --json` prints, `evenkeel.caches/1`. */

/** Seconds are those of the run's clock. */
export const cacheUseSchema = z.strictObject({
  instructionsPerSecond: figureSchema,
  /** Of the last level. */
  referencesPerSecond: figureSchema,
  missesPerSecond: figureSchema,
  missRatio: figureSchema,
});

/** For each byte that the Heavy Receivers received. */
export const perHeavyByteSchema = z.strictObject({
  instructions: figureSchema,
  bytesLoaded: figureSchema,
  bytesStored: figureSchema,
  references: figureSchema,
  misses: figureSchema,
});

export const workSchema = z.strictObject({
  name: z.string(),
  side: z.enum(sides),
  use: cacheUseSchema,
  /** Null without Heavy Receivers. */
  perHeavyByte: perHeavyByteSchema.nullable(),
});

export const methodCachesSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  kernel: z.string(),
  seeds: z.array(z.int().nonnegative()).min(1),
  heavyMbps: figureSchema,
  all: workSchema.omit({ name: true, side: true }),
  sides: z.array(workSchema.omit({ name: true })),
  work: z.array(workSchema),
});

export const cachesResultSchema = z.strictObject({
  schema: z.literal('evenkeel.caches/1'),
  clock: clockSchema,
  load: loadSchema,
  caches: cachesSchema,
  methods: z.array(methodCachesSchema).min(1),
});

export type CacheUse = z.infer<typeof cacheUseSchema>;
export type PerHeavyByte = z.infer<typeof perHeavyByteSchema>;
export type MethodCaches = z.infer<typeof methodCachesSchema>;
export type CachesResult = z.infer<typeof cachesResultSchema>;
