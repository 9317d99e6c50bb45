import { z } from 'zod';
import { clockSchema } from '../plan/clock.js';
import { environmentSchema, sha256Schema } from './environment.js';
import { measuredWindowSchema } from './manifest.js';

const count = z.int().nonnegative();

/** `run.json` as the first version of this program wrote it, `evenkeel.run/1`; it is only read. */
export const firstManifestSchema = z.strictObject({
  schema: z.literal('evenkeel.run/1'),
  method: z.strictObject({ id: z.string(), title: z.string(), settingsSha256: sha256Schema }),
  kernel: z.string(),
  seed: count,
  clock: clockSchema,
  environment: environmentSchema,
  load: z.strictObject({
    requests: count,
    minIntervalUs: count,
    maxIntervalUs: count,
    requestBytes: count,
  }),
  settings: z.array(
    z.strictObject({
      target: z.string(),
      wanted: z.string(),
      actual: z.string(),
      why: z.string(),
    }),
  ),
  hostScriptSha256: z.string().optional(),
  probesSha256: z.string().optional(),
  caches: z.looseObject({}).optional(),
  hostCpuNumbers: z.array(count).min(1),
  window: measuredWindowSchema,
});
export type FirstManifest = z.infer<typeof firstManifestSchema>;
