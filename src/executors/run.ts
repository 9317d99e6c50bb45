import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Caches } from '../instruments/caches/geometry.js';
import type { ProbePoint } from '../instruments/path/points.js';
import type { Method } from '../methods/method.js';
import { resultClock } from '../plan/conditions.js';
import { cpusOf } from '../plan/topology.js';
import { requireDiskSpace } from '../process/disk-space.js';
import { afterMove, EvenkeelError } from '../process/errors.js';
import { parseValidatedJson } from '../process/json.js';
import { makeOutputFolder, outputFailure } from '../process/output.js';
import { settingSchema } from '../results/schema.js';
import {
  measuredWindowSchema,
  type RunManifest,
  runManifestSchema,
} from '../run-folder/artifacts.js';
import { withFolder } from '../run-folder/lock.js';
import { artifactNames } from '../run-folder/names.js';
import { sha256 } from '../sites/lab/cache/keys.js';
import { jobDiskBytes, jobFiles, runJob } from '../sites/lab/run-job.js';
import { bootOf, cachePluginOf, environmentOf, type Testbed } from '../sites/lab/testbed.js';

/** What the agent leaves besides the artifacts: the facts of `run.json` that only it knows. */
const agentReportSchema = z.strictObject({
  window: measuredWindowSchema,
  settings: z.array(settingSchema),
});

export interface ExperimentRun {
  readonly method: Method;
  /** Seed of the machine and of the load. */
  readonly seed: number;
  /** Text of a program that runs on the host beside the load. */
  readonly hostScript?: string | undefined;
  /** Points that take time-stamps during the run. */
  readonly probes?: readonly ProbePoint[] | undefined;
  /** Caches whose behaviour the emulator models; the testbed has to have the plugin. */
  readonly caches?: Caches | undefined;
}

/** What `run.json` will say, as far as it is known before the run. */
type PlannedRun = Omit<RunManifest, 'settings' | 'window'>;

/**
 * Runs the experiment once and leaves its artifacts in `directory`. A run that is there already, of the
 * same method, seed, options and images, is kept.
 *
 * @param onStep called with what the emulated host is doing
 * @throws EvenkeelError if the emulated host fails; what it wrote stays in `<directory>.failed`
 */
export async function runExperiment(
  testbed: Testbed,
  run: ExperimentRun,
  directory: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const planned = plan(testbed, run);
  if (await isThere(directory, planned)) {
    onStep('kept from an earlier run');
    return;
  }
  await requireRunFolder(directory);
  const partial = `${directory}.partial`;
  const failed = `${directory}.failed`;
  await withFolder(partial, directory, signal, async () => {
    // What a process that was killed has left.
    for (const name of await readdir(partial)) await rm(join(partial, name), { recursive: true });
    await rm(failed, { recursive: true, force: true });
    try {
      await collect(testbed, run, planned, partial, onStep, signal);
    } catch (error) {
      if (signal.aborted) await rm(partial, { recursive: true, force: true });
      else await rename(partial, failed);
      throw afterMove(error, partial, failed);
    }
    await rm(directory, { recursive: true, force: true });
    await rename(partial, directory);
  });
}

function plan(
  testbed: Testbed,
  { method, seed, hostScript, probes, caches }: ExperimentRun,
): PlannedRun {
  const { options } = testbed;
  return {
    schema: 'evenkeel.run/1',
    method: {
      id: method.id,
      title: method.title,
      settingsSha256: sha256(JSON.stringify(method.settings)),
    },
    kernel: bootOf(testbed, method.kernel).kernel.release,
    seed,
    clock: resultClock(options.clock, options.size),
    environment: environmentOf(testbed, method),
    load: options.load,
    hostCpuNumbers: cpusOf(options.size).host,
    ...(hostScript === undefined ? {} : { hostScriptSha256: sha256(hostScript) }),
    ...(probes === undefined ? {} : { probesSha256: sha256(JSON.stringify(probes)) }),
    ...(caches === undefined ? {} : { caches }),
  };
}

async function isThere(directory: string, planned: PlannedRun): Promise<boolean> {
  const path = join(directory, artifactNames.manifest);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  let manifest: RunManifest;
  try {
    manifest = parseValidatedJson(path, text, runManifestSchema);
  } catch {
    // Another version of this program has made it, or it was damaged: not the same run.
    return false;
  }
  const { settings: _settings, window: _window, ...found } = manifest;
  return isDeepStrictEqual(found, planned);
}

/**
 * Makes sure that a run can leave its artifacts in `directory`; what takes long is better done after that.
 * @throws EvenkeelError if nothing can be written there, or something else is there already
 */
export async function requireRunFolder(directory: string): Promise<void> {
  await makeOutputFolder(dirname(directory), '--out');
  await requireReplaceable(directory);
  await requireDiskSpace(directory, jobDiskBytes, '--out');
}

/** A run replaces another one, but nothing else that the user has there. */
async function requireReplaceable(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw outputFailure(directory, error, 'choose another folder with --out');
  });
  if (names.length > 0 && !names.includes(artifactNames.manifest)) {
    throw new EvenkeelError(`${directory} is not empty, and what is there is no run`, {
      hints: ['Give another folder with --out.'],
    });
  }
}

async function collect(
  testbed: Testbed,
  { method, seed, hostScript, probes, caches }: ExperimentRun,
  planned: PlannedRun,
  directory: string,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { load } = planned;
  const cacheModel = caches && { plugin: cachePluginOf(testbed), caches };
  const job = {
    method,
    seed,
    work: {
      ...({ kind: 'measure', load, seed, hostScript, probes } as const),
      cacheModel: cacheModel !== undefined,
    },
    ...(cacheModel === undefined ? {} : { cacheModel }),
  };
  await runJob(testbed, job, directory, onStep, signal);
  const reportPath = join(directory, 'agent.json');
  const report = parseValidatedJson(
    reportPath,
    await readFile(reportPath, 'utf8'),
    agentReportSchema,
  );
  const { artifacts, stdout, stderr } = jobFiles;
  for (const name of ['agent.json', artifacts, jobFiles.job, stdout, stderr]) {
    await rm(join(directory, name));
  }
  // Written last: a directory without it holds no run.
  const manifest = z.encode(runManifestSchema, { ...planned, ...report });
  await writeFile(
    join(directory, artifactNames.manifest),
    `${JSON.stringify(manifest, undefined, 2)}\n`,
  );
}
