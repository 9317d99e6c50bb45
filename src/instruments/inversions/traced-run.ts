import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArtifact, readRunManifest } from '../../run-folder/artifacts.js';
import { artifactNames } from '../../run-folder/names.js';
import { parseTrace } from '../../traces/ftrace.js';
import { findInversions, type InversionReport, type RtSide } from './find.js';

/** What the trace of a run says. */
export interface TracedRun {
  readonly method: string;
  readonly kernel: string;
  readonly seed: number;
  readonly report: InversionReport;
}

/**
 * Analyses the trace of a run that lab/host-scripts/trace-inversions.sh ran beside.
 * @throws EvenkeelError if the run has no trace, or one that cannot be read
 */
export async function analyzeTracedRun(directory: string, rt: RtSide): Promise<TracedRun> {
  const { method, kernel, seed } = await readRunManifest(directory);
  const trace = join(directory, artifactNames.trace);
  const report = parseArtifact({ path: trace, bytes: await readFile(trace) }, (bytes) =>
    findInversions(parseTrace(bytes.toString()), rt),
  );
  return { method: method.id, kernel, seed, report };
}
