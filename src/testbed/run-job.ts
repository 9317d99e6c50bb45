import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { AgentJob } from '../agent/job.js';
import { artifactNames } from '../artifacts/names.js';
import { EvenkeelError } from '../errors.js';
import { type HostRun, runEmulatedHost } from '../lab/emulated-host.js';
import type { MemoryImage } from '../lab/machine.js';
import type { Method } from '../methods/method.js';
import { bootOf, type Testbed } from './testbed.js';

/** Everything that the agent records in a run of the paper's 30 s fits into a tenth of it. */
const artifactsBytes = 64 * 2 ** 20;
const extractTimeoutMs = 60_000;

export interface HostJob {
  readonly method: Method;
  readonly seed: number;
  readonly work: AgentJob['work'];
  /** Initramfs instead of the boot image's, if the user's files follow it. */
  readonly initramfs?: string;
  readonly guestDisk?: MemoryImage;
  /** Path of a socket that is the terminal of a shell. */
  readonly terminal?: string;
}

/** What a job leaves in its directory. */
export const jobFiles = {
  job: 'job.json',
  artifacts: 'artifacts.tar',
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
  { method, seed, work, ...extras }: HostJob,
  directory: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
  whileRunning?: () => Promise<void>,
): Promise<HostRun> {
  const { options, images } = testbed;
  const { image } = bootOf(testbed, method.kernel);
  const file = (name: string) => join(directory, name);
  const job: AgentJob = {
    size: options.size,
    guestMemoryMiB: options.guestMemoryMiB,
    method,
    work,
  };
  await writeFile(file(jobFiles.job), `${JSON.stringify(job)}\n`);
  await writeFile(file(jobFiles.artifacts), '');
  await truncate(file(jobFiles.artifacts), artifactsBytes);
  try {
    onStep('booting the emulated host');
    return await runEmulatedHost(
      {
        emulator: images.emulator.command,
        clock: options.clock,
        seed,
        hostMemoryMiB: options.hostMemoryMiB,
        kernel: image.kernel,
        initramfs: extras.initramfs ?? image.initramfs,
        hostRoot: { file: images.hostRoot.image, sizeBytes: images.hostRoot.sizeBytes },
        artifacts: { file: file(jobFiles.artifacts), sizeBytes: artifactsBytes },
        ...(extras.guestDisk === undefined ? {} : { guestDisk: extras.guestDisk }),
        job,
        jobFile: file(jobFiles.job),
        ports: {
          console: file(jobFiles.console),
          events: file(jobFiles.events),
          stdout: file(jobFiles.stdout),
          stderr: file(jobFiles.stderr),
          ...(extras.terminal === undefined ? {} : { terminal: extras.terminal }),
        },
        capture: file(artifactNames.rtCapture),
      },
      file(jobFiles.emulatorLog),
      onStep,
      signal,
      whileRunning,
    );
  } finally {
    await extractArtifacts(directory);
  }
}

async function extractArtifacts(directory: string): Promise<void> {
  const { exitCode, stderr } = await execa(
    'tar',
    ['--extract', '--file', jobFiles.artifacts, '--no-same-owner', '--touch'],
    { cwd: directory, timeout: extractTimeoutMs, reject: false },
  );
  if (exitCode !== 0)
    throw new EvenkeelError(`cannot unpack the artifacts in ${directory}: ${stderr}`);
}
