import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFiles } from '../../instruments/caches/artifacts.js';
import { captureFile } from '../../instruments/wire/artifacts.js';
import { type AgentJob, artifactsFolder, testbedOf } from '../../plan/job.js';
import { runCommand } from '../../process/command.js';
import { afterMove, EvenkeelError, InterruptedError, withHints } from '../../process/errors.js';
import { type HostRun, runEmulatedHost } from './emulated-host.js';
import type { CacheModel, Machine, MemoryImage } from './machine.js';
import { bootOf, type Testbed } from './testbed.js';

/** Everything that the agent records in a run of the paper's 30 s fits into a tenth of it. */
const artifactsBytes = 64 * 2 ** 20;
const extractTimeoutMs = 60_000;
/** What a job may need in its directory: the artifacts as an archive, and unpacked. */
export const jobDiskBytes = 2 * artifactsBytes;

export interface HostJob {
  readonly job: AgentJob;
  /** Of the machine. */
  readonly seed: number;
  /** Initramfs instead of the boot image's, if the user's files follow it. */
  readonly initramfs?: string;
  readonly guestDisk?: MemoryImage;
  readonly outsideRoot?: MemoryImage;
  /** Path of a socket that is the terminal of a shell. */
  readonly terminal?: string;
  readonly cacheModel?: Omit<CacheModel, 'counts'>;
  /** How long a command may run, on the clock of this computer. */
  readonly commandTimeoutMs?: number | undefined;
}

/** What a job leaves in its directory. */
export const jobFiles = {
  job: 'job.json',
  artifacts: 'artifacts.tar',
  /** Only if the user's files are in it. */
  initramfs: 'initramfs',
  console: 'console.log',
  emulatorLog: 'emulator.log',
  events: 'events.jsonl',
  stdout: 'stdout',
  stderr: 'stderr',
} as const;

/**
 * Starts the emulated host with a job, waits for its end, and unpacks the artifacts into `directory`.
 *
 * @param whileRunning called several times a second, and once more at the end
 * @throws EvenkeelError if the job fails; what the host wrote is in `directory` then
 */
export async function runJob(
  testbed: Testbed,
  hostJob: HostJob,
  directory: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning?: () => Promise<void>,
): Promise<HostRun> {
  const machine = machineOf(testbed, hostJob, directory);
  const file = (name: string) => join(directory, name);
  await writeFile(file(jobFiles.job), `${JSON.stringify(hostJob.job)}\n`);
  await writeFile(file(jobFiles.artifacts), '');
  await truncate(file(jobFiles.artifacts), artifactsBytes);
  try {
    onStep('booting the emulated host');
    const run = await runEmulatedHost(
      machine,
      file(jobFiles.emulatorLog),
      onStep,
      signal,
      whileRunning,
      { commandTimeoutMs: hostJob.commandTimeoutMs },
    );
    await extractArtifacts(directory);
    return run;
  } catch (error) {
    if (error instanceof InterruptedError || !(error instanceof EvenkeelError)) throw error;
    // As far as there are any; why there are not all is what `error` says.
    await extractArtifacts(directory).catch(() => undefined);
    throw withLogs(error, directory, await guestHints(directory));
  }
}

/** The emulated host for a job, whose files are in `directory`. */
function machineOf(testbed: Testbed, hostJob: HostJob, directory: string): Machine {
  const { conditions, images } = testbed;
  const { job, seed, initramfs, guestDisk, outsideRoot, terminal, cacheModel } = hostJob;
  const { image } = bootOf(testbed, testbedOf(job).method.kernel);
  const file = (name: string) => join(directory, name);
  return {
    emulator: images.emulator.command,
    clock: conditions.clock,
    seed,
    hostMemoryMiB: conditions.hostMemoryMiB,
    kernel: image.kernel,
    initramfs: initramfs ?? image.initramfs,
    hostRoot: { file: images.hostRoot.image, sizeBytes: images.hostRoot.sizeBytes },
    artifacts: { file: file(jobFiles.artifacts), sizeBytes: artifactsBytes },
    ...(guestDisk === undefined ? {} : { guestDisk }),
    ...(outsideRoot === undefined ? {} : { outsideRoot }),
    job,
    jobFile: file(jobFiles.job),
    ports: {
      console: file(jobFiles.console),
      events: file(jobFiles.events),
      stdout: file(jobFiles.stdout),
      stderr: file(jobFiles.stderr),
      ...(terminal === undefined ? {} : { terminal }),
    },
    capture: file(captureFile),
    ...(cacheModel === undefined
      ? {}
      : { cacheModel: { ...cacheModel, counts: file(cacheFiles.counts) } }),
  };
}

/** The error of a job, with what the guests say, and with the paths that the host's files have here. */
export function withLogs(
  error: EvenkeelError,
  directory: string,
  guestHints: readonly string[],
): unknown {
  const hints = [...guestHints, ...error.hints];
  return afterMove(withHints(error, hints), artifactsFolder, directory);
}

/** What became of the guests, as far as their consoles are there. */
async function guestHints(directory: string): Promise<string[]> {
  const hints = [];
  for (const name of (await readdir(directory)).sort()) {
    const [, guest] = /^console-(.+)\.log$/.exec(name) ?? [];
    if (guest === undefined) continue;
    const path = join(directory, name);
    const text = await readFile(path, 'latin1');
    const [panic] = /Kernel panic.*/.exec(text) ?? [];
    hints.push(
      panic === undefined
        ? `The console of the guest ${guest} is in ${path}.`
        : `The guest ${guest} died: ${panic.trimEnd()}; its console is in ${path}.`,
    );
  }
  return hints;
}

async function extractArtifacts(directory: string): Promise<void> {
  const archive = join(directory, jobFiles.artifacts);
  await runCommand(
    [
      ...(['tar', '--extract', '--file', archive, '--directory', directory] as const),
      ...['--no-same-owner', '--touch'],
    ],
    // Seconds at most, and worth having after Ctrl-C.
    { signal: new AbortController().signal, timeoutMs: extractTimeoutMs },
  );
}
