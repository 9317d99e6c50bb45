import { join, relative } from 'node:path';
import { readTraceArtifacts, traceFile } from '../../instruments/inversions/artifacts.js';
import { findInversions } from '../../instruments/inversions/find.js';
import { probeFiles, readProbeArtifacts } from '../../instruments/path/artifacts.js';
import { followRequests } from '../../instruments/path/requests.js';
import { EvenkeelError } from '../../process/errors.js';
import type { Result } from '../../results/schema.js';
import { RunFolder } from '../../run-folder/run-folder.js';
import type { ReportFile } from '../reporter.js';
import { runPathsOf } from '../run-paths.js';
import type { PerfettoInput, TraceCaption } from './input.js';
import { perfettoOfInversions } from './inversions.js';
import { perfettoOfPath } from './path.js';
import { renderPerfetto } from './render.js';

const traceName = 'trace.perfetto-trace';

/**
 * A trace for each run of a result that has recorded what passes in time, in the run's folder.
 * @throws EvenkeelError if no run has
 */
export async function perfettoOfRuns(result: Result, directory: string): Promise<ReportFile[]> {
  const files = [];
  for (const path of runPathsOf(result, directory)) {
    const input = await traceOf(await RunFolder.open(path));
    if (input === undefined) continue;
    files.push({
      path: join(relative(directory, path), traceName),
      content: renderPerfetto(input),
    });
  }
  if (files.length === 0) {
    throw new EvenkeelError(`${directory}: no run has probes or a trace of the kernel`, {
      hints: ['`evenkeel path` and `evenkeel inversions` make such runs.'],
    });
  }
  return files;
}

async function traceOf(folder: RunFolder): Promise<PerfettoInput | undefined> {
  const { method, kernel, seed, clock } = folder.facts;
  const caption: TraceCaption = { method: method.id, kernel, seed, clock: clock.kind };
  if (folder.has(probeFiles.description)) {
    return perfettoOfPath(caption, followRequests(await readProbeArtifacts(folder)));
  }
  if (!folder.has(traceFile)) return undefined;
  const { events, rt } = await readTraceArtifacts(folder);
  return perfettoOfInversions(caption, events, findInversions(events, rt));
}
