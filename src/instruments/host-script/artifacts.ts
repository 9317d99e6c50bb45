import { z } from 'zod';

/** Output of the program. What else it leaves in its working folder becomes artifacts too. */
export const scriptLogFile = 'host-script.log';

export const hostScriptOptionsSchema = z.strictObject({
  /** Text of the program; its first line names its interpreter. */
  text: z.string().startsWith('#!'),
});
export type HostScriptOptions = z.infer<typeof hostScriptOptionsSchema>;
