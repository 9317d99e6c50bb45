import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import {
  type ArtifactFile,
  parseArtifact,
  type RunArtifacts,
  type RunManifest,
  readRunArtifacts,
} from '../run-folder/artifacts.js';
import { readPcap } from '../traces/pcap.js';
import type { Artifact, RunResult } from './schema.js';
import { cpuUsage, parseProcStat } from '../instruments/cpu/cpu-time.js';
import { matchResponses, type ResponseSample } from '../workloads/udp-echo/responses.js';
import { summarize } from '../statistics/statistics.js';
import { threadClassTimes } from '../instruments/cpu/thread-class-time.js';
import { parseAckedSeries, throughputMbps } from '../workloads/bulk-tcp/acked-bytes.js';

export interface AnalyzedRun {
  /** What was run, as `run.json` says. */
  readonly run: RunManifest;
  /** Exact figures; `buildComparison()` rounds them. */
  readonly result: RunResult;
  /** In the order of the requests at the wire. */
  readonly samples: readonly ResponseSample[];
  /** The response times of `samples` in nanoseconds. */
  readonly samplesNs: Float64Array;
}

/**
 * Analyses a run directory; the same directory always gives the same figures.
 * @param resultDirectory where the result will be kept: the paths of the artifacts in the result
 *   are relative to it, so that results do not depend on where they were made.
 * @throws EvenkeelError that names the artifact that is missing or not as expected.
 */
export async function analyzeRun(
  directory: string,
  resultDirectory: string = directory,
): Promise<AnalyzedRun> {
  const artifacts = await readRunArtifacts(directory);
  const { manifest: run } = artifacts;

  const { samples, lost } = parseArtifact(artifacts.rtCapture, (bytes) =>
    matchResponses(readPcap(bytes)),
  );
  const samplesNs = Float64Array.from(samples, ({ responseTimeNs }) => Number(responseTimeNs));
  const heavyMbpsPerVm = artifacts.heavySeries.map((file) =>
    parseArtifact(file, (bytes) => throughputMbps(parseAckedSeries(bytes.toString()), run.window)),
  );

  const result: RunResult = {
    seed: run.seed,
    responseTimeUs: summarize(samplesNs, lost),
    heavyMbps: heavyMbpsPerVm.reduce((sum, mbps) => sum + mbps, 0),
    heavyMbpsPerVm,
    ...hostCpuUsage(artifacts),
    artifacts: artifacts.files.map((file) => hashArtifact(file, resultDirectory)),
  };
  return { run, result, samples, samplesNs };
}

function hostCpuUsage(
  artifacts: RunArtifacts,
): Pick<RunResult, 'cpuTime' | 'cpuUtilization' | 'threadClasses'> {
  const { manifest, procStatBefore, procStatAfter, threadsBefore, threadsAfter } = artifacts;
  const before = parseArtifact(procStatBefore, (bytes) => parseProcStat(bytes.toString()));
  const { capacityNs, ...usage } = parseArtifact(procStatAfter, (bytes) =>
    cpuUsage(before, parseProcStat(bytes.toString()), manifest.hostCpuNumbers),
  );
  return {
    ...usage,
    // The agent reads /proc/stat right before each snapshot of the threads.
    threadClasses: threadClassTimes(threadsBefore, threadsAfter, capacityNs),
  };
}

function hashArtifact({ path, bytes }: ArtifactFile, resultDirectory: string): Artifact {
  return {
    path: relative(resultDirectory, path),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
