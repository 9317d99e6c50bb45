import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachesOptionsSchema } from '../../instruments/caches/geometry.js';
import { clockOf } from '../../plan/clock.js';
import { instrumentPart, type RunSpec, runSpecDigest } from '../../plan/run-spec.js';
import { cpusOf } from '../../plan/topology.js';
import { parseValidatedJson, validated } from '../../process/json.js';
import { evenkeelVersion } from '../../process/version.js';
import { type RunIdentity, siteReportSchema } from '../../run-folder/manifest.js';
import { runFiles } from '../../run-folder/names.js';
import type { Site } from '../site.js';
import type { LabBuilder } from './images/build-lab.js';
import { jobDiskBytes, jobFiles, runJob } from './run-job.js';
import { bootOf, cachePluginOf, prepareTestbed, type Testbed } from './testbed.js';

/**
 * The emulated host as a site for these runs; builds whatever the cache lacks.
 * @param specs one at least, all under the same conditions
 */
export async function prepareLab(builder: LabBuilder, specs: readonly RunSpec[]): Promise<Site> {
  const [first] = specs;
  if (first === undefined) throw new Error('there is no run to prepare the lab for');
  const testbed = await prepareTestbed(
    builder,
    first.conditions,
    specs.map(({ method }) => method),
    { cacheModel: specs.some((spec) => instrumentPart(spec, 'caches') !== undefined) },
  );
  return {
    neededDiskBytes: jobDiskBytes,
    identify: (spec) => identify(testbed, spec),
    execute: async (spec, directory, onStep, signal) => {
      const job = { job: { kind: 'run' as const, spec: specForAgent(spec) }, seed: spec.seed };
      await runJob(testbed, { ...job, ...cacheModel(testbed, spec) }, directory, onStep, signal);
      const path = join(directory, runFiles.agentReport);
      const report = parseValidatedJson(path, await readFile(path, 'utf8'), siteReportSchema);
      const { artifacts, job: jobName, stdout, stderr } = jobFiles;
      for (const name of [runFiles.agentReport, artifacts, jobName, stdout, stderr]) {
        await rm(join(directory, name));
      }
      return report;
    },
  };
}

function identify(testbed: Testbed, spec: RunSpec): RunIdentity {
  const { conditions, method } = spec;
  const { images, guestKernel } = testbed;
  const boot = bootOf(testbed, method.kernel);
  const hostQemu = images.hostRoot.packages['qemu-system-x86'];
  if (hostQemu === undefined) throw new Error('the host root has no package qemu-system-x86');
  const hostKernel = `${method.kernel} host kernel`;
  const hasCaches = instrumentPart(spec, 'caches') !== undefined;
  return {
    spec,
    specSha256: runSpecDigest(spec),
    evenkeel: evenkeelVersion,
    kernel: boot.kernel.release,
    clock: clockOf(conditions.clock, conditions.hostCpus),
    versions: {
      emulator: images.emulator.version,
      'host QEMU': hostQemu,
      'guest kernel': guestKernel.version,
      [hostKernel]: boot.kernel.version,
    },
    hashes: {
      emulator: images.emulator.sha256,
      'host root': images.hostRoot.sha256,
      'guest kernel': guestKernel.sha256,
      [hostKernel]: boot.kernel.sha256,
      [`${method.kernel} host initramfs`]: boot.image.sha256,
      ...(hasCaches ? { 'cache model': cachePluginOf(testbed).sha256 } : {}),
    },
    hostCpuNumbers: cpusOf(conditions).host,
  };
}

/**
 * The spec without what the emulator alone does: the same run has to come out, bit for bit, whatever caches it
 * models.
 */
function specForAgent(spec: RunSpec): RunSpec {
  const instruments = spec.instruments.map((part) =>
    part.name === 'caches' ? { name: part.name } : part,
  );
  return { ...spec, instruments };
}

/** What the emulator needs to model the caches, if the run has that instrument. */
function cacheModel(testbed: Testbed, spec: RunSpec) {
  const part = instrumentPart(spec, 'caches');
  if (part === undefined) return {};
  const { caches } = validated('instrument caches', part, cachesOptionsSchema.loose());
  return { cacheModel: { plugin: cachePluginOf(testbed).path, caches } };
}
