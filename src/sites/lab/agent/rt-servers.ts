import type { HostAccess } from '../../../host/access.js';
import { type BackgroundProgram, stoppedOnFailure } from '../../../host/background-program.js';
import { formatCpuList } from '../../../host/cpu-list.js';
import { artifactsFolder } from '../../../plan/job.js';
import type { RtServerPlace, VmPort } from '../../../plan/topology.js';
import type { ProgramCommand } from '../../../workloads/workload.js';
import { workloadCommand } from './workload-command.js';

/** A Critical RT server that is a process of the host. */
export interface RtServer {
  readonly name: string;
  readonly program: BackgroundProgram;
}

/**
 * Starts a Critical RT server for each port, on the host itself or in the port's network namespace. If one
 * cannot be started, none runs.
 * @param commandFor the server that answers at an address
 * @param cpus CPUs of the host on which they start
 */
export async function startRtServers(
  host: HostAccess,
  place: Exclude<RtServerPlace, 'vm'>,
  ports: readonly VmPort[],
  commandFor: (address: string) => ProgramCommand,
  cpus: readonly number[],
): Promise<RtServer[]> {
  const servers: RtServer[] = [];
  const started: BackgroundProgram[] = [];
  return await stoppedOnFailure(started, async () => {
    for (const { name, address } of ports) {
      const command = [
        ...['taskset', '--cpu-list', formatCpuList(cpus)],
        ...(place === 'namespace' ? ['ip', 'netns', 'exec', name] : []),
        ...workloadCommand(commandFor(address)),
      ];
      const outputFile = `${artifactsFolder}/rt-server-${name}.log`;
      const program = await host.start(command, { outputFile });
      started.push(program);
      servers.push({ name, program });
    }
    return servers;
  });
}
