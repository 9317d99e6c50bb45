import { z } from 'zod';
import { seriesNameSchema } from '../plan/conditions.js';

const count = z.int().nonnegative();
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * What a run took place in. Names of kernel series and of places are those of the program that made the run;
 * another version may not know them.
 */
export const environmentSchema = z.strictObject({
  /** Version of this program. */
  evenkeel: z.string(),
  /** CPUs of the host that run VMs; the load generator's CPU is not counted. */
  hostCpus: count,
  rtVms: count,
  heavyVms: count,
  /** Where the Critical RT servers run: one in each RT VM, or as many on the host or in network namespaces of it. */
  rtServer: seriesNameSchema,
  /** Which of the distribution's kernels the host has, and which the guests. */
  kernels: seriesNameSchema,
  guestKernel: seriesNameSchema,
  hostMemoryMiB: count,
  guestMemoryMiB: count,
  /** Version of each part: emulator, QEMU on the host, kernels. */
  versions: z.record(z.string(), z.string()),
  /** SHA-256 of each image that took part. */
  hashes: z.record(z.string(), sha256Schema),
});
export type Environment = z.infer<typeof environmentSchema>;
