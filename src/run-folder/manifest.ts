import { z } from 'zod';
import { appliedSettingSchema } from '../host/settings/applied.js';
import { clockSchema } from '../plan/clock.js';
import { runSpecDigest, runSpecSchema } from '../plan/run-spec.js';
import { hostNsSchema } from '../traces/time.js';
import { sha256Schema } from './environment.js';

const count = z.int().nonnegative();

/** From the first request to the last answer. */
export const measuredWindowSchema = z
  .strictObject({ startNs: hostNsSchema, endNs: hostNsSchema })
  .refine(({ startNs, endNs }) => startNs < endNs, 'startNs must be before endNs');
export type MeasuredWindow = z.infer<typeof measuredWindowSchema>;

/** What a site can say of a run before it executes it: with the spec, all that decides what comes out. */
const runIdentitySchema = z.strictObject({
  spec: runSpecSchema,
  /** Hash of the spec: the same on every machine. */
  specSha256: sha256Schema,
  /** Version of this program. */
  evenkeel: z.string(),
  /** Release of the host's kernel. */
  kernel: z.string(),
  clock: clockSchema,
  /** Version of each part, for people, and the hash of each image. */
  versions: z.record(z.string(), z.string()),
  hashes: z.record(z.string(), sha256Schema),
  /** CPUs that the host's own threads and its VMs use; the load generator's CPU is not listed. */
  hostCpuNumbers: z.array(count).min(1),
});
export type RunIdentity = z.infer<typeof runIdentitySchema>;

/** What only the one who executed the run knows. */
export const siteReportSchema = z.strictObject({
  window: measuredWindowSchema,
  settings: z.array(appliedSettingSchema),
});
export type SiteReport = z.infer<typeof siteReportSchema>;

/** `run.json`, `evenkeel.run/2`; written with `z.encode()`. */
export const runManifestSchema = z
  .strictObject({
    schema: z.literal('evenkeel.run/2'),
    ...runIdentitySchema.shape,
    ...siteReportSchema.shape,
  })
  .refine(({ spec, hostCpuNumbers }) => spec.conditions.hostCpus === hostCpuNumbers.length, {
    path: ['hostCpuNumbers'],
    error: 'must be as many as spec.conditions.hostCpus',
  })
  .refine(({ spec, specSha256 }) => runSpecDigest(spec) === specSha256, {
    path: ['specSha256'],
    error: 'must be the hash of spec',
  });
export type RunManifest = z.infer<typeof runManifestSchema>;
