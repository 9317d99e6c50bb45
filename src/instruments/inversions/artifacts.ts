import { z } from 'zod';
import { validated } from '../../process/json.js';
import { instrumentOf } from '../../run-folder/facts.js';
import type { RunFolder } from '../../run-folder/run-folder.js';
import { parseTrace, type TraceEvent } from '../../traces/ftrace.js';

/** The trace of the host, as tracefs has it. */
export const traceFile = 'trace.txt';

/** What belongs to the RT side of the host, for who reads the trace. */
export const inversionsOptionsSchema = z.strictObject({
  /** Interfaces that RT packets pass by NAPI. */
  nics: z.array(z.string()).min(1),
  /** Threads of this FIFO priority or a higher one are RT. */
  lowestPriority: z.int().min(1).max(99),
});

/** What a run with a trace has left. */
export interface TraceArtifacts {
  readonly events: readonly TraceEvent[];
  readonly rt: z.infer<typeof inversionsOptionsSchema>;
}

/** @throws EvenkeelError if the run was not traced, or the trace is not as the kernel writes it */
export async function readTraceArtifacts(folder: RunFolder): Promise<TraceArtifacts> {
  const part = instrumentOf(folder.facts, 'inversions');
  return {
    events: await folder.parse(traceFile, (bytes) => parseTrace(bytes.toString())),
    rt: validated('instrument inversions', part, inversionsOptionsSchema.loose()),
  };
}
