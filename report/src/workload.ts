import type { Result } from '../../src/results/schema.ts';
import type { UdpEchoOptions } from '../../src/workloads/udp-echo/workload.ts';

/** The options of the workload, if it is the one that this page knows. */
export function udpEchoOptions(workload: Result['workload']): UdpEchoOptions | undefined {
  return workload.name === 'udp-echo' ? (workload as unknown as UdpEchoOptions) : undefined;
}
