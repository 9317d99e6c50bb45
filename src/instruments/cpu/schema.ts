import { z } from 'zod';
import { figureSchema } from '../../statistics/figure.js';

const fraction = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** Where one host CPU's time went, as fractions of the measured window (from /proc/stat). */
const cpuTimeSchema = z.strictObject({
  cpu: count,
  user: fraction,
  system: fraction,
  irq: fraction,
  softirq: fraction,
  guest: fraction,
  idle: fraction,
});

/** CPU time of one class of threads, summed over threads, as a fraction of all host CPUs. */
const threadClassTimeSchema = z.strictObject({
  /** e.g. `RT vCPU`, `heavy vNIC`, `RT interrupt thread`, `other`. */
  class: z.string(),
  utilization: fraction,
});

/** What the host's CPUs did. */
export const cpuSectionSchema = z.strictObject({
  runs: z
    .array(
      z.strictObject({
        seed: count,
        /** Busy fraction of the host's CPUs. */
        utilization: fraction,
        cpuTime: z.array(cpuTimeSchema),
        threadClasses: z.array(threadClassTimeSchema),
      }),
    )
    .min(1),
  /** Mean over runs. */
  utilization: figureSchema,
});

export type CpuTime = z.infer<typeof cpuTimeSchema>;
export type ThreadClassTime = z.infer<typeof threadClassTimeSchema>;
export type CpuSection = z.infer<typeof cpuSectionSchema>;
