import { z } from 'zod';

/** What was done to a host, as a run's manifest and a rollback journal have it. */

const number = z.int().nonnegative();

/** What a change is made to. */
const targetSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('thread'),
    /** The part that it plays for the VMs, e.g. `RT vCPU` (thread-class.ts). */
    class: z.string(),
    pid: number,
    tid: number,
    comm: z.string(),
  }),
  z.strictObject({ type: z.literal('interrupt'), number }),
  z.strictObject({ type: z.literal('file'), path: z.string() }),
  /** The process is its VMM. */
  z.strictObject({ type: z.literal('vm'), pid: number, name: z.string().optional() }),
  z.strictObject({ type: z.literal('nic'), name: z.string() }),
  z.strictObject({ type: z.literal('kernel-module'), name: z.string() }),
  /** Of a run that was made before targets were told apart. */
  z.strictObject({ type: z.literal('text'), text: z.string() }),
]);

const facts = {
  /** The kind of the setting that asks for it (registry.ts). */
  kind: z.string(),
  target: targetSchema,
  /** What was there before, in the words of `wanted`; null if that is not known or cannot be put back. */
  before: z.string().nullable(),
  /** What is asked for, e.g. `SCHED_FIFO 50`. */
  wanted: z.string(),
};
/** A sentence. */
const why = z.string();

/** A change of one target, planned or made. */
const changeSchema = z.strictObject({ ...facts, why });

/** A change that was made. It took effect if `actual`, what was read back, is the same as `wanted`. */
export const appliedSettingSchema = z.strictObject({ ...facts, actual: z.string(), why });

export type Target = z.infer<typeof targetSchema>;
export type ThreadTarget = Extract<Target, { type: 'thread' }>;
export type Change = z.infer<typeof changeSchema>;
export type AppliedSetting = z.infer<typeof appliedSettingSchema>;
