import { createProgress } from '../src/process/progress.js';
import { LabBuilder } from '../src/sites/lab/images/build-lab.js';

/** What builds programs and kernel modules for tests, with its progress on stderr. */
export function labBuilder(): LabBuilder {
  return new LabBuilder({
    signal: new AbortController().signal,
    progress: createProgress(process.stderr, process.env),
  });
}
