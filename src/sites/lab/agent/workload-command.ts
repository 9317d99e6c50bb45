import { agentFiles } from '../../../plan/job.js';
import type { ProgramCommand } from '../../../workloads/workload.js';

/** The command with the path of a workload's program on the emulated host. */
export function workloadCommand([program, ...args]: ProgramCommand): string[] {
  return [`${agentFiles.workloads}/${program}`, ...args];
}
