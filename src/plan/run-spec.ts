import { z } from 'zod';
import { digestOf, type JsonObject } from '../process/digest.js';
import { conditionsSchema } from './conditions.js';
import { type RtServerPlace, rtServerPlaces } from './topology.js';

/**
 * A run is a value: a method, conditions, a workload, instruments and a seed. With the hashes of the images
 * it is all that a machine needs to execute the run; there are no local paths in it.
 *
 * What belongs to one kind of setting, workload or instrument is validated by that kind's own schema, which
 * the registries of host/settings, workloads and instruments have: this file knows none of them.
 */

const settingValueSchema = z.looseObject({ kind: z.string(), why: z.string() });

/** A method (methods/method.ts) as a value. */
export const methodValueSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  kernel: z.enum(['rt', 'non-rt']),
  rtServer: z.enum(rtServerPlaces).optional(),
  settings: z.array(settingValueSchema).readonly(),
});

/** A workload or an instrument by its name, and its options. */
const partSchema = z.looseObject({ name: z.string() });

export const runSpecSchema = z.strictObject({
  schema: z.literal('evenkeel.run-spec/1'),
  method: methodValueSchema,
  conditions: conditionsSchema,
  /** What the Critical RT servers do, and how much of it is asked of them. */
  workload: partSchema,
  /** What observes the run, no name twice. */
  instruments: z.array(partSchema),
  /** Of the machine and of the load. */
  seed: z.int().nonnegative(),
});

export type RunSpec = Readonly<z.infer<typeof runSpecSchema>>;
/** A workload or an instrument in a RunSpec. */
export type SpecPart = RunSpec['workload'];

/** The run's identity: a SHA-256, the same for equal specs on every machine. */
export function runSpecDigest(spec: RunSpec): string {
  return digestOf(spec as JsonObject);
}

/** The options of an instrument; undefined if the run does not have it. */
export function instrumentPart({ instruments }: RunSpec, name: string): SpecPart | undefined {
  return instruments.find((part) => part.name === name);
}

/** Where the Critical RT servers run: a method may be about that. */
export function rtServerPlaceOf({
  method,
  conditions,
}: Pick<RunSpec, 'method' | 'conditions'>): RtServerPlace {
  return method.rtServer ?? conditions.rtServer;
}
