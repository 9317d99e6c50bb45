import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { type RunManifest, runManifestSchema } from '../src/run-folder/artifacts.js';
import { artifactNames } from '../src/run-folder/names.js';
import { captureOfResponses } from './workloads/udp-echo/rt-exchange.js';

/** What a synthetic run is to differ in from the others. */
export interface SyntheticRun {
  readonly manifest?: Partial<RunManifest>;
  /** Whole microseconds in nanoseconds. */
  readonly responseTimesNs?: readonly bigint[];
}

/** The manifest of a run that changes nothing. */
export const syntheticManifest: RunManifest = {
  schema: 'evenkeel.run/1',
  method: { id: 'threaded', title: 'Threaded interrupts', settingsSha256: 'c'.repeat(64) },
  kernel: '6.12-rt',
  seed: 1,
  clock: { kind: 'instructions', nsPerInstruction: 2 },
  environment: {
    evenkeel: '0.1.0',
    hostCpus: 2,
    rtVms: 1,
    heavyVms: 2,
    rtServer: 'vm',
    kernels: 'backports',
    guestKernel: 'backports',
    hostMemoryMiB: 1024,
    guestMemoryMiB: 128,
    versions: { emulator: '10.0.2' },
    hashes: { 'host image': 'a'.repeat(64) },
  },
  load: { requests: 4, minIntervalUs: 100, maxIntervalUs: 1000, requestBytes: 16 },
  settings: [
    {
      kind: 'scheduling',
      target: {
        type: 'thread',
        class: 'RT interrupt thread',
        pid: 26,
        tid: 26,
        comm: 'irq/26-enp0s2',
      },
      before: 'SCHED_FIFO 50',
      wanted: 'SCHED_FIFO 50',
      actual: 'SCHED_FIFO 50',
      why: 'RT interrupts go first',
    },
  ],
  hostCpuNumbers: [0, 1],
  window: { startNs: 1_000_000_000n, endNs: 2_000_000_000n },
};

/** A directory that is deleted after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-test-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** Writes the artifacts of a run of 1 s on two CPUs into a new directory. */
export async function writeRunDirectory(
  directory: string,
  { manifest: changes = {}, responseTimesNs = [4000n, 1000n, 3000n, 2000n] }: SyntheticRun = {},
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const write = (name: string, data: string | Uint8Array) => writeFile(join(directory, name), data);

  const run = z.encode(runManifestSchema, { ...syntheticManifest, ...changes });
  await write(artifactNames.manifest, JSON.stringify(run));
  await write(artifactNames.rtCapture, captureOfResponses(responseTimesNs));
  // 1 and 2 Mbit in the window of one second.
  await write(artifactNames.heavySeries(0), heavySeries(125_000));
  await write(artifactNames.heavySeries(1), heavySeries(250_000));
  await write(artifactNames.procStatBefore, 'cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 5 0 0 0 0 0 0 0 0 0\n');
  await write(
    artifactNames.procStatAfter,
    'cpu0 50 0 10 30 0 4 6 0 40 0\ncpu1 5 0 0 100 0 0 0 0 0 0\n',
  );
  await write(artifactNames.threadsBefore, threads('100'));
  await write(artifactNames.threadsAfter, threads('400000100'));
}

function heavySeries(bytesPerSecond: number): string {
  const points = [0, 1, 2, 3].map((seconds) => ({
    tNs: String(seconds * 1_000_000_000),
    bytesAcked: String(seconds * bytesPerSecond),
  }));
  return points.map((point) => `${JSON.stringify(point)}\n`).join('');
}

function threads(runNs: string): string {
  return JSON.stringify([{ tid: 812, pid: 800, comm: 'CPU 0/KVM', class: 'RT vCPU', runNs }]);
}
