import { formatCpuList } from '../../../host/cpu-list.js';
import { agentFiles, artifactsFolder } from '../../../plan/job.js';
import type { GuestPort, RtServerPlace } from '../../../plan/topology.js';
import { type BackgroundProgram, start } from './commands.js';

/** A Critical RT server that is a process of the host. */
export interface RtServer {
  readonly name: string;
  readonly program: BackgroundProgram;
}

/**
 * Starts a Critical RT server for each port, on the host itself or in the port's network namespace.
 * @param cpus CPUs of the host on which they start
 */
export async function startRtServers(
  place: Exclude<RtServerPlace, 'vm'>,
  ports: readonly GuestPort[],
  cpus: readonly number[],
): Promise<RtServer[]> {
  const servers = [];
  for (const { name, address } of ports) {
    const command = [
      ...['taskset', '--cpu-list', formatCpuList(cpus)],
      ...(place === 'namespace' ? ['ip', 'netns', 'exec', name] : []),
      ...[`${agentFiles.workloads}/rt-server`, address],
    ];
    servers.push({
      name,
      program: await start(command, `${artifactsFolder}/rt-server-${name}.log`),
    });
  }
  return servers;
}
