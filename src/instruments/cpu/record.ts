import { z } from 'zod';
import type { HostAccess } from '../../host/access.js';
import type { HostLayout } from '../../host/layout.js';
import { type HostThread, hostThreads, threadAffinity, threadRunNs } from '../../host/threads.js';
import type { Recorder, RecordingSite } from '../recorder.js';
import { procStatFiles, threadFiles } from './artifacts.js';

/** The host's counters of CPU time at the beginning and at the end. */
export const cpuRecorder: Recorder<Record<string, never>> = {
  name: 'cpu',
  options: z.strictObject({}),
  prepare: async (site) => {
    const threads = await threadsOfHost(site.host, site.layout);
    return {
      start: async () => {
        await snapshot(site, threads, 'before');
        return { stop: () => snapshot(site, threads, 'after') };
      },
    };
  },
};

/** The threads that run on the host's CPUs; those of the clients are pinned outside. */
async function threadsOfHost(host: HostAccess, layout: HostLayout): Promise<HostThread[]> {
  const threads = [];
  for (const thread of await hostThreads(host, layout)) {
    const cpus = await threadAffinity(host, thread.tid);
    if (cpus.some((cpu) => layout.cpus.includes(cpu))) threads.push(thread);
  }
  return threads;
}

/** The host's /proc/stat and the run time of these threads as they are now; those that ended are left out. */
async function snapshot(
  { host, artifactsFolder }: RecordingSite,
  threads: readonly HostThread[],
  moment: 'before' | 'after',
): Promise<void> {
  const procStat = await host.readFile('/proc/stat');
  const times = [];
  for (const thread of threads) {
    const runNs = await threadRunNs(host, thread);
    if (runNs === undefined) continue;
    const { pid, tid, comm, class: threadClass } = thread;
    times.push({ pid, tid, comm, class: threadClass, runNs: `${runNs}` });
  }
  await host.createFile(`${artifactsFolder}/${procStatFiles[moment]}`, procStat);
  await host.createFile(`${artifactsFolder}/${threadFiles[moment]}`, `${JSON.stringify(times)}\n`);
}
