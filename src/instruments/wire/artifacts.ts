import type { RunFolder } from '../../run-folder/run-folder.js';
import { readPcap } from '../../traces/pcap.js';
import { plannedWorkload } from '../../workloads/registry.js';
import type { ResponseTimes } from '../../workloads/workload.js';

/** Frames at the wire of the RT network; the site captures them. */
export const captureFile = 'rt.pcap';

/** Requests and responses of a run at the wire. @throws EvenkeelError if the capture cannot be read */
export async function responsesAtWire(folder: RunFolder): Promise<ResponseTimes> {
  const workload = plannedWorkload(folder.facts.workload);
  return folder.parse(captureFile, (bytes) => workload.match(readPcap(bytes)));
}

/** The response times of a run in nanoseconds, in the order of the requests. */
export function responseTimesNs({ samples }: ResponseTimes): Float64Array {
  return Float64Array.from(samples, ({ responseTimeNs }) => Number(responseTimeNs));
}
