import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostAccess } from '../../../host/access.js';
import type { HostLayout } from '../../../host/layout.js';
import {
  type HostThread,
  hostThreads,
  threadAffinity,
  threadRunNs,
} from '../../../host/threads.js';
import { agentFiles, artifactsFolder, type MeasureWork } from '../../../plan/job.js';
import { cpusOf, heavyLinks, rtLink, type TestbedSize } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { artifactNames } from '../../../run-folder/names.js';
import { startCacheModel, startCounting } from './cache-model.js';
import { type BackgroundProgram, call, start } from './commands.js';
import {
  endHostScript,
  hostScriptEndMs,
  startHostScript,
  whileHostScriptWorks,
} from './host-script.js';
import { onOutside } from './network.js';
import { startProbes } from './probes.js';

/** TCP has left slow start and the receive window has grown to its size. */
const heavyRampUpMs = 1000;
const programEndMs = 30_000;

/** From the first request to the last answer, on the host's CLOCK_MONOTONIC. */
export interface Window {
  readonly startNs: string;
  readonly endNs: string;
}

/**
 * Runs the experiment: bulk traffic, then requests, and the host's counters before and after. The
 * artifacts are left in `artifactsFolder`; nothing is computed here.
 */
export async function measure(
  host: HostAccess,
  layout: HostLayout,
  size: TestbedSize,
  { load, seed, busyCpu, hostScript, probes, cacheModel }: MeasureWork,
): Promise<Window> {
  const { outside } = cpusOf(size);
  const longestMs = Math.ceil((load.requests * load.maxIntervalUs) / 1000) + 60_000;

  // What setting up has written would be written back seconds later, in the measurement of some methods.
  await call('sync');
  const threads = await threadsOfHost(host, layout);
  if (busyCpu !== undefined) {
    const busyLoop = ['taskset', '--cpu-list', `${busyCpu}`, 'sh', '-c', 'while :; do :; done'];
    await start(busyLoop, `${artifactsFolder}/busy-loop.log`);
  }

  if (cacheModel) await startCacheModel(host);
  const senders = [];
  for (const [index, link] of heavyLinks(size).entries()) {
    const [guest] = link.guests;
    senders.push(
      await start(
        [
          ...onOutside(link.namespace, outside),
          `${agentFiles.workloads}/heavy-sender`,
          guest?.address ?? '',
          // A host script goes on with bulk traffic beside it.
          `${Math.ceil((longestMs + hostScriptEndMs) / 1000)}`,
        ],
        `${artifactsFolder}/${artifactNames.heavySeries(index)}`,
        `${artifactsFolder}/heavy-sender-${index}.log`,
      ),
    );
  }
  await delay(heavyRampUpMs);
  const script =
    hostScript === undefined ? undefined : await startHostScript(hostScript, size, artifactsFolder);
  const endProbes = probes && (await startProbes(host, layout, size, probes, artifactsFolder));

  await snapshot(host, threads, artifactNames.procStatBefore, artifactNames.threadsBefore);
  const endCounting = cacheModel && (await startCounting(host, artifactsFolder));
  const rt = rtLink(size);
  const clients = [];
  for (const [index, guest] of rt.guests.entries()) {
    clients.push(
      await start(
        [
          ...onOutside(rt.namespace, outside),
          ...['chrt', '--fifo', '60'],
          `${agentFiles.workloads}/rt-client`,
          guest.address,
          `${load.requests}`,
          `${clientSeed(seed, index)}`,
          `${load.minIntervalUs}`,
          `${load.maxIntervalUs}`,
          `${load.requestBytes}`,
        ],
        `${artifactsFolder}/rt-client-${index}.json`,
        `${artifactsFolder}/rt-client-${index}.log`,
      ),
    );
  }
  const windows = await whileHostScriptWorks(
    script,
    Promise.all(clients.map((client) => windowOf(client, longestMs))),
  );
  if (endCounting) await endCounting();
  await snapshot(host, threads, artifactNames.procStatAfter, artifactNames.threadsAfter);

  if (script) await endHostScript(script);
  for (const sender of senders) {
    if (sender.status() !== undefined) await failed('a Heavy Sender ended early', sender);
    sender.signal('SIGTERM');
    if ((await sender.ended(programEndMs)) !== 0) await failed('a Heavy Sender failed', sender);
  }
  // When nothing else takes time from the guest, whose serial port is slow.
  if (endProbes) await endProbes();
  return union(windows);
}

/** Each client has intervals of its own; they repeat only after 2^32 seeds. */
function clientSeed(seed: number, client: number): number {
  return (seed + client * 0x9e3779b1) >>> 0;
}

async function windowOf(client: BackgroundProgram, timeoutMs: number): Promise<Window> {
  if ((await client.ended(timeoutMs)) !== 0) await failed('an RT client failed', client);
  return JSON.parse(await readFile(client.logFile.replace(/\.log$/, '.json'), 'utf8'));
}

async function failed(what: string, program: BackgroundProgram): Promise<never> {
  const { logFile } = program;
  throw new EvenkeelError(`${what}: ${(await readFile(logFile, 'utf8')).trim()}`, {
    fields: { exitStatus: program.status(), logFile },
  });
}

function union(windows: readonly Window[]): Window {
  // Nanoseconds since the boot stay below 2^53 for a hundred days.
  return {
    startNs: `${Math.min(...windows.map(({ startNs }) => Number(startNs)))}`,
    endNs: `${Math.max(...windows.map(({ endNs }) => Number(endNs)))}`,
  };
}

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
  host: HostAccess,
  threads: readonly HostThread[],
  procStatName: string,
  threadsName: string,
): Promise<void> {
  const procStat = await host.readFile('/proc/stat');
  const times = [];
  for (const thread of threads) {
    const runNs = await threadRunNs(host, thread);
    if (runNs === undefined) continue;
    const { pid, tid, comm, class: threadClass } = thread;
    times.push({ pid, tid, comm, class: threadClass, runNs: `${runNs}` });
  }
  await writeFile(`${artifactsFolder}/${procStatName}`, procStat);
  await writeFile(`${artifactsFolder}/${threadsName}`, `${JSON.stringify(times)}\n`);
}
