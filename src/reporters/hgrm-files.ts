import { captureFile, responsesAtWire, responseTimesNs } from '../instruments/wire/artifacts.js';
import type { MethodResult, Result } from '../results/schema.js';
import { RunFolder } from '../run-folder/run-folder.js';
import { renderHgrm } from './hgrm.js';
import type { ReportFile } from './reporter.js';
import { runPathsOfMethod } from './run-paths.js';

/** For each method a file with the response times of all its seeds. */
export async function hgrmOfMethods(result: Result, directory: string): Promise<ReportFile[]> {
  const files = [];
  for (const method of result.methods) {
    const times = await responseTimesOf(method, directory);
    const seeds = method.runs.map(({ seed }) => seed).join(', ');
    const notes = [`method ${method.id}, kernel ${method.kernel}, seeds ${seeds}`];
    notes.push(`clock: ${result.clock.kind}; response times at the wire, in microseconds`);
    files.push({ path: `${method.id}.hgrm`, content: renderHgrm(times, notes) });
  }
  return files;
}

async function responseTimesOf(method: MethodResult, directory: string): Promise<Float64Array> {
  const all: number[] = [];
  for (const path of runPathsOfMethod(method, directory)) {
    const folder = await RunFolder.open(path);
    if (folder.has(captureFile)) all.push(...responseTimesNs(await responsesAtWire(folder)));
  }
  return Float64Array.from(all);
}
