import type { HostAccess } from '../../../host/access.js';
import { type BackgroundProgram, stoppedOnFailure } from '../../../host/background-program.js';
import { formatCpuList } from '../../../host/cpu-list.js';
import { agentFiles } from '../../../plan/job.js';
import type { GuestPort, RtServerPlace } from '../../../plan/topology.js';

/** A Critical RT server that is a process of the host. */
export interface RtServer {
  readonly name: string;
  readonly program: BackgroundProgram;
}

/**
 * Starts a Critical RT server for each port, on the host itself or in the port's network namespace. If one
 * cannot be started, none runs.
 * @param cpus CPUs of the host on which they start
 */
export async function startRtServers(
  host: HostAccess,
  place: Exclude<RtServerPlace, 'vm'>,
  ports: readonly GuestPort[],
  cpus: readonly number[],
): Promise<RtServer[]> {
  const servers: RtServer[] = [];
  const started: BackgroundProgram[] = [];
  return await stoppedOnFailure(started, async () => {
    for (const { name, address } of ports) {
      const command = [
        ...['taskset', '--cpu-list', formatCpuList(cpus)],
        ...(place === 'namespace' ? ['ip', 'netns', 'exec', name] : []),
        ...[`${agentFiles.workloads}/rt-server`, address],
      ];
      const outputFile = `/run/artifacts/rt-server-${name}.log`;
      const program = await host.start(command, { outputFile });
      started.push(program);
      servers.push({ name, program });
    }
    return servers;
  });
}
