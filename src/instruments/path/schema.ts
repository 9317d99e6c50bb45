import { z } from 'zod';
import { segments } from './chain.js';
import { pathKinds } from './points.js';

/** Where the time of a request goes. Times are microseconds. */

const count = z.int().nonnegative();
const interval = z.tuple([z.number(), z.number()]);

/** Over the requests of all seeds; `ci95` of the mean, over seeds by bootstrap, is null for one seed. */
const spreadSchema = z.strictObject({
  n: count,
  mean: z.number(),
  ci95: interval.nullable(),
  sd: z.number().nonnegative(),
  p99: z.number(),
});

const segmentSchema = z.strictObject({
  segment: z.enum(segments),
  time: spreadSchema,
  steps: z.array(z.strictObject({ step: z.string(), time: spreadSchema })).min(1),
});

/** What probes add to the response time: the difference of the same requests with and without them. */
const probeCostSchema = z.strictObject({
  /** How many points took time-stamps. */
  points: count,
  /** Requests that were answered in both runs. */
  n: count,
  recordsPerRequest: z.number().nonnegative(),
  addedPerRequest: z.strictObject({ mean: z.number(), ci95: interval }),
  addedPerRecord: z.strictObject({ mean: z.number(), ci95: interval }),
});

export const pathSectionSchema = z.strictObject({
  path: z.enum(pathKinds),
  seeds: z.array(count).min(1),
  /** At the wire, of all requests that were answered. */
  response: spreadSchema,
  lost: count,
  /** Requests that were seen at every point; the segments and steps are theirs. */
  followed: count,
  /** How many of those came while a poll of the NIC was due already, and have no interrupt of their own. */
  withoutInterrupt: count,
  /** The others: at which point they were not seen first. */
  notFollowed: z.array(z.strictObject({ point: z.string(), requests: count })),
  /** Sum of the means of the segments. */
  sumOfSegments: z.number(),
  /** Time-stamps that there was no room for. */
  dropped: count,
  recordsPerRequest: z.number().nonnegative(),
  /** Exits of the RT vCPU from the request at the wire to its response. */
  exitsPerRequest: z.number().nonnegative(),
  segments: z.array(segmentSchema),
  costs: z.array(probeCostSchema),
});

export type Spread = z.infer<typeof spreadSchema>;
export type ProbeCost = z.infer<typeof probeCostSchema>;
export type PathSection = z.infer<typeof pathSectionSchema>;
