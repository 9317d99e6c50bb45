import { z } from 'zod';
import type { HostAccess } from '../../host/access.js';
import type { HostLayout } from '../../host/layout.js';
import { unlessEnded } from '../../host/settings/thread-target.js';
import { type HostThread, hostThreads, threadAffinity } from '../../host/threads.js';
import { EvenkeelError } from '../../process/errors.js';
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
        const before = await readCounters(site.host, threads);
        let after: string;
        return {
          stop: async () => {
            after = await readCounters(site.host, threads);
          },
          save: async () => {
            await save(site, threads, 'before', before);
            await save(site, threads, 'after', after);
          },
        };
      },
    };
  },
};

/** The threads that run on the host's CPUs; those of the clients are pinned outside. */
async function threadsOfHost(host: HostAccess, layout: HostLayout): Promise<HostThread[]> {
  const threads = [];
  for (const thread of await hostThreads(host, layout)) {
    const cpus = await unlessEnded(host, thread, () => threadAffinity(host, thread.tid));
    if (cpus?.some((cpu) => layout.cpus.includes(cpu))) threads.push(thread);
  }
  return threads;
}

/** grep has status 2 if a thread has ended. */
const readScript = 'grep -sH "" "$@" || [ $? -le 2 ] && cat /proc/stat';

/**
 * A line of /proc/PID/task/TID/schedstat for each thread, after its path, and then /proc/stat. One program reads
 * them all: file by file, the agent would wait for a CPU hundreds of times behind the senders of bulk traffic,
 * which it would take the CPU from for a second, with the host's CPUs idle and their counters read already.
 */
function readCounters(host: HostAccess, threads: readonly HostThread[]): Promise<string> {
  return host.run(['sh', '-c', readScript, 'sh', ...threads.map(schedstatOf)]);
}

function schedstatOf({ pid, tid }: HostThread): string {
  return `/proc/${pid}/task/${tid}/schedstat`;
}

/** Threads that have ended are left out. */
async function save(
  { host, artifactsFolder }: RecordingSite,
  threads: readonly HostThread[],
  moment: 'before' | 'after',
  counters: string,
): Promise<void> {
  const statAt = counters.search(/^cpu/m);
  if (statAt < 0) throw new EvenkeelError('the host has no counters of CPU time in /proc/stat');
  // The first field is the time that the thread has run, in ns (Documentation/scheduler/sched-stats.rst).
  const runNsOf = new Map(
    Array.from(counters.slice(0, statAt).matchAll(/^(\S+):(\d+) /gm), ([, path, runNs]) => [
      path,
      runNs,
    ]),
  );
  const times = threads.flatMap((thread) => {
    const runNs = runNsOf.get(schedstatOf(thread));
    const { pid, tid, comm, class: threadClass } = thread;
    return runNs === undefined ? [] : [{ pid, tid, comm, class: threadClass, runNs }];
  });
  await host.createFile(`${artifactsFolder}/${procStatFiles[moment]}`, counters.slice(statAt));
  await host.createFile(`${artifactsFolder}/${threadFiles[moment]}`, `${JSON.stringify(times)}\n`);
}
