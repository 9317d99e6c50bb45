import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { artifactNames } from '../artifacts/names.js';
import { EvenkeelError } from '../errors.js';
import type { HostAccess } from '../host/access.js';
import type { HostLayout } from '../host/layout.js';
import { hostThreads, threadRunNs } from '../host/threads.js';
import { cpusOf, heavyLinks, rtLink, type TestbedSize } from '../testbed/topology.js';
import { type BackgroundProgram, start } from './commands.js';
import { agentFiles, type MeasureWork } from './job.js';

export const artifactsFolder = '/run/artifacts';

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
  { load, seed }: MeasureWork,
): Promise<Window> {
  const { outside } = cpusOf(size);
  const longestMs = Math.ceil((load.requests * load.maxIntervalUs) / 1000) + 60_000;

  const senders = [];
  for (const [index, link] of heavyLinks(size).entries()) {
    const [guest] = link.guests;
    senders.push(
      await start(
        [
          ...onOutside(link.namespace, outside),
          `${agentFiles.workloads}/heavy-sender`,
          guest?.address ?? '',
          `${Math.ceil(longestMs / 1000)}`,
        ],
        `${artifactsFolder}/${artifactNames.heavySeries(index)}`,
        `${artifactsFolder}/heavy-sender-${index}.log`,
      ),
    );
  }
  await delay(heavyRampUpMs);

  await snapshot(host, layout, artifactNames.procStatBefore, artifactNames.threadsBefore);
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
  const windows = [];
  for (const client of clients) windows.push(await windowOf(client, longestMs));
  await snapshot(host, layout, artifactNames.procStatAfter, artifactNames.threadsAfter);

  for (const sender of senders) {
    if (sender.status() !== undefined) await failed('a Heavy Sender ended early', sender);
    sender.signal('SIGTERM');
    if ((await sender.ended(programEndMs)) !== 0) await failed('a Heavy Sender failed', sender);
  }
  return union(windows);
}

function onOutside(namespace: string, cpu: number): string[] {
  return ['ip', 'netns', 'exec', namespace, 'taskset', '--cpu-list', `${cpu}`];
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
  throw new EvenkeelError(`${what}: ${(await readFile(program.logFile, 'utf8')).trim()}`);
}

function union(windows: readonly Window[]): Window {
  const starts = windows.map(({ startNs }) => BigInt(startNs));
  const ends = windows.map(({ endNs }) => BigInt(endNs));
  return {
    startNs: `${starts.reduce((a, b) => (b < a ? b : a))}`,
    endNs: `${ends.reduce((a, b) => (b > a ? b : a))}`,
  };
}

/** /proc/stat and the run time of every thread, as they are now. */
async function snapshot(
  host: HostAccess,
  layout: HostLayout,
  procStatName: string,
  threadsName: string,
): Promise<void> {
  const threads = [];
  for (const thread of await hostThreads(host, layout)) {
    const runNs = await threadRunNs(host, thread);
    if (runNs === undefined) continue;
    const { pid, tid, comm, class: threadClass } = thread;
    threads.push({ pid, tid, comm, class: threadClass, runNs: `${runNs}` });
  }
  await writeFile(`${artifactsFolder}/${threadsName}`, `${JSON.stringify(threads)}\n`);
  await writeFile(`${artifactsFolder}/${procStatName}`, await host.readFile('/proc/stat'));
}
