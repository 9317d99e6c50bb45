import { z } from 'zod';

/** The trace of the host, as tracefs has it. */
export const traceFile = 'trace.txt';

/** What belongs to the RT side of the host, for who reads the trace. */
export const inversionsOptionsSchema = z.strictObject({
  /** Interfaces that RT packets pass by NAPI. */
  nics: z.array(z.string()).min(1),
  /** Threads of this FIFO priority or a higher one are RT. */
  lowestPriority: z.int().min(1).max(99),
});
