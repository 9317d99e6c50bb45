import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { procStatFiles, threadFiles } from '../src/instruments/cpu/artifacts.js';
import { captureFile } from '../src/instruments/wire/artifacts.js';
import { type RunSpec, runSpecDigest } from '../src/plan/run-spec.js';
import { parseRunFacts, type RunFacts } from '../src/run-folder/facts.js';
import { type RunManifest, runManifestSchema } from '../src/run-folder/manifest.js';
import { runFiles } from '../src/run-folder/names.js';
import { RunFolder } from '../src/run-folder/run-folder.js';
import type { HostNs } from '../src/traces/time.js';
import { ackedSeriesFile } from '../src/workloads/bulk-tcp/load.js';
import { temporaryDirectory } from './temporary-directory.js';
import { captureOfResponses } from './workloads/udp-echo/rt-exchange.js';

/** What a synthetic run is to differ in from the others. */
export interface SyntheticRun {
  readonly spec?: Partial<RunSpec>;
  readonly conditions?: Partial<RunSpec['conditions']>;
  readonly manifest?: Partial<Omit<RunManifest, 'spec' | 'specSha256'>>;
  /** Whole microseconds in nanoseconds. */
  readonly responseTimesNs?: readonly bigint[];
}

/** A method of that name that changes nothing. */
export function syntheticMethod(id: string, title = id): RunSpec['method'] {
  return { id, title, summary: 'A method of the tests.', kernel: 'rt', settings: [] };
}

export const syntheticSpec: RunSpec = {
  schema: 'evenkeel.run-spec/1',
  method: {
    ...syntheticMethod('threaded', 'Threaded interrupts'),
    settings: [{ kind: 'threaded-napi', nics: 'rt', why: 'A reason.' }],
  },
  conditions: {
    hostCpus: 2,
    rtVms: 1,
    heavyVms: 2,
    rtServer: 'vm',
    hostMemoryMiB: 1024,
    guestMemoryMiB: 128,
    kernels: 'backports',
    guestKernel: 'backports',
    clock: 'instructions',
  },
  workload: {
    name: 'udp-echo',
    requests: 4,
    minIntervalUs: 100,
    maxIntervalUs: 1000,
    requestBytes: 16,
  },
  instruments: [{ name: 'wire' }, { name: 'throughput' }, { name: 'cpu' }],
  seed: 1,
};

/** The manifest of a run of 1 s on two CPUs. */
export function syntheticManifest({
  spec: specChanges,
  conditions,
  manifest,
}: SyntheticRun = {}): RunManifest {
  const spec = {
    ...syntheticSpec,
    ...specChanges,
    conditions: { ...syntheticSpec.conditions, ...specChanges?.conditions, ...conditions },
  };
  return {
    schema: 'evenkeel.run/2',
    spec,
    specSha256: runSpecDigest(spec),
    evenkeel: '0.1.0',
    kernel: '6.12-rt',
    clock: { kind: 'instructions', nsPerInstruction: 2 },
    versions: { emulator: '10.0.2' },
    hashes: { 'host image': 'a'.repeat(64) },
    hostCpuNumbers: Array.from({ length: spec.conditions.hostCpus }, (_, cpu) => cpu),
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
    window: { startNs: 1_000_000_000n as HostNs, endNs: 2_000_000_000n as HostNs },
    ...manifest,
  };
}

/** `run.json` of a synthetic run. */
export function manifestText(run: SyntheticRun = {}): string {
  return JSON.stringify(z.encode(runManifestSchema, syntheticManifest(run)));
}

/** What analysis knows of a synthetic run. */
export function syntheticFacts(run: SyntheticRun = {}): RunFacts {
  return parseRunFacts(runFiles.manifest, manifestText(run));
}

/** Writes `run.json` and other files of a run into a new folder, and opens it. */
export async function runFolderWith(
  files: Readonly<Record<string, string | Uint8Array>>,
  run: SyntheticRun = {},
): Promise<RunFolder> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, runFiles.manifest), manifestText(run));
  for (const [name, data] of Object.entries(files)) await writeFile(join(directory, name), data);
  return RunFolder.open(directory);
}

/** Writes all that a run with the basic instruments leaves into a new directory. */
export async function writeRunDirectory(directory: string, run: SyntheticRun = {}): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = { [runFiles.manifest]: manifestText(run), ...basicArtifacts(run.responseTimesNs) };
  for (const [name, data] of Object.entries(files)) await writeFile(join(directory, name), data);
}

/** What the basic instruments leave, by name. */
export function basicArtifacts(
  responseTimesNs: readonly bigint[] = [4000n, 1000n, 3000n, 2000n],
): Record<string, string | Uint8Array> {
  return {
    [captureFile]: captureOfResponses(responseTimesNs),
    // 1 and 2 Mbit in the window of one second.
    [ackedSeriesFile(0)]: heavySeries(125_000),
    [ackedSeriesFile(1)]: heavySeries(250_000),
    [procStatFiles.before]: 'cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 5 0 0 0 0 0 0 0 0 0\n',
    [procStatFiles.after]: 'cpu0 50 0 10 30 0 4 6 0 40 0\ncpu1 5 0 0 100 0 0 0 0 0 0\n',
    [threadFiles.before]: threads('100'),
    [threadFiles.after]: threads('400000100'),
  };
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
