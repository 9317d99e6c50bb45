import type { ResponseSample } from '../../workloads/workload.js';

/** The raw samples as CSV with a header line, for other tools (`samples.csv` of a run). */
export function formatSamplesCsv(samples: readonly ResponseSample[]): string {
  const rows = samples.map(
    ({ server, sequence, requestNs, responseTimeNs }) =>
      `${server},${sequence},${requestNs},${responseTimeNs}\n`,
  );
  return `server,sequence,request_ns,response_time_ns\n${rows.join('')}`;
}
