import { z } from 'zod';
import { errorJsonSchema } from '../process/error-json-schema.js';

/** What the agent tells the lab, one JSON object a line on the second serial port (`agentPorts.events`). */
export const agentEventSchema = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('step'),
    step: z.string(),
    uptimeS: z.number().nonnegative(),
  }),
  /** The user has a shell: the machine is silent for as long as the user is. */
  z.strictObject({ event: z.literal('shell') }),
  /** The command has begun. */
  z.strictObject({ event: z.literal('running') }),
  /** While the command runs: the machine's time, and the CPU time of its guests so far. */
  z.strictObject({
    event: z.literal('heartbeat'),
    uptimeS: z.number().nonnegative(),
    guestCpuNs: z.number().nonnegative(),
  }),
  z.strictObject({ event: z.literal('done') }),
  /** The command or the shell has ended. */
  z.strictObject({ event: z.literal('exit'), status: z.int() }),
  z.strictObject({ event: z.literal('failed'), error: errorJsonSchema }),
]);

export type AgentEvent = z.infer<typeof agentEventSchema>;
