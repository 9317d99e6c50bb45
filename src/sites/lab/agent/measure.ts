import { setTimeout as delay } from 'node:timers/promises';
import type { HostAccess } from '../../../host/access.js';
import { type BackgroundProgram, stopPrograms } from '../../../host/background-program.js';
import type { PreparedRecording, Recording, RecordingSite } from '../../../instruments/recorder.js';
import { recordersOf } from '../../../instruments/recorders.js';
import type { RunSpec } from '../../../plan/run-spec.js';
import { cpusOf, heavyLinks, rtLink } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { parseValidatedJson } from '../../../process/json.js';
import type { MeasuredWindow } from '../../../run-folder/manifest.js';
import { ackedSeriesFile, heavySender } from '../../../workloads/bulk-tcp/load.js';
import { plannedWorkload } from '../../../workloads/registry.js';
import { clientReportSchema, type PlannedWorkload } from '../../../workloads/workload.js';
import { onOutside } from './network.js';
import { workloadCommand } from './workload-command.js';

/** TCP has left slow start and the receive window has grown to its size. */
const heavyRampUpMs = 1000;
/** More than the clients need before their first request and after their last one. */
const clientMarginMs = 60_000;
/** Bulk traffic goes on while instruments end, which may have to save what they have recorded. */
const instrumentsEndMs = 600_000;
const programEndMs = 30_000;

/**
 * Does the run: bulk traffic, then the instruments, then the requests. What is recorded is left in the
 * artifacts' folder; nothing is computed here. Whatever happens, nothing that was started goes on.
 */
export async function measure(site: RecordingSite, spec: RunSpec): Promise<MeasuredWindow> {
  const { host } = site;
  const workload = plannedWorkload(spec.workload);
  const recorders = recordersOf(spec);
  // What setting up has written would be written back seconds later, in the measurement of some methods.
  await host.run(['sync']);

  const background: BackgroundProgram[] = [];
  try {
    background.push(...(await startBusyLoop(site, spec)));
    const prepared: PreparedRecording[] = [];
    for (const recorder of recorders) prepared.push(await recorder.prepare(site));
    const limitMs = workload.longestMs + clientMarginMs + instrumentsEndMs;
    const senders = await startSenders(site, limitMs, background);
    await delay(heavyRampUpMs);

    const clients = clientsOf(site, workload, spec.seed);
    const save = await record(prepared, (failures) =>
      runClients(host, clients, workload, { background, failures }),
    );
    for (const sender of senders) await endSender(host, sender);
    // When nothing else takes time from the guests.
    for (const one of save) await one();
    return await windowOf(host, clients);
  } finally {
    await stopPrograms(background);
  }
}

/**
 * Starts the recordings in their order, does `load`, and stops them in the opposite one. Those that have been
 * started are stopped also if another one, or the load, fails.
 * @param load gets what rejects if a recording fails meanwhile; it has to end then
 * @returns what is left to do to save what was recorded
 */
async function record(
  recordings: readonly PreparedRecording[],
  load: (failures: readonly Promise<never>[]) => Promise<void>,
): Promise<(() => Promise<void>)[]> {
  const running: Recording[] = [];
  const save: (() => Promise<void>)[] = [];
  try {
    for (const recording of recordings) running.push(await recording.start());
    await load(running.flatMap(({ failure }) => failure ?? []));
    for (let last = running.pop(); last !== undefined; last = running.pop()) {
      const recording = last;
      save.push(async () => recording.save?.());
      await recording.stop();
    }
    return save;
  } catch (error) {
    // What failed first is what there is to know.
    for (const recording of running.toReversed()) await recording.stop().catch(() => undefined);
    throw error;
  }
}

async function startBusyLoop(
  { host, artifactsFolder }: RecordingSite,
  { conditions: { busyCpu } }: RunSpec,
): Promise<BackgroundProgram[]> {
  if (busyCpu === undefined) return [];
  const command = ['taskset', '--cpu-list', `${busyCpu}`, 'sh', '-c', 'while :; do :; done'];
  return [await host.start(command, { outputFile: `${artifactsFolder}/busy-loop.log` })];
}

/** @param background gets each sender: if the next one cannot be started, it is stopped there */
async function startSenders(
  { host, size, artifactsFolder }: RecordingSite,
  limitMs: number,
  background: BackgroundProgram[],
): Promise<BackgroundProgram[]> {
  const senders: BackgroundProgram[] = [];
  for (const [index, link] of heavyLinks(size).entries()) {
    const address = link.guests[0]?.address ?? '';
    const command = workloadCommand(heavySender(address, Math.ceil(limitMs / 1000)));
    const sender = await host.start(
      [...onOutside(link.namespace, cpusOf(size).outside), ...command],
      {
        outputFile: `${artifactsFolder}/${ackedSeriesFile(index)}`,
        logFile: `${artifactsFolder}/heavy-sender-${index}.log`,
      },
    );
    background.push(sender);
    senders.push(sender);
  }
  return senders;
}

async function endSender(host: HostAccess, sender: BackgroundProgram): Promise<void> {
  if (sender.status() !== undefined) await failed(host, 'a Heavy Sender ended early', sender);
  sender.signal('SIGTERM');
  if ((await sender.ended(programEndMs)) !== 0) {
    await failed(host, 'a Heavy Sender failed', sender);
  }
}

/** A client of a Critical RT server, and where it says how it went. */
interface Client {
  readonly command: readonly string[];
  readonly outputFile: string;
  readonly logFile: string;
}

function clientsOf(
  { size, artifactsFolder }: RecordingSite,
  { client }: PlannedWorkload,
  seed: number,
): Client[] {
  const rt = rtLink(size);
  return rt.guests.map(({ address }, index) => ({
    command: [
      ...[...onOutside(rt.namespace, cpusOf(size).outside), 'chrt', '--fifo', '60'],
      ...workloadCommand(client(address, clientSeed(seed, index))),
    ],
    outputFile: `${artifactsFolder}/rt-client-${index}.json`,
    logFile: `${artifactsFolder}/rt-client-${index}.log`,
  }));
}

/**
 * Runs the clients to their end. Instruments record meanwhile: nothing else is done here. That an instrument
 * has failed is heard when all clients run, so that none is started after the others were stopped.
 */
async function runClients(
  host: HostAccess,
  clients: readonly Client[],
  { longestMs }: PlannedWorkload,
  {
    background,
    failures,
  }: { background: BackgroundProgram[]; failures: readonly Promise<never>[] },
): Promise<void> {
  const programs: BackgroundProgram[] = [];
  for (const { command, outputFile, logFile } of clients) {
    const program = await host.start(command, { outputFile, logFile });
    background.push(program);
    programs.push(program);
  }
  const ends = programs.map(async (program) => {
    const status = await program.ended(longestMs + clientMarginMs);
    if (status !== 0) await failed(host, 'an RT client failed', program);
  });
  await Promise.race([Promise.all(ends), ...failures]);
}

/** From the first request of all clients to the last answer. */
async function windowOf(host: HostAccess, clients: readonly Client[]): Promise<MeasuredWindow> {
  const windows = [];
  for (const { outputFile } of clients) {
    windows.push(
      parseValidatedJson(outputFile, await host.readFile(outputFile), clientReportSchema),
    );
  }
  return union(windows);
}

/** Each client has intervals of its own; they repeat only after 2^32 seeds. */
function clientSeed(seed: number, client: number): number {
  return (seed + client * 0x9e3779b1) >>> 0;
}

async function failed(host: HostAccess, what: string, program: BackgroundProgram): Promise<never> {
  const { logFile } = program;
  throw new EvenkeelError(`${what}: ${(await host.readFile(logFile)).trim()}`, {
    fields: { exitStatus: program.status(), logFile },
  });
}

function union(windows: readonly MeasuredWindow[]): MeasuredWindow {
  const [first, ...others] = windows;
  if (first === undefined) throw new EvenkeelError('a run needs a Critical RT server');
  return others.reduce(
    (a, b) => ({
      startNs: a.startNs < b.startNs ? a.startNs : b.startNs,
      endNs: a.endNs > b.endNs ? a.endNs : b.endNs,
    }),
    { startNs: first.startNs, endNs: first.endNs },
  );
}
