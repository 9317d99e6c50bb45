import { z } from 'zod';
import { appliedSettingSchema } from '../host/settings/applied.js';
import { type Sections, sectionSchemas } from '../instruments/registry.js';
import { clockSchema } from '../plan/clock.js';
import { environmentSchema, sha256Schema } from '../run-folder/environment.js';

/**
 * The result of runs, `evenkeel.result/1`: an envelope with a section for each instrument of each method. Two
 * results of the same seeds, images and options on the instruction clock are byte-identical, so nothing in here
 * depends on the machine that runs the emulator, on the wall clock or on an absolute path.
 *
 * Units: response times are microseconds at the wire, throughput is Mbit/s of TCP payload, utilisation is a
 * fraction from 0 to 1 of the host's CPUs.
 */

const artifactSchema = z.strictObject({
  /** Path relative to the result file. */
  path: z.string(),
  sha256: sha256Schema,
});

const methodResultSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** Release of the host's kernel. */
  kernel: z.string(),
  settings: z.array(appliedSettingSchema),
  /** One for each seed, with the artifacts that the figures are of. */
  runs: z
    .array(z.strictObject({ seed: z.int().nonnegative(), artifacts: z.array(artifactSchema) }))
    .min(1),
  sections: z.strictObject(sectionSchemas()),
});

export const resultSchema = z.strictObject({
  schema: z.literal('evenkeel.result/1'),
  clock: clockSchema,
  environment: environmentSchema,
  workload: z.looseObject({ name: z.string() }),
  /** The command that repeats the runs. */
  command: z.string(),
  methods: z.array(methodResultSchema).min(1),
});

export type MethodResult = Omit<z.infer<typeof methodResultSchema>, 'sections'> & {
  sections: Sections;
};
export type Result = Omit<z.infer<typeof resultSchema>, 'methods'> & { methods: MethodResult[] };

/** The JSON Schema of a result, for editors and for programs in other languages. */
export function resultJsonSchema() {
  const { $schema, ...schema } = z.toJSONSchema(resultSchema);
  return { $schema, $id: 'urn:evenkeel:result:1', title: 'Evenkeel result', ...schema };
}
